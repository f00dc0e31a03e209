import { elevated, isNovaError, type Migration, novaError, type RequestContext } from '@micronova/model'
import type { ImageDescription } from '@micronova/virt'
import { imageOfInstance } from '../image/image-of-instance.js'
import { ensureLoaded } from '../instance-attributes.js'
import { defineOperation } from '../operation.js'
import type { ComputeParts } from '../parts.js'
import { refusal, withinMove } from '../resize/within-move.js'
import { theOnlyNode } from '../the-only-node.js'
import { imageName, rebuildHere } from './rebuild-here.js'
import { decodeRebuild, type RebuildRequest } from './request.js'

/**
 * Make a guest anew, of another image or of its own; on its host, or on this one because its host is gone (evacuation).
 * Wire: `rebuild_instance`, cast, compute 5.0 to 6.1.
 *
 * Task states: rebuilding -> rebuild_block_device_mapping -> rebuild_spawning -> none. An instance that was stopped is stopped again.
 */
export const rebuildInstance = defineOperation({
  method: 'rebuild_instance',
  parameters: [
    'instance',
    'orig_image_ref',
    'image_ref',
    'injected_files',
    'new_pass',
    'orig_sys_metadata',
    'bdms',
    'recreate',
    'on_shared_storage',
    'preserve_ephemeral',
    'migration',
    'scheduled_node',
    'limits',
    'request_spec',
    'accel_uuids',
    ['reimage_boot_volume', null],
  ],
  policy: {
    lock: 'run',
    event: 'compute_rebuild_instance',
    recordFault: true,
    revertTaskState: true,
    expected: ['PreserveEphemeralNotSupported', 'BuildAbortException'],
  },
  decode: decodeRebuild,
  async run(parts, requestCtx, request, signal) {
    const ctx = elevated(requestCtx)
    const { instance, isEvacuation } = request
    parts.log.info(isEvacuation ? 'Evacuating instance' : 'Rebuilding instance', { instanceUuid: instance.uuid })
    await ensureLoaded(parts.stores, ctx, instance, ['info_cache', 'flavor', 'system_metadata'])
    const image = await imageFor(parts, ctx, request)
    const node = request.node ?? (isEvacuation ? await theOnlyNode(parts) : (instance.node ?? (await theOnlyNode(parts))))
    await withinMove(parts, ctx, instance, instance.vm_state, () => settling(parts, ctx, request, node, image, signal))
  },
})

/** An evacuation takes the image that the instance remembers. */
async function imageFor(
  { images }: ComputeParts,
  ctx: RequestContext,
  { instance, imageId, isEvacuation }: RebuildRequest,
): Promise<ImageDescription> {
  if (imageId !== null) return { ...(await images.get(ctx, imageId)), id: imageId }
  return isEvacuation ? imageOfInstance(instance) : {}
}

/** What becomes of the migration and of the allocations, however the rebuild ends. */
async function settling(
  parts: ComputeParts,
  ctx: RequestContext,
  request: RebuildRequest,
  node: string,
  image: ImageDescription,
  signal: AbortSignal,
): Promise<void> {
  const { instance, migration } = request
  const action = request.isEvacuation ? 'evacuate' : 'rebuild'
  try {
    await rebuildHere(parts, ctx, request, { node, image }, signal)
    await parts.notifications.rebuild(ctx, instance, 'end', { action, image: imageName(image) })
  } catch (err) {
    await parts.notifications.rebuild(ctx, instance, 'error', { action, failure: err })
    await setFailed(parts, ctx, migration)
    if (isNovaError(err, 'InstanceNotFound') || isNovaError(err, 'UnexpectedDeletingTaskStateError')) {
      parts.log.debug('The instance was deleted while it was rebuilt', { instanceUuid: instance.uuid })
      return
    }
    await giveUpPlace(parts, ctx, request, node)
    if (!isNovaError(err, 'ComputeResourcesUnavailable')) throw err
    parts.log.debug(`The instance cannot be rebuilt on this host: ${err.message}`, { instanceUuid: instance.uuid })
    throw refusal(novaError('BuildAbortException', { instance_uuid: instance.uuid, reason: err.message }, { cause: err }))
  }
  await parts.tracker.moves.finishEvacuation(ctx, instance, node, migration)
}

async function setFailed({ stores, log }: ComputeParts, ctx: RequestContext, migration: Migration | null): Promise<void> {
  if (migration === null) return
  migration.status = 'failed'
  try {
    await stores.migrations.save(ctx, migration)
  } catch (err) {
    log.warning(`The migration ${migration.uuid} could not be set to failed`, { err })
  }
}

/** What the scheduler gave an evacuation of this host; what the instance has of its own host is not touched. */
async function giveUpPlace(
  parts: ComputeParts,
  ctx: RequestContext,
  { instance, isEvacuation }: RebuildRequest,
  node: string,
): Promise<void> {
  const provider = parts.tracker.nodes.get(node)?.uuid
  if (!isEvacuation || provider === undefined) return
  try {
    if (await parts.placement.removeFromProvider(ctx, instance.uuid, provider)) return
    parts.log.error(`The allocations of the evacuated instance on ${provider} could not be removed`, { instanceUuid: instance.uuid })
  } catch (err) {
    parts.log.error(`The allocations of the evacuated instance on ${provider} could not be removed`, { err, instanceUuid: instance.uuid })
  }
}
