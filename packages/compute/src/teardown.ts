import {
  type BlockDeviceMapping,
  elevated,
  type Instance,
  isNovaError,
  type NetworkRequestList,
  type RequestContext,
} from '@micronova/model'
import type { NetworkInfo } from '@micronova/virt'
import { setErrorState } from './instance-state.js'
import { cachedNetworkInfo } from './network/network-api.js'
import type { ComputeParts } from './parts.js'
import { releaseVolumes } from './volume/instance-volumes.js'

export interface TeardownOptions {
  /** False where there is nothing to give back, or where a new attempt shall find the networks. Default true. */
  readonly deallocateNetworks?: boolean
  /** What a failed build was asked for. */
  readonly requestedNetworks?: NetworkRequestList | null
}

/**
 * Take a guest off this host: destroy it, then give its networks and volumes back. A guest that is not there is fine.
 *
 * If the guest cannot be powered off its addresses stay with it; after any other failure they are given back all the same.
 *
 * @throws what the driver or the network service threw; for the latter the instance is in ERROR
 * @see nova 26.2.2, `compute/manager.py`, `_shutdown_instance`
 */
export async function teardownGuest(
  parts: ComputeParts,
  requestCtx: RequestContext,
  instance: Instance,
  blockDevices: readonly BlockDeviceMapping[],
  { deallocateNetworks = true, requestedNetworks = null }: TeardownOptions = {},
): Promise<void> {
  const ctx = elevated(requestCtx)
  const { driver, log } = parts
  log.info('Terminating instance', { instanceUuid: instance.uuid })
  await parts.notifications.action(ctx, instance, 'shutdown', 'start', { blockDevices })
  const network = await knownNetwork(parts, ctx, instance)
  try {
    await driver.destroy(ctx, { instance, network, blockDevices })
  } catch (err) {
    if (deallocateNetworks && !isNovaError(err, 'InstancePowerOffFailure')) await deallocate(parts, ctx, instance, requestedNetworks)
    throw err
  }
  if (deallocateNetworks) await deallocate(parts, ctx, instance, requestedNetworks)
  await releaseVolumes(parts, ctx, instance, blockDevices)
  await parts.notifications.action(ctx, instance, 'shutdown', 'end', { blockDevices })
}

/** The network service is asked only if the cache is empty: a guest must not go while its interfaces stay. */
async function knownNetwork({ networks }: ComputeParts, ctx: RequestContext, instance: Instance): Promise<NetworkInfo> {
  const cached = cachedNetworkInfo(instance)
  return cached.length > 0 ? cached : networks.networkInfo(ctx, instance)
}

async function deallocate(
  parts: ComputeParts,
  ctx: RequestContext,
  instance: Instance,
  requested: NetworkRequestList | null,
): Promise<void> {
  try {
    await parts.networks.deallocate(ctx, instance, requested)
  } catch (err) {
    parts.log.error('The networks of the instance could not be given back', { err, instanceUuid: instance.uuid })
    await setErrorState(parts, ctx, instance)
    throw err
  }
}
