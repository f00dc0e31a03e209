import { type BlockDeviceMapping, isNovaError, novaError, type RequestContext } from '@micronova/model'
import type { LiveMigrateData, LiveMigration, NetworkInfo } from '@micronova/virt'
import { InstanceEventTimeout } from '../errors.js'
import { ensureLoaded } from '../instance-attributes.js'
import { setErrorState } from '../instance-state.js'
import type { ExpectedEvent } from '../network/instance-events.js'
import { cachedNetworkInfo } from '../network/network-api.js'
import { notImplemented } from '../not-implemented.js'
import { defineOperation } from '../operation.js'
import type { ComputeParts } from '../parts.js'
import { setMigrationStatus } from './migration-status.js'
import { leaveForDestination } from './post.js'
import { decodeLiveMigration, type LiveMigrationRequest } from './request.js'
import { rollBack } from './rollback.js'

/**
 * At the source: move the guest while it runs. The operation ends when the migration is queued; what becomes of it is in the
 * migration's status: queued, preparing, running, then completed, failed, cancelled or error.
 * Wire: `live_migration`, cast, compute 5.0 and 6.0.
 */
export const liveMigration = defineOperation({
  method: 'live_migration',
  parameters: ['dest', 'instance', 'block_migration', 'migration', 'migrate_data'],
  policy: { event: 'compute_live_migration', recordFault: true, failMigration: true },
  decode: decodeLiveMigration,
  async run(parts, ctx, request, signal) {
    const driver = parts.driver.liveMigration ?? notImplemented()
    const { instance, migration } = request
    await setMigrationStatus(parts, ctx, migration, 'queued')
    let hasBegun = false
    const text = () => (hasBegun ? `live migration to ${request.destination}` : 'a place among max_concurrent_live_migrations')
    const leave = parts.here.enter(text)
    const submitted = parts.liveMigrations.submit(instance.uuid, migration, () => {
      hasBegun = true
      return migrate(parts, ctx, request, driver, signal)
    })
    void submitted.finally(leave)
  },
})

/** Everything after the queue. Never rejects: nobody waits for it. */
async function migrate(
  parts: ComputeParts,
  ctx: RequestContext,
  request: LiveMigrationRequest,
  driver: LiveMigration,
  signal: AbortSignal,
): Promise<void> {
  const { instance, migration } = request
  try {
    await setMigrationStatus(parts, ctx, migration, 'preparing')
    const move = await begin(parts, ctx, request, driver)
    const data = await prepare(move)
    data.migration = migration
    if (parts.liveMigrations.take(instance.uuid)) await transfer(move, data, signal)
    else await cancel(move, data)
  } catch (err) {
    parts.log.error(`The live migration ${migration.uuid} failed`, { err, context: ctx, instanceUuid: instance.uuid })
  }
}

/** What the source has. A failure leaves everything as it was before the migration. */
async function begin(parts: ComputeParts, ctx: RequestContext, request: LiveMigrationRequest, driver: LiveMigration): Promise<Move> {
  const { instance, migration, data } = request
  const nothing: Move = { parts, ctx, request, driver, blockDevices: [], network: [] }
  try {
    await ensureLoaded(parts.stores, ctx, instance, ['info_cache', 'flavor', 'system_metadata'])
    // As the source has them: preparing the destination gives the stored ones other attachments.
    const blockDevices = await parts.stores.blockDeviceMappings.listByInstanceUuid(ctx, instance.uuid)
    return { ...nothing, blockDevices, network: cachedNetworkInfo(instance) }
  } catch (err) {
    await setMigrationStatus(parts, ctx, migration, 'error')
    data.migration = migration
    await rollBack(nothing, data, { status: 'failed', hasBegun: false })
    throw err
  }
}

/** One live migration, as its parts hand it on. */
export interface Move {
  readonly parts: ComputeParts
  readonly ctx: RequestContext
  readonly request: LiveMigrationRequest
  readonly driver: LiveMigration
  /** At the source. */
  readonly blockDevices: readonly BlockDeviceMapping[]
  readonly network: NetworkInfo
}

/** Have the destination prepare itself, and wait for its interfaces if it says so. A failure rolls back. */
async function prepare(move: Move): Promise<LiveMigrateData> {
  const { parts, ctx, request, driver, blockDevices, network } = move
  const { instance, destination, migration, blockMigration } = request
  let data = request.data
  try {
    const disk = data.objIsSet('block_migration') && data.block_migration ? await driver.diskInfo({ instance, blockDevices }) : null
    const ask = async () => {
      data = await parts.computes.preLiveMigration(ctx, { host: destination, instance, blockMigration, disk, migrateData: data })
    }
    const events = plugTimeEvents(parts, network)
    await (data.objIsSet('vifs') && events.length > 0 ? withPlugs(move, events, ask, () => waitsForPlugs(data)) : ask())
    return data
  } catch (err) {
    parts.log.error(`The destination ${destination} could not be prepared`, { err, instanceUuid: instance.uuid })
    await setMigrationStatus(parts, ctx, migration, 'error')
    data.migration = migration
    await rollBack(move, data, { status: 'failed', hasBegun: false })
    throw err
  }
}

function waitsForPlugs(data: LiveMigrateData): boolean {
  return data.objIsSet('wait_for_vif_plugged') && data.wait_for_vif_plugged
}

/** Neutron tells of these when the destination plugs them; of other kinds of interfaces only when the binding changes. */
function plugTimeEvents({ settings }: ComputeParts, network: NetworkInfo): ExpectedEvent[] {
  if (settings.vifPluggingTimeoutSeconds === 0) return []
  return network.filter(({ details }) => details.ovs_hybrid_plug === true).map(({ id }) => ({ name: 'network-vif-plugged', tag: id }))
}

/** @throws NovaError `VirtualInterfacePlugException`, `MigrationError` where `vif_plugging_is_fatal` */
async function withPlugs(
  { parts, request: { instance, destination } }: Move,
  events: readonly ExpectedEvent[],
  prepareDestination: () => Promise<void>,
  isWaited: () => boolean,
): Promise<void> {
  const { settings, log } = parts
  const onFailure = (key: string): 'continue' => {
    const message = `Neutron reported failure during live migration with ${key} for instance ${instance.uuid}`
    if (settings.vifPluggingIsFatal) throw novaError('VirtualInterfacePlugException', {}, message)
    log.error(message, { instanceUuid: instance.uuid })
    return 'continue'
  }
  const notWaited = new Error('the destination does not wait for interfaces')
  try {
    await parts.events.waitFor(instance, events, { timeoutSeconds: settings.vifPluggingTimeoutSeconds, onFailure }, async () => {
      await prepareDestination()
      if (!isWaited()) throw notWaited
    })
  } catch (err) {
    if (err === notWaited) return
    if (!(err instanceof InstanceEventTimeout)) throw err
    const reason = `${err.message}; if the networking backend of ${destination} does not send them at this time, disable live_migration_wait_for_vif_plug there`
    log.warning(reason, { instanceUuid: instance.uuid })
    if (settings.vifPluggingIsFatal) throw novaError('MigrationError', { reason }, { cause: err })
  }
}

async function transfer(move: Move, data: LiveMigrateData, signal: AbortSignal): Promise<void> {
  const { parts, ctx, request, driver, blockDevices, network } = move
  const { instance, destination, migration } = request
  await setMigrationStatus(parts, ctx, migration, 'running')
  try {
    const end = await driver.migrate(ctx, { instance, network, blockDevices }, destination, data, signal)
    if (end === 'completed') await leaveForDestination(move, data)
    else await cancel(move, data)
  } catch (err) {
    await setMigrationStatus(parts, ctx, migration, 'error')
    await giveUp(move)
    throw err
  }
}

/** It is too late to go back. The instance may have been written by the destination, so it is read again. */
async function giveUp({ parts, ctx, request: { instance } }: Move): Promise<void> {
  try {
    await parts.stores.instances.refresh(ctx, instance)
    await setErrorState(parts, ctx, instance, { clearTaskState: true })
  } catch (err) {
    if (!isNovaError(err, 'InstanceNotFound')) throw err
  }
}

async function cancel(move: Move, data: LiveMigrateData): Promise<void> {
  const { parts, ctx, request } = move
  await rollBack(move, data, { status: 'cancelled', hasBegun: true })
  await parts.notifications.action(ctx, request.instance, 'live_migration_abort', 'end')
}
