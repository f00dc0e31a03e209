import { runSteps, type Step, UndoFailed } from '@micronova/lifecycle'
import type { BlockDeviceMapping, Instance, Migration, RequestContext } from '@micronova/model'
import type { ImageDescription, NetworkInfo } from '@micronova/virt'
import { atEachStep } from '../at-each-step.js'
import { imageOfInstance } from '../image/image-of-instance.js'
import { ensureLoaded } from '../instance-attributes.js'
import { powerStateOf } from '../instance-state.js'
import { defineOperation } from '../operation.js'
import type { ComputeParts } from '../parts.js'
import { setSize } from '../resize/instance-size.js'
import { withinMove } from '../resize/within-move.js'
import { applyMigrationContext } from '../resource-tracker/index.js'
import { deleteImage } from '../snapshot/take-snapshot.js'
import { connectVolumes, releaseVolumes } from '../volume/instance-volumes.js'

interface Request {
  readonly instance: Instance
  readonly migration: Migration
  readonly snapshotId: string | null
}

interface ArrivingState extends Request {
  readonly parts: ComputeParts
  readonly ctx: RequestContext
  readonly image: ImageDescription
  readonly blockDevices: readonly BlockDeviceMapping[]
  network: NetworkInfo
}

type ArrivingStep = Step<ArrivingState>

/** At the destination: make the guest of the image that has come. Wire: `finish_snapshot_based_resize_at_dest`, call, 5.7 and 6.0. */
export const finishCrossCellAtDestination = defineOperation({
  method: 'finish_snapshot_based_resize_at_dest',
  parameters: ['instance', 'migration', 'snapshot_id'],
  policy: {
    lock: 'run',
    event: 'compute_finish_snapshot_based_resize_at_dest',
    recordFault: true,
    notify: 'resize_finish',
    revertTaskState: true,
    failMigration: true,
  },
  decode: (args): Request => ({
    instance: args.instance as Instance,
    migration: args.migration as Migration,
    snapshotId: (args.snapshot_id ?? null) as string | null,
  }),
  async run(parts, ctx, request, signal) {
    const { instance } = request
    await ensureLoaded(parts.stores, ctx, instance, ['info_cache', 'flavor', 'system_metadata', 'migration_context'])
    await withinMove(parts, ctx, instance, 'active', () => arrive(parts, ctx, request, signal))
    await parts.scheduler.update(ctx, [instance])
  },
})

async function arrive(parts: ComputeParts, ctx: RequestContext, request: Request, signal: AbortSignal): Promise<void> {
  const { instance, migration, snapshotId } = request
  const { image_ref: ownImage } = instance
  const image = snapshotId === null ? imageOfInstance(instance) : { ...(await parts.images.get(ctx, snapshotId)), id: snapshotId }
  if (snapshotId !== null) instance.image_ref = snapshotId
  instance.old_flavor = instance.flavor
  if (migration.migration_type === 'resize' && instance.new_flavor) setSize(instance, instance.new_flavor)
  applyMigrationContext(instance, 'new')
  instance.task_state = 'resize_finish'
  await parts.stores.instances.save(ctx, instance, { expectedTaskState: ['resize_migrated'] })
  const blockDevices = await parts.stores.blockDeviceMappings.listByInstanceUuid(ctx, instance.uuid)
  try {
    await runSteps(atEachStep(parts.here, arrivingSteps), { ...request, parts, ctx, image, blockDevices, network: [] }, signal)
  } catch (err) {
    if (!(err instanceof UndoFailed)) throw err
    parts.log.error('What has come of the guest could not be removed', { err, instanceUuid: instance.uuid })
    throw err.failure
  }
  await settle(parts, ctx, request, ownImage)
}

const joinVolumes: ArrivingStep = {
  name: 'volumes',
  run: ({ parts, ctx, instance, blockDevices }, signal) => connectVolumes(parts, ctx, instance, blockDevices, signal),
  undo: ({ parts, ctx, instance, blockDevices }) => releaseVolumes(parts, ctx, instance, blockDevices),
}

const movePorts: ArrivingStep = {
  name: 'ports',
  async run(state) {
    const { parts, ctx, instance, migration } = state
    await parts.networks.migrateInstanceFinish(ctx, instance, migration.dest_compute ?? '')
    state.network = await parts.networks.networkInfo(ctx, instance)
  },
  async undo({ parts, ctx, instance, migration }) {
    await parts.networks.migrateInstanceStart(ctx, instance, migration.source_compute ?? '')
  },
}

const spawnGuest: ArrivingStep = {
  name: 'spawn',
  async run({ parts, ctx, instance, image, network, blockDevices }, signal) {
    const powerOn = instance.system_metadata.old_vm_state === 'active'
    const guest = { instance, network, blockDevices, image, injectedFiles: [], adminPassword: null, powerOn }
    await parts.driver.spawn(ctx, guest, signal)
  },
  /** The instance is its source's still. */
  undo: ({ parts, ctx, instance, network, blockDevices }) => parts.driver.destroy(ctx, { instance, network, blockDevices }),
}

const arrivingSteps: readonly ArrivingStep[] = [joinVolumes, movePorts, spawnGuest]

/** With its host the instance is counted here; the image was for the journey alone. */
async function settle(
  parts: ComputeParts,
  ctx: RequestContext,
  { instance, migration, snapshotId }: Request,
  ownImage: string | null,
): Promise<void> {
  const { stores, clock } = parts
  if (snapshotId !== null) {
    instance.image_ref = ownImage
    await deleteImage(parts, ctx, instance, snapshotId)
  }
  migration.status = 'finished'
  await stores.migrations.save(ctx, migration)
  instance.power_state = await powerStateOf(parts, instance)
  instance.vm_state = 'resized'
  instance.task_state = null
  instance.launched_at = new Date(clock.now())
  instance.host = migration.dest_compute
  instance.node = migration.dest_node
  await stores.instances.save(ctx, instance, { expectedTaskState: ['resize_finish'] })
}
