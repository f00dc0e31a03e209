import { type Instance, isNovaError, type RequestContext } from '@micronova/model'
import type { LiveMigrateData, NetworkInfo } from '@micronova/virt'
import type { ComputeParts } from '../parts.js'
import { dropSourceAllocations } from '../resize/allocations.js'
import { applyMigrationContext, dropMigrationContext } from '../resource-tracker/index.js'
import { updateHostResources } from '../update-host-resources.js'
import { setMigrationStatus } from './migration-status.js'
import { dropBindings } from './rollback.js'
import type { Move } from './run.js'
import { releaseSourceVolumes } from './volumes.js'

/**
 * At the source: the guest runs at the destination. There is no way back from here, so the instance belongs to the destination
 * even if something of this fails.
 *
 * @see nova 26.2.2, `compute/manager.py`, `_post_live_migration`
 */
export async function leaveForDestination(move: Move, data: LiveMigrateData): Promise<void> {
  try {
    await leave(move, data)
  } catch (err) {
    await belongToDestination(move)
    throw err
  }
}

async function leave(move: Move, data: LiveMigrateData): Promise<void> {
  const { parts, ctx, request, driver, blockDevices, network } = move
  const { instance, destination, migration, blockMigration } = request
  await parts.notifications.action(ctx, instance, 'live_migration_post', 'start', { network, blockDevices })
  await driver.leaveSource(ctx, { instance, network: sourceInterfaces(network, data), blockDevices }, data)
  await releaseSourceVolumes(parts, ctx, instance, blockDevices)
  // The destination binds the ports, too.
  await anyway(move, 'activate the bindings of the ports', () => parts.networks.migrateInstanceStart(ctx, instance, destination))
  const arrived = await tellDestination(move, blockMigration)
  parts.events.clear(instance.uuid)
  await anyway(move, 'count what is free now', () => updateHostResources(parts, parts.adminContext(), { startup: false }))
  await parts.scheduler.remove(ctx, instance.uuid)
  await parts.notifications.action(ctx, instance, 'live_migration_post', 'end', { network, blockDevices })
  if (arrived) parts.log.info(`The instance has moved to ${destination}`, { instanceUuid: instance.uuid })
  await anyway(move, 'end the consoles', () => parts.stores.consoleAuthTokens.cleanForInstance(ctx, instance.uuid))
  await setMigrationStatus(parts, ctx, migration, 'completed')
  // Those of a completed move that stay are removed by the audit of this host.
  await anyway(move, 'drop the allocations', () => dropSourceAllocations(parts, ctx, instance, migration))
}

/** The guest has gone, and is well: what fails here is no failure of its move. */
async function anyway({ parts, request }: Move, what: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (err) {
    parts.log.error(`Could not ${what} of an instance that has moved away`, { err, instanceUuid: request.instance.uuid })
  }
}

/** The interfaces as they were plugged here; at the destination they may be of another kind. */
function sourceInterfaces(network: NetworkInfo, data: LiveMigrateData): NetworkInfo {
  if (!data.objIsSet('vifs')) return network
  return data.vifs.map(({ source_vif }) => source_vif)
}

/** @returns false if it could not be told; the source is cleaned up all the same */
async function tellDestination(move: Move, blockMigration: boolean | null): Promise<boolean> {
  const { parts, ctx, request } = move
  const { instance, destination } = request
  try {
    await parts.computes.postLiveMigrationAtDestination(ctx, { host: destination, instance, blockMigration })
    return true
  } catch (err) {
    parts.log.error(`The destination ${destination} failed after the migration`, { err, instanceUuid: instance.uuid })
    const there = await belongToDestination(move)
    if (there !== null) await anyway(move, 'remove the port bindings', () => dropBindings(parts, ctx, there, parts.host))
    return false
  }
}

/** Written here only if the destination has not. @returns null if it cannot be, or is deleted */
async function belongToDestination({ parts, ctx, request }: Move): Promise<Instance | null> {
  const { instance, destination } = request
  const { stores, log } = parts
  try {
    const stored = await stores.instances.getByUuid(ctx, instance.uuid, ['migration_context'])
    if (stored.host === destination) return stored
    applyMigrationContext(stored, 'new')
    await dropMigrationContext(stores, ctx, stored)
    stored.host = destination
    stored.node = await nodeOf(parts, ctx, destination)
    stored.task_state = null
    stored.progress = 0
    await stores.instances.save(ctx, stored)
    return stored
  } catch (err) {
    if (!isNovaError(err, 'InstanceNotFound'))
      log.error(`The instance runs on ${destination} and its record could not be told`, { err, instanceUuid: instance.uuid })
    return null
  }
}

async function nodeOf({ stores, log }: ComputeParts, ctx: RequestContext, host: string): Promise<string | null> {
  try {
    const [node] = await stores.computeNodes.listByHost(ctx, host)
    return node?.hypervisor_hostname ?? null
  } catch (err) {
    log.error(`The compute node of ${host} is not known`, { err })
    return null
  }
}
