import { type Instance, isNovaError, powerStates, type RequestContext } from '@micronova/model'
import type { SnapshotPhase } from '@micronova/virt'
import { ensureLoaded } from '../instance-attributes.js'
import { powerStateOf } from '../instance-state.js'
import { notImplemented } from '../not-implemented.js'
import { defineOperation } from '../operation.js'
import type { ComputeParts } from '../parts.js'
import { offload } from '../shelve/offload.js'
import { rememberShelving } from '../shelve/shelved-state.js'
import { deleteImage } from '../snapshot/take-snapshot.js'
import { shutdownTiming } from './shutdown-timing.js'

/**
 * Stop a guest and keep its disk as an image; unless `shelved_offload_time` says otherwise it leaves this host at once.
 * Wire: `shelve_instance`, cast, compute 5.0 and 6.0.
 *
 * Task states: shelving (-> shelving_image_pending_upload) -> shelving_image_uploading (-> shelving_offloading) -> none.
 */
export const shelveInstance = defineOperation({
  method: 'shelve_instance',
  parameters: ['instance', 'image_id', 'clean_shutdown', 'accel_uuids'],
  policy: { lock: 'run', event: 'compute_shelve_instance', recordFault: true, notify: 'shelve', revertTaskState: true },
  decode: (args) => ({
    instance: args.instance as Instance,
    imageId: String(args.image_id),
    clean: args.clean_shutdown === true,
  }),
  async run(parts, ctx, { instance, imageId, clean }) {
    const { stores, settings } = parts
    await ensureLoaded(stores, ctx, instance, ['flavor', 'system_metadata'])
    const leavesAtOnce = settings.shelvedOffloadSeconds === 0
    const blockDevices = leavesAtOnce ? await stores.blockDeviceMappings.listByInstanceUuid(ctx, instance.uuid) : []
    await imageOfStopped(parts, ctx, instance, imageId, clean)
    rememberShelving(instance, imageId, parts.host, parts.clock.now())
    instance.vm_state = 'shelved'
    instance.task_state = leavesAtOnce ? 'shelving_offloading' : null
    instance.power_state = await powerStateOf(parts, instance)
    await stores.instances.save(ctx, instance, { expectedTaskState: ['shelving', 'shelving_image_uploading'] })
    if (leavesAtOnce) await offload(parts, ctx, instance, blockDevices, { clean: false })
  },
})

const phases: Readonly<Record<SnapshotPhase, string>> = {
  image_pending_upload: 'shelving_image_pending_upload',
  image_uploading: 'shelving_image_uploading',
}

/** Upstream leaves the image of a failed attempt behind, without data. */
async function imageOfStopped(
  { driver, stores, settings, ...parts }: ComputeParts,
  ctx: RequestContext,
  instance: Instance,
  imageId: string,
  clean: boolean,
): Promise<void> {
  const ability = driver.snapshots ?? notImplemented()
  try {
    // A paused guest cannot shut itself down.
    await driver.powerOff(instance, shutdownTiming(settings, instance, clean && instance.power_state !== powerStates.paused))
    await ability.snapshot(ctx, instance, imageId, async (phase, before) => {
      instance.task_state = phases[phase]
      await stores.instances.save(ctx, instance, { expectedTaskState: [before === undefined ? 'shelving' : phases[before]] })
    })
  } catch (err) {
    if (!isNovaError(err, 'ImageNotFound')) await deleteImage(parts, ctx, instance, imageId)
    throw err
  }
}
