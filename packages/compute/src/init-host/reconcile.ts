import {
  type BlockDeviceMapping,
  type Instance,
  isNovaError,
  type Migration,
  novaError,
  powerStates,
  type RequestContext,
} from '@micronova/model'
import { recordFault } from '@micronova/rpcapi'
import type { GuestDevices } from '@micronova/virt'
import { completeDeletion, deleteInstance } from '../delete-instance.js'
import { powerStateOf, setErrorState } from '../instance-state.js'
import { giveUpLiveMigrations } from '../live-migration/give-up.js'
import { cachedNetworkInfo } from '../network/network-api.js'
import type { Operation, WireArguments } from '../operation.js'
import { rebootInstance } from '../operations/reboot-instance.js'
import { shelveOffloadInstance } from '../operations/shelve-offload-instance.js'
import { startInstance } from '../operations/start-instance.js'
import { stopInstance } from '../operations/stop-instance.js'
import { unpauseInstance } from '../operations/unpause-instance.js'
import type { ComputeParts } from '../parts.js'
import { cancelMove } from '../resize/cancel-move.js'
import { runOperation } from '../run-operation.js'
import { leaveHost } from '../shelve/offload.js'
import { decideAtStart, type StartAction } from './decide.js'

/** Block devices of those instances that may need them, by instance; read in one round trip beforehand. */
export type BlockDevicesByInstance = ReadonlyMap<string, readonly BlockDeviceMapping[]>

/**
 * Bring one instance into a state that its user can do something with. Never rejects: one broken instance must not keep
 * the host from starting.
 */
export async function reconcileInstance(
  parts: ComputeParts,
  ctx: RequestContext,
  instance: Instance,
  blockDevices: BlockDevicesByInstance,
  signal: AbortSignal,
): Promise<void> {
  const instanceUuid = instance.uuid
  try {
    const action = decideAtStart(instance, parts.host, await powerStateOf(parts, instance))
    if (action.kind !== 'keep') parts.log.info(`At start-up: ${described(action)}`, { instanceUuid })
    await perform(parts, ctx, instance, action, signal)
    if (action.kind === 'keep' || action.kind === 'give_up_migration' || action.kind === 'clear_task')
      await reconnectGuest(parts, ctx, instance, blockDevices.get(instanceUuid) ?? [])
  } catch (err) {
    parts.log.error('The instance could not be brought into order at start-up', { err, instanceUuid })
  }
}

function described(action: StartAction): string {
  return 'why' in action ? `${action.kind}, as ${action.why}` : action.kind.replaceAll('_', ' ')
}

async function perform(
  parts: ComputeParts,
  ctx: RequestContext,
  instance: Instance,
  action: StartAction,
  signal: AbortSignal,
): Promise<void> {
  const operate = (operation: Operation, args: WireArguments) => runOperation(parts, operation, ctx, { instance, ...args }, signal)
  switch (action.kind) {
    case 'keep':
    case 'leave':
      return
    case 'error':
      return failInterrupted(parts, ctx, instance, action)
    case 'complete_deletion':
      return finishDeletion(parts, ctx, instance)
    case 'delete':
      return resumeDeletion(parts, ctx, instance)
    case 'clear_task':
      return clearTask(parts, ctx, instance, action)
    case 'give_up_migration':
      return giveUpMigration(parts, ctx, instance)
    case 'reboot':
      if (action.type === 'HARD') await turnIntoHardReboot(parts, ctx, instance)
      await operate(rebootInstance, { block_device_info: null, reboot_type: action.type })
      return
    case 'unpause':
      await operate(unpauseInstance, {})
      return
    case 'offload':
      await operate(shelveOffloadInstance, { clean_shutdown: false, accel_uuids: [] })
      return
    case 'leave_host':
      return leaveHost(parts, ctx, instance)
    case 'stop':
      await operate(stopInstance, { clean_shutdown: true })
      return
    case 'start':
      await operate(startInstance, {})
  }
}

/** Upstream leaves it at the state; a user should also be able to read why. */
async function failInterrupted(
  parts: ComputeParts,
  ctx: RequestContext,
  instance: Instance,
  { why }: Extract<StartAction, { kind: 'error' }>,
): Promise<void> {
  await recordFault(parts, ctx, instance, novaError('NovaException', {}, `nova-compute was restarted and ${why}`))
  await setErrorState(parts, ctx, instance, { clearTaskState: true })
}

async function clearTask(
  { stores }: ComputeParts,
  ctx: RequestContext,
  instance: Instance,
  { vmState }: Extract<StartAction, { kind: 'clear_task' }>,
): Promise<void> {
  instance.task_state = null
  if (vmState !== undefined) instance.vm_state = vmState
  await stores.instances.save(ctx, instance)
}

/** A soft reboot that got as far as stopping the guest needs the task states of a hard one. */
async function turnIntoHardReboot({ stores }: ComputeParts, ctx: RequestContext, instance: Instance): Promise<void> {
  if (instance.task_state?.endsWith('_hard')) return
  instance.task_state = 'reboot_pending_hard'
  await stores.instances.save(ctx, instance)
}

async function finishDeletion(parts: ComputeParts, ctx: RequestContext, instance: Instance): Promise<void> {
  await parts.stores.instances.destroy(ctx, instance)
  await completeDeletion(parts, ctx, instance)
}

async function resumeDeletion(parts: ComputeParts, ctx: RequestContext, instance: Instance): Promise<void> {
  try {
    const blockDevices = await parts.stores.blockDeviceMappings.listByInstanceUuid(ctx, instance.uuid)
    await deleteInstance(parts, ctx, instance, blockDevices)
  } catch (err) {
    if (isNovaError(err, 'InstanceNotFound')) return
    await setErrorState(parts, ctx, instance)
    throw err
  }
}

/** A cold move is taken back; of a live one nobody watches any more. */
async function giveUpMigration(parts: ComputeParts, ctx: RequestContext, instance: Instance): Promise<void> {
  if (instance.task_state === 'resize_migrating') return giveUpResize(parts, ctx, instance)
  await giveUpLiveMigrations(parts, ctx, instance)
  instance.task_state = null
  await parts.stores.instances.save(ctx, instance, { expectedTaskState: ['migrating'] })
}

async function giveUpResize(parts: ComputeParts, ctx: RequestContext, instance: Instance): Promise<void> {
  let migration: Migration | null = null
  try {
    migration = await migrationUnderWay(parts, ctx, instance)
  } catch (err) {
    parts.log.error('The migration of a resize that was interrupted could not be read', { err, instanceUuid: instance.uuid })
  }
  await cancelMove(parts, ctx, instance, migration, 'nova-compute was restarted and the resize was interrupted')
}

/** A source that sends a guest away has said so in the record of the move before the instance shows it. */
async function migrationUnderWay({ stores, host }: ComputeParts, ctx: RequestContext, { uuid }: Instance): Promise<Migration | null> {
  const found = await stores.migrations.listByFilters(ctx, { instance_uuid: uuid, status: ['migrating', 'post-migrating'] })
  return found.filter(({ source_compute }) => source_compute === host).at(-1) ?? null
}

/** Interfaces are plugged again, as the host may have been restarted; a guest that ran is started if so configured. */
async function reconnectGuest(
  parts: ComputeParts,
  ctx: RequestContext,
  instance: Instance,
  blockDevices: readonly BlockDeviceMapping[],
): Promise<void> {
  const network = cachedNetworkInfo(instance)
  try {
    await parts.driver.vifPlugging?.plugVifs(instance, network)
  } catch (err) {
    if (!isNovaError(err, 'VirtualInterfacePlugException')) throw err
    await setErrorState(parts, ctx, instance)
    throw err
  }
  if (!parts.settings.resumeGuestsOnHostBoot || instance.power_state !== powerStates.running) return
  if ((await powerStateOf(parts, instance)) === powerStates.running) return
  parts.log.info('Starting the guest, which ran before the host was restarted', { instanceUuid: instance.uuid })
  await resumeGuest(parts, ctx, { instance, network, blockDevices })
}

async function resumeGuest(parts: ComputeParts, ctx: RequestContext, guest: GuestDevices): Promise<void> {
  if (parts.driver.bootResuming === undefined) {
    parts.log.warning(`${parts.driver.name} cannot start guests after a restart of the host`, { instanceUuid: guest.instance.uuid })
    return
  }
  try {
    await parts.driver.bootResuming.resumeStateOnHostBoot(ctx, guest)
  } catch (err) {
    parts.log.warning('The guest could not be started', { err, instanceUuid: guest.instance.uuid })
    await setErrorState(parts, ctx, guest.instance)
  }
}
