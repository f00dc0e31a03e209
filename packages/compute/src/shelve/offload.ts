import type { BlockDeviceMapping, Instance, RequestContext } from '@micronova/model'
import { forgetHost, powerStateOf, updateUsage } from '../instance-state.js'
import { shutdownTiming } from '../operations/shutdown-timing.js'
import type { ComputeParts } from '../parts.js'
import { reserveVolumes } from '../volume/instance-volumes.js'

/**
 * Take a shelved instance off this host. Its networks and volumes stay its own, its allocations go before anybody can see
 * that it is offloaded.
 *
 * May be repeated from its beginning as long as its task state is there.
 *
 * @see nova 26.2.2, `compute/manager.py`, `_shelve_offload_instance`
 */
export async function offload(
  parts: ComputeParts,
  ctx: RequestContext,
  instance: Instance,
  blockDevices: readonly BlockDeviceMapping[],
  { clean }: { readonly clean: boolean },
): Promise<void> {
  const { driver, stores, settings, networks, placement } = parts
  if (await driver.guestExists(instance.uuid)) await driver.powerOff(instance, shutdownTiming(settings, instance, clean))
  const powerState = await powerStateOf(parts, instance)
  const network = await networks.networkInfo(ctx, instance)
  await driver.destroy(ctx, { instance, network, blockDevices })
  await reserveVolumes(parts, ctx, instance, blockDevices)
  await placement.deleteAllocations(ctx, instance.uuid, { force: true })
  instance.power_state = powerState
  instance.vm_state = 'shelved_offloaded'
  instance.task_state = null
  await stores.instances.save(ctx, instance, { expectedTaskState: ['shelving', 'shelving_offloading'] })
  await leaveHost(parts, ctx, instance)
}

/** Nothing of it is here any more. Usage is counted by the vm state, so first that is written and then the host goes. */
export async function leaveHost(parts: ComputeParts, ctx: RequestContext, instance: Instance): Promise<void> {
  await updateUsage(parts, ctx, instance)
  forgetHost(instance)
  await parts.stores.instances.save(ctx, instance)
  await parts.scheduler.remove(ctx, instance.uuid)
}
