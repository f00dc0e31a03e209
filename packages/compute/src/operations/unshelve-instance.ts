import { runSteps, type Step, UndoFailed } from '@micronova/lifecycle'
import type { BlockDeviceMapping, Instance, RequestContext, RequestSpec } from '@micronova/model'
import type { ImageDescription } from '@micronova/virt'
import { atEachStep } from '../at-each-step.js'
import { imageOfInstance } from '../image/image-of-instance.js'
import { ensureLoaded } from '../instance-attributes.js'
import { powerStateOf } from '../instance-state.js'
import { cachedNetworkInfo } from '../network/network-api.js'
import { providerMappingsOf } from '../network/provider-mappings.js'
import { defineOperation, type WireArguments } from '../operation.js'
import type { ComputeParts } from '../parts.js'
import { removeAllocations } from '../placement/index.js'
import type { Claim, ClaimLimits } from '../resource-tracker/index.js'
import { abandonUnshelve, type ScrubbedFields, scrub, unscrub } from '../shelve/abandon-unshelve.js'
import { deleteShelvedImage, forgetShelving } from '../shelve/shelved-state.js'
import { theOnlyNode } from '../the-only-node.js'
import { connectVolumes } from '../volume/instance-volumes.js'

interface UnshelveRequest {
  readonly instance: Instance
  /** As which it was shelved; null: it boots from a volume. */
  readonly image: ImageDescription | null
  readonly limits: ClaimLimits
  readonly node: string | null
  readonly requestSpec: RequestSpec | null
}

interface UnshelveState extends UnshelveRequest {
  readonly parts: ComputeParts
  readonly ctx: RequestContext
  readonly blockDevices: readonly BlockDeviceMapping[]
  claim: Claim | null
}

/**
 * Make the guest of a shelved instance on this host. Wire: `unshelve_instance`, cast, compute 5.0 and 6.0.
 *
 *     volumes -> claim -> spawn -> activate
 *
 * If it fails the instance is shelved as before, without a host and without allocations. Upstream deletes the image before it
 * writes that the guest runs; here it goes last, as until then it is all that there is of the instance.
 *
 * @see nova 26.2.2, `compute/manager.py`, `_unshelve_instance`
 */
export const unshelveInstance = defineOperation({
  method: 'unshelve_instance',
  parameters: ['instance', 'image', 'filter_properties', 'node', 'request_spec', 'accel_uuids'],
  policy: { lock: 'run', event: 'compute_unshelve_instance', recordFault: true, notify: 'unshelve', revertTaskState: true },
  decode: decodeUnshelve,
  async run(parts, ctx, request, signal) {
    const { instance, image } = request
    const blockDevices = await begin(parts, ctx, instance)
    const before = scrub(instance)
    try {
      await runSteps(atEachStep(parts.here, steps(before)), { ...request, parts, ctx, blockDevices, claim: null }, signal)
    } catch (err) {
      parts.log.error('The instance could not be unshelved', { err, instanceUuid: instance.uuid })
      await abandonUnshelve(parts, ctx, instance, before, blockDevices)
      throw err instanceof UndoFailed ? err.failure : err
    }
    if (image !== null) await deleteShelvedImage(parts, ctx, instance, String(image.id))
    await parts.scheduler.update(ctx, [instance])
  },
})

/** @returns its volumes and disks; if nothing can be begun, the instance has nothing on this host */
async function begin(parts: ComputeParts, ctx: RequestContext, instance: Instance): Promise<readonly BlockDeviceMapping[]> {
  const { stores } = parts
  try {
    await ensureLoaded(stores, ctx, instance, ['info_cache', 'flavor', 'system_metadata'])
    const blockDevices = await stores.blockDeviceMappings.listByInstanceUuid(ctx, instance.uuid)
    instance.task_state = 'spawning'
    await stores.instances.save(ctx, instance)
    return blockDevices
  } catch (err) {
    await removeAllocations(parts, ctx, instance)
    throw err
  }
}

/** @param before what of the instance is hidden from the driver until the guest runs */
function steps(before: ScrubbedFields): readonly Step<UnshelveState>[] {
  return [connectVolumesAgain, claimHost, spawnGuest, activateWith(before)]
}

/** Given back by whoever abandons it. */
const connectVolumesAgain: Step<UnshelveState> = {
  name: 'volumes',
  run: ({ parts, ctx, instance, blockDevices }, signal) => connectVolumes(parts, ctx, instance, blockDevices, signal),
}

const claimHost: Step<UnshelveState> = {
  name: 'claim',
  async run(state) {
    const { parts, ctx, instance, image, node, limits } = state
    if (image !== null) instance.image_ref = String(image.id)
    state.claim = await parts.tracker.instanceClaim(ctx, instance, node ?? (await theOnlyNode(parts)), limits)
  },
  async undo({ claim, ctx }) {
    await claim?.abort(ctx)
  },
}

const spawnGuest: Step<UnshelveState> = {
  name: 'spawn',
  async run({ parts, ctx, instance, image, blockDevices, requestSpec }, signal) {
    const { networks, driver, host } = parts
    await networks.setupInstanceNetworkOnHost(ctx, instance, host, { providerMappings: providerMappingsOf(requestSpec) })
    const network = await networks.networkInfo(ctx, instance)
    const request = { instance, network, blockDevices, image: image ?? imageOfInstance(instance), injectedFiles: [], adminPassword: null }
    await driver.spawn(ctx, request, signal)
  },
  async undo({ parts, ctx, instance, blockDevices }) {
    await parts.driver.destroy(ctx, { instance, network: cachedNetworkInfo(instance), blockDevices })
  },
}

function activateWith(before: ScrubbedFields): Step<UnshelveState> {
  return {
    name: 'activate',
    async run({ parts, ctx, instance }) {
      unscrub(instance, before)
      const { vm_state, task_state, power_state, launched_at, system_metadata } = instance
      instance.power_state = await powerStateOf(parts, instance)
      instance.vm_state = 'active'
      instance.task_state = null
      instance.launched_at = new Date(parts.clock.now())
      forgetShelving(instance)
      try {
        await parts.stores.instances.save(ctx, instance, { expectedTaskState: ['spawning'] })
      } catch (err) {
        Object.assign(instance, { vm_state, task_state, power_state, launched_at, system_metadata }) // what follows saves it again
        throw err
      }
    },
  }
}

function decodeUnshelve(args: WireArguments): UnshelveRequest {
  const { limits } = (args.filter_properties ?? {}) as { readonly limits?: ClaimLimits | null }
  return {
    instance: args.instance as Instance,
    image: (args.image as ImageDescription | null) ?? null,
    limits: limits ?? {},
    node: args.node as string | null,
    requestSpec: args.request_spec as RequestSpec | null,
  }
}
