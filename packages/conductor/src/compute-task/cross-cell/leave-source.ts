import { isNovaError } from '@micronova/model'
import { asEvent } from '../scope.js'
import type { MoveStep } from './move-state.js'
import { createSnapshotImage, deleteSnapshotImage } from './snapshot-image.js'

/** The root disk goes as an image, unless it is a volume. */
export const makeImage: MoveStep = {
  name: 'make_image',
  async run(state) {
    const { deps, ctx, source, requestSpec } = state
    if (!requestSpec.is_bfv) state.imageId = await createSnapshotImage(deps, ctx, source.instance)
  },
  async undo({ deps, ctx, imageId }) {
    if (imageId !== null) await deleteSnapshotImage(deps, ctx, imageId)
  },
}

/** The guest is stopped, written to the image and removed; its disks stay until the user has decided. */
export const leaveSource: MoveStep = {
  name: 'leave_source',
  async run(state) {
    const { deps, ctx, flavor, imageId, source, target } = state
    const { instance, migration, scope } = source
    instance.system_metadata = { ...instance.system_metadata, old_vm_state: instance.vm_state ?? 'active' }
    instance.task_state = 'resize_migrating'
    instance.old_flavor = instance.flavor
    instance.new_flavor = flavor.objClone()
    await scope.stores.instances.save(ctx, instance, { expectedTaskState: ['resize_prep'] })
    const teller = { host: migration.source_compute ?? '', log: deps.log }
    // The compute records it in its own cell; the user will look into the other one.
    await asEvent(teller, target.scope, ctx, instance.uuid, 'compute_prep_snapshot_based_resize_at_source', () =>
      scope.compute.prepSnapshotBasedResizeAtSource(ctx, { instance, migration, snapshotId: imageId }),
    )
    state.hasLeft = true
  },
  /** What the compute has made of the vm state holds; a guest that has gone is for its user to start again. */
  async undo({ ctx, source, hasLeft }) {
    const { instances } = source.scope.stores
    try {
      const stored = await instances.getByUuid(ctx, source.instance.uuid, ['flavor', 'system_metadata'])
      const { old_vm_state: _, ...metadata } = stored.system_metadata
      stored.system_metadata = metadata
      stored.old_flavor = null
      stored.new_flavor = null
      if (hasLeft) stored.vm_state = 'error'
      await instances.save(ctx, stored)
    } catch (err) {
      if (!isNovaError(err, 'InstanceNotFound')) throw err
    }
  },
}
