import { runSteps } from '@micronova/lifecycle'
import { type Instance, isNovaError, type RequestContext } from '@micronova/model'
import type { SpawnFeature } from '@micronova/virt'
import { atEachStep } from '../at-each-step.js'
import { defineOperation } from '../operation.js'
import type { ComputeParts } from '../parts.js'
import { removeAllocations } from '../placement/index.js'
import { theOnlyNode } from '../the-only-node.js'
import { activate } from './activate.js'
import { prepareBlockDevices } from './block-devices.js'
import { claimResources } from './claim.js'
import { abortedBecause, isDisappeared, judgeBuildFailure } from './failures.js'
import { type BuildResult, giveUpBuild } from './give-up.js'
import { beginNetworks } from './networks.js'
import { type BuildRequest, decodeBuildRequest } from './request.js'
import { spawnGuest } from './spawn.js'
import type { BuildState, BuildStep } from './state.js'

/**
 * The order of a build:
 *
 *     claim -> networks (begun) -> block devices -> spawn (networks awaited) -> activate
 */
export const buildSteps: readonly BuildStep[] = [claimResources, beginNetworks, prepareBlockDevices, spawnGuest, activate]

/** Build an instance and start it. Wire: `build_and_run_instance`, cast, compute 5.0 and 6.0. */
export const buildAndRunInstance = defineOperation({
  method: 'build_and_run_instance',
  parameters: [
    'instance',
    'image',
    'request_spec',
    'filter_properties',
    'accel_uuids',
    ['admin_password', null],
    ['injected_files', null],
    ['requested_networks', null],
    ['security_groups', null],
    ['block_device_mapping', null],
    ['node', null],
    ['limits', null],
    ['host_list', null],
  ],
  policy: {
    lock: 'all',
    buildSlot: true,
    event: 'compute__do_build_and_run_instance',
    recordFault: true,
    revertTaskState: true,
  },
  decode: decodeBuildRequest,
  async run(parts, ctx, request, signal) {
    if (!(await acceptBuild(parts, ctx, request.instance))) return
    const node = request.node ?? (await theOnlyNode(parts))
    let result: BuildResult = 'failed'
    try {
      result = await build(parts, ctx, request, node, signal)
    } finally {
      // One that goes to another host has given them back before.
      if (result === 'failed' || result === 'failed_by_policy') await removeAllocations(parts, ctx, request.instance)
      countBuild(parts, node, result)
    }
  },
})

/** @returns false if the instance is gone or another operation has it: there is nothing to build */
async function acceptBuild(parts: ComputeParts, ctx: RequestContext, instance: Instance): Promise<boolean> {
  const { stores, log } = parts
  instance.vm_state = 'building'
  instance.task_state = null
  try {
    await stores.instances.save(ctx, instance, { expectedTaskState: ['scheduling', null] })
    return true
  } catch (err) {
    if (!isNovaError(err, 'InstanceNotFound') && !isNovaError(err, 'UnexpectedTaskStateError')) throw err
    log.debug(`There is nothing to build: ${err.message}`, { instanceUuid: instance.uuid })
    if (isDisappeared(err)) await removeAllocations(parts, ctx, instance)
    return false
  }
}

async function build(
  parts: ComputeParts,
  ctx: RequestContext,
  request: BuildRequest,
  node: string,
  signal: AbortSignal,
): Promise<BuildResult> {
  const { instance, blockDevices } = request
  const state: BuildState = { parts, ctx, request, node, claim: null, allocation: null, network: [], guestRan: false }
  const began = parts.clock.monotonicMs()
  try {
    // Kept with the instance, as later readers ask which roles it was booted with.
    instance.system_metadata = { ...instance.system_metadata, boot_roles: ctx.roles.join(',') }
    await parts.notifications.create(ctx, instance, 'start', { blockDevices, image: String(request.image.name ?? '') })
    checkFeatures(parts, request)
    await runSteps(atEachStep(parts.here, buildSteps), state, signal)
  } catch (err) {
    await parts.notifications.create(ctx, instance, 'error', { blockDevices, failure: err })
    return giveUpBuild(parts, ctx, request, judgeBuildFailure(instance, err, state.guestRan))
  }
  parts.log.info(`Took ${((parts.clock.monotonicMs() - began) / 1000).toFixed(2)} seconds to build instance.`, {
    instanceUuid: instance.uuid,
  })
  await parts.scheduler.update(ctx, [instance])
  await parts.notifications.create(ctx, instance, 'end', { blockDevices, network: state.network })
  return 'active'
}

/** @throws NovaError `BuildAbortException` if the request needs what this driver does not honour */
function checkFeatures({ driver }: ComputeParts, { instance, networks, blockDevices }: BuildRequest): void {
  const requires = (needed: boolean, feature: SpawnFeature, reason: string) => {
    if (needed && !driver.spawnFeatures.has(feature)) throw abortedBecause(instance, undefined, reason)
  }
  const tagged = [...(networks.networks?.objects ?? []), ...blockDevices].some((device) => device.objIsSet('tag') && device.tag !== null)
  const certified = instance.objIsSet('trusted_certs') && instance.trusted_certs !== null
  requires(tagged, 'device_tagging', 'Attempt to boot guest with tagged devices on host that does not support tagging.')
  requires(certified, 'trusted_certs', 'Trusted image certificates provided on host that does not support certificate validation.')
}

function countBuild({ tracker, settings }: ComputeParts, node: string, result: BuildResult): void {
  if (result === 'active') tracker.buildSucceeded(node)
  else if ((result === 'failed' || result === 'rescheduled') && settings.countFailedBuilds) tracker.buildFailed(node)
}
