import { type Instance, isNovaError, type RequestContext } from '@micronova/model'
import { recordFault, traceback } from '@micronova/rpcapi'
import { forgetHost, setErrorState } from '../instance-state.js'
import { cachedNetworkInfo, wantsNoNetwork } from '../network/network-api.js'
import type { ComputeParts } from '../parts.js'
import { removeAllocations } from '../placement/index.js'
import { cleanUpVolumes } from '../volume/instance-volumes.js'
import type { BuildVerdict } from './failures.js'
import type { BuildRequest } from './request.js'

/** How a build ended; the resource tracker counts by it. */
export type BuildResult = 'active' | 'failed' | 'failed_by_policy' | 'rescheduled' | 'rescheduled_by_policy'

/** Guest and claim are gone; give back the networks and send the instance to where `verdict` says. */
export async function giveUpBuild(
  parts: ComputeParts,
  ctx: RequestContext,
  request: BuildRequest,
  verdict: BuildVerdict,
): Promise<BuildResult> {
  const { instance, filterProperties } = request
  await cleanUpNetworks(parts, ctx, request)
  if (verdict.kind === 'disappeared') {
    parts.log.debug('Instance disappeared during build', { instanceUuid: instance.uuid })
    return 'failed'
  }
  if (verdict.kind === 'rescheduled' && Object.keys(filterProperties.retry ?? {}).length > 0) {
    await reschedule(parts, ctx, request, verdict)
    return verdict.byPolicy ? 'rescheduled_by_policy' : 'rescheduled'
  }
  if (verdict.kind === 'aborted') await cleanUpVolumes(parts, ctx, instance, request.blockDevices, { detach: true })
  parts.log.error(verdict.error.message, { err: verdict.error.cause, instanceUuid: instance.uuid })
  await recordFault(parts, ctx, instance, verdict.error, verdict.kind === 'rescheduled' ? verdict.reason : undefined)
  forgetHost(instance)
  await setErrorState(parts, ctx, instance, { clearTaskState: true })
  return verdict.kind === 'rescheduled' && verdict.byPolicy ? 'failed_by_policy' : 'failed'
}

async function reschedule(
  parts: ComputeParts,
  ctx: RequestContext,
  request: BuildRequest,
  { error, reason }: Extract<BuildVerdict, { kind: 'rescheduled' }>,
): Promise<void> {
  const { instance, filterProperties } = request
  const { stores, conductor, log } = parts
  log.info(`The build goes to another host: ${reason}`, { instanceUuid: instance.uuid })
  forgetHost(instance)
  instance.task_state = 'scheduling'
  await stores.instances.save(ctx, instance)
  // Before the conductor claims another host for it.
  await removeAllocations(parts, ctx, instance)
  const exc = traceback(error).split(/(?<=\n)/)
  await conductor.buildInstances(ctx, {
    instances: [instance],
    image: request.image,
    filterProperties: { ...filterProperties, retry: { ...filterProperties.retry, exc, exc_reason: reason } },
    adminPassword: request.adminPassword,
    injectedFiles: request.injectedFiles,
    requestedNetworks: request.networks.networks,
    securityGroups: request.networks.securityGroups,
    blockDeviceMapping: request.blockDeviceList,
    requestSpec: request.requestSpec,
    hostLists: request.hostList === null ? null : [request.hostList],
  })
}

/**
 * Unplug and deallocate, and note that nothing is allocated. What goes wrong here is logged: the build has failed already.
 * @see nova 26.2.2, `compute/manager.py`, `_cleanup_allocated_networks`
 */
async function cleanUpNetworks(parts: ComputeParts, ctx: RequestContext, { instance, networks }: BuildRequest): Promise<void> {
  try {
    await unplug(parts, ctx, instance)
    if (!wantsNoNetwork(networks.networks)) await parts.networks.deallocate(ctx, instance, networks.networks)
    instance.system_metadata = { ...instance.system_metadata, network_allocated: 'False' }
    await parts.stores.instances.save(ctx, instance)
  } catch (err) {
    if (isNovaError(err, 'InstanceNotFound')) return // deleted: then nobody asks
    parts.log.error('The networks of a failed build could not be cleaned up', { err, instanceUuid: instance.uuid })
  }
}

/** The build may never have come to plugging: then this fails, and that is fine. */
async function unplug({ networks, driver, log }: ComputeParts, ctx: RequestContext, instance: Instance): Promise<void> {
  const cached = cachedNetworkInfo(instance)
  const network = cached.length > 0 ? cached : await networks.networkInfo(ctx, instance)
  try {
    await driver.vifPlugging?.unplugVifs(instance, network)
  } catch (err) {
    log.warning('The interfaces of a failed build could not be unplugged', { err, instanceUuid: instance.uuid })
  }
}
