import { runSteps, type Step, UndoFailed } from '@micronova/lifecycle'
import type { BlockDeviceMapping, RequestContext } from '@micronova/model'
import type { NetworkInfo, Resizing } from '@micronova/virt'
import { atEachStep } from '../at-each-step.js'
import { ensureLoaded } from '../instance-attributes.js'
import { notImplemented } from '../not-implemented.js'
import { defineOperation } from '../operation.js'
import { shutdownTiming } from '../operations/shutdown-timing.js'
import type { ComputeParts } from '../parts.js'
import { completeVolumeAttachments, reconnectVolumes, reserveVolumes } from '../volume/instance-volumes.js'
import { tryReturnAllocations } from './allocations.js'
import { decodeResizeInstance, type ResizeInstanceRequest } from './request.js'
import { isOvertaken, isRefused, withinMove } from './within-move.js'

/** What the steps at the source hand on to each other. */
export interface DepartureState {
  readonly parts: ComputeParts
  readonly ctx: RequestContext
  readonly request: ResizeInstanceRequest
  readonly resizing: Resizing
  network: NetworkInfo
  blockDevices: readonly BlockDeviceMapping[]
  diskInfo: unknown
}

type DepartureStep = Step<DepartureState>

/** At the source: send the guest's disks to the destination. Wire: `resize_instance`, cast, compute 5.0 to 6.0. */
export const resizeInstance = defineOperation({
  method: 'resize_instance',
  parameters: ['instance', 'image', 'migration', 'flavor', 'clean_shutdown', 'request_spec'],
  policy: {
    lock: 'run',
    event: 'compute_resize_instance',
    recordFault: true,
    notify: 'resize',
    revertTaskState: true,
    failMigration: true,
  },
  decode: decodeResizeInstance,
  async run(parts, ctx, request, signal) {
    const { instance, migration } = request
    await ensureLoaded(parts.stores, ctx, instance, ['info_cache', 'flavor', 'system_metadata'])
    try {
      await withinMove(parts, ctx, instance, instance.vm_state, async () => {
        const resizing = parts.driver.resizing ?? notImplemented()
        await depart({ parts, ctx, request, resizing, network: [], blockDevices: [], diskInfo: null }, signal)
      })
    } catch (err) {
      await tryReturnAllocations(parts, ctx, instance, migration)
      throw err
    }
    parts.events.clear(instance.uuid)
  },
})

/** What could not be taken back is logged; what its user must know is why it had to be. */
async function depart(state: DepartureState, signal: AbortSignal): Promise<void> {
  try {
    await runSteps(atEachStep(state.parts.here, departureSteps), state, signal)
  } catch (err) {
    if (!(err instanceof UndoFailed)) throw err
    state.parts.log.error('The guest could not be brought back', { err, instanceUuid: state.request.instance.uuid })
    throw err.failure
  }
}

const announce: DepartureStep = {
  name: 'announce',
  async run(state) {
    const { parts, ctx, request } = state
    const { instance, migration } = request
    state.network = await parts.networks.networkInfo(ctx, instance)
    migration.status = 'migrating'
    await parts.stores.migrations.save(ctx, migration)
    instance.task_state = 'resize_migrating'
    await parts.stores.instances.save(ctx, instance, { expectedTaskState: ['resize_prep'] })
    state.blockDevices = await parts.stores.blockDeviceMappings.listByInstanceUuid(ctx, instance.uuid)
  },
}

const sendDisks: DepartureStep = {
  name: 'send_disks',
  async run(state, signal) {
    const { parts, ctx, request, resizing, network, blockDevices } = state
    const { instance, migration, flavor, cleanShutdown } = request
    const departure = { destination: migration.dest_host ?? '', flavor, shutdown: shutdownTiming(parts.settings, instance, cleanShutdown) }
    state.diskInfo = await resizing.migrateDiskAndPowerOff(ctx, { instance, network, blockDevices }, departure, signal)
  },
  /** The guest is here, and runs if it ran: whoever looks at an instance in ERROR shall find it so. One that is deleted is the deletion's. */
  async undo({ parts, ctx, request, resizing, network, blockDevices }, failure) {
    if (isOvertaken(failure) || isRefused(failure)) return
    const { instance, migration } = request
    parts.log.info('The guest is brought back', { instanceUuid: instance.uuid })
    const powerOn = instance.vm_state !== 'stopped'
    await resizing.finishRevertMigration(ctx, { instance, network, blockDevices }, { migration, powerOn }, new AbortController().signal)
  },
}

/** They are kept for the guest; whoever makes it connects them again. */
const leaveVolumes: DepartureStep = {
  name: 'volumes',
  run: ({ parts, ctx, request: { instance }, blockDevices }) => reserveVolumes(parts, ctx, instance, blockDevices),
  async undo({ parts, ctx, request: { instance }, blockDevices }) {
    await reconnectVolumes(parts, ctx, instance, blockDevices)
    await completeVolumeAttachments(parts, ctx, blockDevices)
  },
}

const movePorts: DepartureStep = {
  name: 'move_ports',
  run: ({ parts, ctx, request: { instance, migration } }) =>
    parts.networks.migrateInstanceStart(ctx, instance, migration.dest_compute ?? ''),
  undo: ({ parts, ctx, request: { instance, migration } }) =>
    parts.networks.migrateInstanceStart(ctx, instance, migration.source_compute ?? ''),
}

const handOver: DepartureStep = {
  name: 'hand_over',
  async run({ parts, ctx, request, diskInfo }) {
    const { instance, migration, image, requestSpec } = request
    migration.status = 'post-migrating'
    await parts.stores.migrations.save(ctx, migration)
    instance.host = migration.dest_compute
    instance.node = migration.dest_node
    // From now on the tracker of this host counts the move by it.
    instance.old_flavor = instance.flavor
    instance.task_state = 'resize_migrated'
    await parts.stores.instances.save(ctx, instance, { expectedTaskState: ['resize_migrating'] })
    await parts.computes.finishResize(ctx, { instance, migration, image, diskInfo, requestSpec, host: migration.dest_compute ?? '' })
  },
  /** In memory: setting the instance to ERROR saves it. A destination that has heard all the same finds another task state. */
  async undo({ request: { instance, migration } }) {
    instance.host = migration.source_compute
    instance.node = migration.source_node
    instance.old_flavor = null
  },
}

/** The order at the source. Each is as upstream's; the undoing is ours, upstream leaves the guest as the failure found it. */
export const departureSteps: readonly DepartureStep[] = [announce, sendDisks, leaveVolumes, movePorts, handOver]
