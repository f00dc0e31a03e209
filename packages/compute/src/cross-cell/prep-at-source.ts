import { runSteps, type Step, UndoFailed } from '@micronova/lifecycle'
import { type BlockDeviceMapping, type Instance, type Migration, novaError, type RequestContext } from '@micronova/model'
import { messageOf } from '@micronova/rpcapi'
import type { NetworkInfo } from '@micronova/virt'
import { atEachStep } from '../at-each-step.js'
import { ensureLoaded } from '../instance-attributes.js'
import { powerStateOf } from '../instance-state.js'
import { notImplemented } from '../not-implemented.js'
import { defineOperation } from '../operation.js'
import { shutdownTiming } from '../operations/shutdown-timing.js'
import type { ComputeParts } from '../parts.js'
import { isOvertaken, withinMove } from '../resize/within-move.js'
import { deleteImage } from '../snapshot/take-snapshot.js'
import { completeVolumeAttachments, reconnectVolumes, reserveVolumes } from '../volume/instance-volumes.js'

interface Request {
  readonly instance: Instance
  readonly migration: Migration
  /** The image that the conductor has made for it; null for a guest that boots from a volume. */
  readonly snapshotId: string | null
}

interface LeavingState extends Request {
  readonly parts: ComputeParts
  readonly ctx: RequestContext
  readonly network: NetworkInfo
  readonly blockDevices: readonly BlockDeviceMapping[]
}

type LeavingStep = Step<LeavingState>

/**
 * At the source: the guest becomes an image and goes; its disks stay in case it comes back. Wire:
 * `prep_snapshot_based_resize_at_source`, call, compute 5.6 and 6.0.
 */
export const prepCrossCellAtSource = defineOperation({
  method: 'prep_snapshot_based_resize_at_source',
  parameters: ['instance', 'migration', ['snapshot_id', null]],
  policy: {
    lock: 'run',
    event: 'compute_prep_snapshot_based_resize_at_source',
    recordFault: true,
    notify: 'resize',
    revertTaskState: true,
    failMigration: true,
    expected: ['InstancePowerOffFailure'],
  },
  decode: (args): Request => ({
    instance: args.instance as Instance,
    migration: args.migration as Migration,
    snapshotId: (args.snapshot_id ?? null) as string | null,
  }),
  async run(parts, ctx, request, signal) {
    const { instance, migration } = request
    await ensureLoaded(parts.stores, ctx, instance, ['info_cache', 'flavor', 'system_metadata'])
    const network = await parts.networks.networkInfo(ctx, instance)
    const blockDevices = await parts.stores.blockDeviceMappings.listByInstanceUuid(ctx, instance.uuid)
    migration.status = 'migrating'
    await parts.stores.migrations.save(ctx, migration)
    const state = { ...request, parts, ctx, network, blockDevices }
    await takeImage(state)
    await withinMove(parts, ctx, instance, 'error', () => leave(state, signal))
    parts.events.clear(instance.uuid)
  },
})

/** Up to here the guest can simply be started again. @throws NovaError `InstancePowerOffFailure` */
async function takeImage(state: LeavingState): Promise<void> {
  const { parts, ctx, instance, snapshotId } = state
  try {
    await powerOff(state)
    instance.power_state = await powerStateOf(parts, instance)
    if (snapshotId !== null) await snapshot(state, snapshotId)
  } catch (err) {
    if (instance.vm_state === 'active' && !isOvertaken(err)) await startAgain(state)
    throw err
  }
  parts.log.debug('The guest is off and about to leave its host', { context: ctx, instanceUuid: instance.uuid })
}

async function powerOff({ parts, instance }: LeavingState): Promise<void> {
  try {
    await parts.driver.powerOff(instance, shutdownTiming(parts.settings, instance, true))
  } catch (err) {
    parts.log.error('The guest could not be powered off', { err, instanceUuid: instance.uuid })
    throw novaError('InstancePowerOffFailure', { reason: messageOf(err) }, { cause: err })
  }
}

/** Its phases are not the instance's: that is resize_migrating all the while. */
async function snapshot({ parts, ctx, instance }: LeavingState, imageId: string): Promise<void> {
  try {
    await (parts.driver.snapshots ?? notImplemented()).snapshot(ctx, instance, imageId, async () => {})
  } catch (err) {
    await deleteImage(parts, ctx, instance, imageId)
    throw err
  }
}

async function startAgain({ parts, ctx, instance, network, blockDevices }: LeavingState): Promise<void> {
  try {
    await parts.driver.powerOn(ctx, { instance, network, blockDevices })
  } catch (err) {
    parts.log.error('The guest could not be started again', { err, instanceUuid: instance.uuid })
  }
}

async function leave(state: LeavingState, signal: AbortSignal): Promise<void> {
  try {
    await runSteps(atEachStep(state.parts.here, leavingSteps), state, signal)
  } catch (err) {
    if (!(err instanceof UndoFailed)) throw err
    state.parts.log.error('The guest could not be brought back', { err, instanceUuid: state.instance.uuid })
    throw err.failure
  }
}

const removeGuest: LeavingStep = {
  name: 'remove',
  run: ({ parts, ctx, instance, network, blockDevices }) =>
    parts.driver.destroy(ctx, { instance, network, blockDevices }, { keepDisks: true }),
  async undo({ parts, ctx, instance, migration, network, blockDevices }, failure) {
    if (isOvertaken(failure)) return
    const comeback = { migration, powerOn: instance.vm_state === 'active' }
    const { signal } = new AbortController()
    await parts.driver.resizing?.finishRevertMigration(ctx, { instance, network, blockDevices }, comeback, signal)
  },
}

const leaveVolumes: LeavingStep = {
  name: 'volumes',
  run: ({ parts, ctx, instance, blockDevices }) => reserveVolumes(parts, ctx, instance, blockDevices),
  async undo({ parts, ctx, instance, blockDevices }) {
    await reconnectVolumes(parts, ctx, instance, blockDevices)
    await completeVolumeAttachments(parts, ctx, blockDevices)
  },
}

const movePorts: LeavingStep = {
  name: 'ports',
  run: ({ parts, ctx, instance, migration }) => parts.networks.migrateInstanceStart(ctx, instance, migration.dest_compute ?? ''),
  undo: ({ parts, ctx, instance, migration }) => parts.networks.migrateInstanceStart(ctx, instance, migration.source_compute ?? ''),
}

/** The instance stays this host's: its copy in the other cell becomes the destination's. */
const handOver: LeavingStep = {
  name: 'hand_over',
  async run({ parts, ctx, instance, migration }) {
    migration.status = 'post-migrating'
    await parts.stores.migrations.save(ctx, migration)
    instance.task_state = 'resize_migrated'
    await parts.stores.instances.save(ctx, instance, { expectedTaskState: ['resize_migrating'] })
  },
}

const leavingSteps: readonly LeavingStep[] = [removeGuest, leaveVolumes, movePorts, handOver]
