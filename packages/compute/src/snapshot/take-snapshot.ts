import { elevated, type Instance, isNovaError, powerStates, type RequestContext, type TaskState } from '@micronova/model'
import { powerStateOf } from '../instance-state.js'
import { notImplemented } from '../not-implemented.js'
import type { ComputeParts } from '../parts.js'

export interface SnapshotRequest {
  readonly instance: Instance
  /** The API has made it in Glance, without data. */
  readonly imageId: string
  /** As it is when the snapshot begins. */
  readonly taskState: TaskState
}

/**
 * Make an image of a guest. An instance that is deleted meanwhile, and an image that is, end it without an error.
 *
 * Task states: `taskState` (-> image_pending_upload) -> image_uploading -> none.
 *
 * @throws whatever else the driver throws; the image is deleted then
 * @see nova 26.2.2, `compute/manager.py`, `_snapshot_instance` and `delete_image_on_error`
 */
export async function takeSnapshot(parts: ComputeParts, requestCtx: RequestContext, request: SnapshotRequest): Promise<void> {
  const { instance, imageId } = request
  const ctx = elevated(requestCtx)
  try {
    await snapshot(parts, ctx, request)
  } catch (err) {
    if (goneKinds.some((kind) => isNovaError(err, kind))) {
      parts.log.debug('The instance disappeared during its snapshot', { instanceUuid: instance.uuid })
      await deleteUnlessActive(parts, ctx, instance, imageId)
    } else if (isNovaError(err, 'ImageNotFound')) {
      parts.log.warning('The image of the snapshot is gone', { instanceUuid: instance.uuid })
      instance.task_state = null
      await parts.stores.instances.save(ctx, instance)
    } else {
      await deleteImage(parts, requestCtx, instance, imageId)
      throw err
    }
  }
}

const goneKinds = ['InstanceNotFound', 'InstanceNotRunning', 'UnexpectedDeletingTaskStateError'] as const

async function snapshot(parts: ComputeParts, ctx: RequestContext, { instance, imageId, taskState }: SnapshotRequest): Promise<void> {
  const { stores, driver, log, clock } = parts
  const { uuid: instanceUuid } = instance
  instance.power_state = await powerStateOf(parts, instance)
  await stores.instances.save(ctx, instance)
  if (instance.power_state !== powerStates.running)
    log.warning(`The guest does not run while its snapshot is taken (power state ${instance.power_state})`, { instanceUuid })
  await parts.notifications.snapshot(ctx, instance, 'start', imageId)
  const began = clock.monotonicMs()
  await (driver.snapshots ?? notImplemented()).snapshot(ctx, instance, imageId, async (phase, before) => {
    instance.task_state = phase
    await stores.instances.save(ctx, instance, { expectedTaskState: [before ?? taskState] })
  })
  log.info(`Took ${((clock.monotonicMs() - began) / 1000).toFixed(2)} seconds to snapshot the instance on the hypervisor.`, {
    instanceUuid,
  })
  instance.task_state = null
  await stores.instances.save(ctx, instance, { expectedTaskState: ['image_uploading'] })
  await parts.notifications.snapshot(ctx, instance, 'end', imageId)
}

type ImageParts = Pick<ComputeParts, 'images' | 'log'>

/** It may have got its data all the same. */
export async function deleteUnlessActive(parts: ImageParts, ctx: RequestContext, instance: Instance, imageId: string): Promise<void> {
  await withoutFailing(parts, instance, imageId, async () => {
    if ((await parts.images.get(ctx, imageId)).status !== 'active') await parts.images.delete(ctx, imageId)
  })
}

/** Of a snapshot that failed. */
export function deleteImage(parts: ImageParts, ctx: RequestContext, instance: Instance, imageId: string): Promise<void> {
  return withoutFailing(parts, instance, imageId, () => parts.images.delete(ctx, imageId))
}

async function withoutFailing(
  { log }: ImageParts,
  { uuid: instanceUuid }: Instance,
  imageId: string,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work()
  } catch (err) {
    if (isNovaError(err, 'ImageNotFound')) return
    log.warning(`The image ${imageId} could not be deleted`, { err, instanceUuid })
  }
}
