import { isClientError } from '@micronova/clients'
import {
  type Instance,
  isNovaError,
  Migration,
  novaError,
  type RequestContext,
  type RequestSpec,
  type SchedulerLimits,
} from '@micronova/model'
import { messageOf } from '@micronova/rpcapi'
import { claimOnDestination, removeFromHost } from '../allocations.js'
import type { CellScope, ComputeTaskDeps } from '../compute-task-deps.js'
import { completeRequest, requestPortResources, resetForcedDestinations, restrictToCell } from '../prepare-request.js'
import { fillProviderMapping, providerMapping } from '../provider-mapping.js'
import { giveUp } from '../report-failure.js'
import { schedule } from '../schedule.js'
import { ensureComputeUp } from '../services.js'
import { zoneOf } from '../zones.js'
import { isExpectedOfMigration } from './cold-migrate.js'
import { checkDestination, checkForced, checkInstance, type MigrateData, refuseOtherHypervisor } from './live-migration-checks.js'
import { type HeldAllocations, holdSource, releaseSource } from './migration-allocations.js'

export interface LiveMigration {
  readonly instance: Instance
  /** Named with force: the scheduler is not asked. */
  readonly destination: string | null
  readonly blockMigration: boolean | null
  readonly diskOverCommit: boolean | null
  readonly requestSpec: RequestSpec | null
}

/** Where it goes, and what the two computes have agreed upon. */
interface Destination {
  readonly host: string
  readonly node: string
  readonly migrateData: MigrateData
}

/**
 * Find a host that can take the instance while it runs, and start its migration there.
 *
 * @see nova 26.2.2, `conductor/manager.py`, `_live_migrate`; `conductor/tasks/live_migrate.py`
 */
export async function liveMigrate(deps: ComputeTaskDeps, scope: CellScope, ctx: RequestContext, order: LiveMigration): Promise<void> {
  const { instance } = order
  const { uuid } = instance
  const flavorId = instance.objIsSet('flavor') ? instance.flavor.id : instance.instance_type_id
  const migration = new Migration({
    dest_compute: order.destination,
    status: 'accepted',
    instance_uuid: uuid,
    source_compute: instance.host,
    migration_type: 'live-migration',
    old_instance_type_id: flavorId,
    new_instance_type_id: flavorId,
  })
  await scope.stores.migrations.create(ctx, migration)
  try {
    await migrate(deps, scope, ctx, order, migration)
  } catch (error) {
    const isExpected =
      (isExpectedOfMigration(error) && !isNovaError(error, 'UnsupportedPolicyException')) ||
      isNovaError(error, 'MigrationSchedulerRPCError')
    if (!isExpected)
      deps.log.error(`Migration of instance ${uuid} to host ${order.destination} unexpectedly failed.`, {
        instanceUuid: uuid,
        context: ctx,
      })
    const vmState = isExpected ? (instance.vm_state ?? 'active') : 'error'
    await giveUp(deps, scope, ctx, { instanceUuid: uuid, method: 'migrate_server', vmState, error, requestSpec: order.requestSpec })
    migration.status = 'error'
    await scope.stores.migrations.save(ctx, migration)
    if (isExpected) throw error
    throw novaError('MigrationError', { reason: messageOf(error) }, { cause: error })
  }
}

async function migrate(
  deps: ComputeTaskDeps,
  scope: CellScope,
  ctx: RequestContext,
  order: LiveMigration,
  migration: Migration,
): Promise<void> {
  const { instance } = order
  const source = instance.host ?? ''
  await checkInstance(deps, scope, ctx, instance)
  await ensureComputeUp(deps, scope, ctx, source)
  const held = await holdSource(deps, scope, ctx, instance, migration)
  try {
    const to =
      order.destination === null
        ? await findHost(deps, scope, ctx, order, migration)
        : await takeForced(deps, scope, ctx, order, order.destination, migration, held)
    instance.availability_zone = await zoneOf(deps, ctx, to.host)
    migration.source_node = instance.node
    migration.dest_node = to.node
    migration.dest_compute = to.host
    await scope.stores.migrations.save(ctx, migration)
    await scope.compute.liveMigration(ctx, {
      host: source,
      instance,
      dest: to.host,
      blockMigration: order.blockMigration,
      migrateData: to.migrateData,
      migration,
    })
  } catch (err) {
    if (held !== null) await releaseSource(deps, ctx, instance, migration)
    throw err
  }
}

/** @throws NovaError what is wrong with the host that was named */
async function takeForced(
  deps: ComputeTaskDeps,
  scope: CellScope,
  ctx: RequestContext,
  order: LiveMigration,
  host: string,
  migration: Migration,
  held: HeldAllocations | null,
): Promise<Destination> {
  const { from, to } = await checkForced(deps, scope, ctx, order.instance, host)
  await claimOnDestination(deps, ctx, order.instance, { from, to }, held?.allocations)
  try {
    const migrateData = await checkDestination(deps, scope, ctx, order, { host, migration, limits: null, providers: new Map() })
    await refuseOtherCell(deps, scope, ctx, order.instance, host)
    return { host, node: to.hypervisor_hostname ?? '', migrateData }
  } catch (err) {
    await removeFromHost(deps, ctx, order.instance.uuid, to.uuid)
    throw err
  }
}

async function refuseOtherCell(
  { deployment }: ComputeTaskDeps,
  { cell }: CellScope,
  ctx: RequestContext,
  { uuid }: Instance,
  host: string,
): Promise<void> {
  if (deployment === null || cell === null) return
  const [mapping] = await deployment.api.hostMappings.listByHosts(ctx, [host])
  if (mapping === undefined) throw preCheck(`Unable to determine in which cell destination host ${host} lives.`)
  if (mapping.cell_mapping.uuid !== cell.uuid) throw preCheck(`Unable to force live migrate instance ${uuid} across cells.`)
}

/** The first host of the scheduler that the computes agree upon. */
async function findHost(
  deps: ComputeTaskDeps,
  scope: CellScope,
  ctx: RequestContext,
  order: LiveMigration,
  migration: Migration,
): Promise<Destination> {
  const { instance } = order
  const spec = await requestFor(deps, scope, ctx, order)
  const tried = [instance.host ?? '']
  for (;;) {
    await refuseTooMany(deps, scope, ctx, instance, migration, tried.length - 1)
    spec.ignore_hosts = [...tried]
    const [hosts] = await schedule(deps, ctx, spec, [instance.uuid], { alternates: false, scope })
    const selection = hosts![0]!
    fillProviderMapping(spec, selection)
    const host = selection.service_host
    try {
      await refuseOtherHypervisor(deps, scope, ctx, instance.host ?? '', host)
      const limits: SchedulerLimits | null = selection.objIsSet('limits') ? selection.limits : null
      const migrateData = await checkDestination(deps, scope, ctx, order, { host, migration, limits, providers: providerMapping(spec) })
      return { host, node: selection.nodename, migrateData }
    } catch (err) {
      if (!isNovaError(err, 'Invalid') && !isNovaError(err, 'MigrationPreCheckError')) throw err
      deps.log.debug(`Skipping host: ${host} because: ${err.message}`, { instanceUuid: instance.uuid, context: ctx })
      tried.push(host)
      await removeFromHost(deps, ctx, instance.uuid, selection.compute_node_uuid).catch((failure: unknown) => {
        if (!isClientError(failure)) throw failure
        deps.log.warning(`What was claimed on ${host} stays: ${failure.message}`, { instanceUuid: instance.uuid, context: ctx })
      })
    }
  }
}

async function requestFor(
  deps: ComputeTaskDeps,
  scope: CellScope,
  ctx: RequestContext,
  { instance, requestSpec }: LiveMigration,
): Promise<RequestSpec> {
  const spec = requestSpec ?? (await deps.deployment?.api.requestSpecs.getByInstanceUuid(ctx, instance.uuid))
  if (spec === undefined) throw novaError('RequestSpecNotFound', { instance_uuid: instance.uuid })
  resetForcedDestinations(spec)
  await requestPortResources(deps, ctx, spec, instance.uuid)
  restrictToCell(spec, scope)
  await completeRequest(deps, scope, ctx, spec, instance)
  return spec
}

async function refuseTooMany(
  { settings }: ComputeTaskDeps,
  { stores }: CellScope,
  ctx: RequestContext,
  { uuid }: Instance,
  migration: Migration,
  retries: number,
): Promise<void> {
  if (settings.migrateMaxRetries === -1 || retries <= settings.migrateMaxRetries) return
  migration.status = 'failed'
  await stores.migrations.save(ctx, migration)
  throw novaError('MaxRetriesExceeded', { reason: `Exceeded max scheduling retries ${retries} for instance ${uuid} during live migration` })
}

function preCheck(reason: string) {
  return novaError('MigrationPreCheckError', { reason })
}
