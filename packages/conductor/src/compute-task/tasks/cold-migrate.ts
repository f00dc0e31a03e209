import {
  Destination,
  type Flavor,
  type Instance,
  isNovaError,
  Migration,
  NovaError,
  novaError,
  type RequestContext,
  RequestSpec,
  type Selection,
} from '@micronova/model'
import { claimAlternate } from '../allocations.js'
import type { CellScope, ComputeTaskDeps } from '../compute-task-deps.js'
import { moveToCell } from '../cross-cell/move-to-cell.js'
import { countAttempt, type FilterProperties, filterPropertiesOf, noteSelection, specWith } from '../filter-properties.js'
import { plainDict } from '../plain-dict.js'
import { completeRequest, requestPortResources, resetForcedDestinations, restrictToCell } from '../prepare-request.js'
import { fillProviderMapping } from '../provider-mapping.js'
import { giveUp } from '../report-failure.js'
import { askScheduler } from '../schedule.js'
import { fillServerGroup } from '../server-groups.js'
import { zoneOf } from '../zones.js'
import { type HeldAllocations, holdSource, releaseSource } from './migration-allocations.js'

/** A resize, or a migration to another host with the same flavor. */
export interface ColdMigration {
  readonly instance: Instance
  readonly flavor: Flavor
  readonly cleanShutdown: boolean
  readonly requestSpec: RequestSpec | null
  readonly filterProperties: FilterProperties
  /** Of a compute that could not take it: the hosts that are left. null: the scheduler is asked. */
  readonly hostList: readonly Selection[] | null
}

/**
 * Find a host for the instance with `flavor` and start the move there. When it fails before that, the instance is as it was: the states,
 * and the allocations that the migration held.
 *
 * @see nova 26.2.2, `conductor/manager.py`, `_cold_migrate`; `conductor/tasks/migrate.py`, `MigrationTask`
 */
export async function coldMigrate(deps: ComputeTaskDeps, scope: CellScope, ctx: RequestContext, order: ColdMigration): Promise<void> {
  const { instance, flavor } = order
  const spec = order.requestSpec ?? specOf(order)
  if (order.requestSpec !== null) spec.flavor = flavor
  const isResize = flavor.id !== instance.instance_type_id
  try {
    await move(deps, scope, ctx, order, spec)
  } catch (error) {
    const failure = { instanceUuid: instance.uuid, method: 'migrate_server', error, requestSpec: spec }
    if (isNovaError(error, 'NoValidHost') || isNovaError(error, 'UnsupportedPolicyException')) {
      await giveUp(deps, scope, ctx, { ...failure, vmState: instance.vm_state ?? 'active' })
      if (!isNovaError(error, 'NoValidHost')) throw error
      throw novaError(
        'NoValidHost',
        { reason: isResize ? 'No valid host found for resize' : 'No valid host found for cold migrate' },
        { cause: error },
      )
    }
    await freeAfterFailure(deps, scope, ctx, failure)
    throw error
  }
  if (spec.objHasChanges()) await deps.deployment?.api.requestSpecs.save(ctx, spec)
}

/** It keeps the vm state that it has by now; only the task is over. */
async function freeAfterFailure(
  deps: ComputeTaskDeps,
  scope: CellScope,
  ctx: RequestContext,
  failure: Omit<Parameters<typeof giveUp>[3], 'vmState'>,
): Promise<void> {
  try {
    const { vm_state } = await scope.stores.instances.getByUuid(ctx, failure.instanceUuid, [])
    await giveUp(deps, scope, ctx, { ...failure, vmState: vm_state ?? 'active' })
  } catch (err) {
    if (!isNovaError(err, 'InstanceNotFound')) throw err
    deps.log.info('During the migration the instance was deleted.', { instanceUuid: failure.instanceUuid, context: ctx })
  }
}

async function move(deps: ComputeTaskDeps, scope: CellScope, ctx: RequestContext, order: ColdMigration, spec: RequestSpec): Promise<void> {
  const { instance, flavor } = order
  resetForcedDestinations(spec)
  const properties = filterPropertiesOf(spec)
  const isTargeted = hasHost(spec)
  if (!isTargeted) countAttempt(properties, instance.uuid, deps.settings.maxAttempts)
  await Promise.all([fillServerGroup(deps, ctx, spec, scope), requestPortResources(deps, ctx, spec, instance.uuid)])
  limitDestination(spec, scope, properties, isTargeted)
  const migration = await migrationFor(scope, ctx, instance, flavor)
  let held: HeldAllocations | null = null
  try {
    held = await holdSource(deps, scope, ctx, instance, migration)
    await completeRequest(deps, scope, ctx, spec, instance)
    const [selection, alternates] = await findHost(deps, ctx, order, spec)
    if (isElsewhere(scope, selection, order)) {
      await moveToCell(deps, deps.deployment!, scope, ctx, { instance, flavor, migration, requestSpec: spec, selection })
      return
    }
    noteSelection(properties, selection)
    const host = selection.service_host
    instance.availability_zone = selection.objIsSet('availability_zone') ? selection.availability_zone : await zoneOf(deps, ctx, host)
    await scope.compute.prepResize(ctx, {
      host,
      instance,
      image: plainDict(spec.image),
      flavor,
      requestSpec: spec,
      filterProperties: properties,
      node: selection.nodename,
      migration,
      cleanShutdown: order.cleanShutdown,
      hostList: alternates,
    })
  } catch (err) {
    migration.status = 'error'
    await scope.stores.migrations.save(ctx, migration)
    if (held !== null) await releaseSource(deps, ctx, instance, migration)
    throw err
  }
}

function hasHost(spec: RequestSpec): boolean {
  return spec.objIsSet('requested_destination') && (spec.requested_destination?.objIsSet('host') ?? false)
}

/**
 * Within the cell of the instance; where the user may move it to another cell, that one is only preferred. A host that the user has named
 * is tried once.
 */
function limitDestination(spec: RequestSpec, scope: CellScope, properties: FilterProperties, isTargeted: boolean): void {
  if (!spec.objIsSet('requested_destination') || spec.requested_destination === null) spec.requested_destination = new Destination()
  const destination = spec.requested_destination!
  if (isTargeted && destination.objIsSet('allow_cross_cell_move') && destination.allow_cross_cell_move) destination.cell = null
  else restrictToCell(spec, scope)
  if (!isTargeted) return
  delete properties.retry
  spec.retry = null
}

/** A move that is tried on a further host goes on with the migration that it has. */
async function migrationFor({ stores }: CellScope, ctx: RequestContext, instance: Instance, flavor: Flavor): Promise<Migration> {
  const type = instance.flavor.id === flavor.id ? 'migration' : 'resize'
  const filters = { instance_uuid: instance.uuid, migration_type: type, status: 'pre-migrating' }
  const [begun] = await stores.migrations.listByFilters(ctx, filters)
  if (begun !== undefined) return begun
  const migration = new Migration({
    old_instance_type_id: instance.flavor.id,
    new_instance_type_id: flavor.id,
    status: 'pre-migrating',
    instance_uuid: instance.uuid,
    source_compute: instance.host,
    source_node: instance.node,
    migration_type: type,
  })
  await stores.migrations.create(ctx, migration)
  return migration
}

async function findHost(
  deps: ComputeTaskDeps,
  ctx: RequestContext,
  order: ColdMigration,
  spec: RequestSpec,
): Promise<[Selection, Selection[]]> {
  const { instance, hostList } = order
  if (hostList !== null) return nextHost(deps, ctx, instance, spec, [...hostList])
  const [hosts] = await askScheduler(deps, ctx, spec, [instance.uuid], true)
  const [selection, ...alternates] = hosts as [Selection, ...Selection[]]
  fillProviderMapping(spec, selection)
  return [selection, alternates]
}

/** In another cell, as the user may have allowed. Hosts of an earlier selection are all in the cell in which it began. */
function isElsewhere({ cell }: CellScope, selection: Selection, { hostList }: ColdMigration): boolean {
  return hostList === null && cell !== null && selection.cell_uuid !== cell.uuid
}

/** @throws NovaError `MaxRetriesExceeded` */
async function nextHost(
  deps: ComputeTaskDeps,
  ctx: RequestContext,
  { uuid }: Instance,
  spec: RequestSpec,
  hosts: Selection[],
): Promise<[Selection, Selection[]]> {
  for (let host = hosts.shift(); host !== undefined; host = hosts.shift()) {
    if (!(await claimAlternate(deps, ctx, spec, uuid, host))) continue
    if (host.allocation_request) fillProviderMapping(spec, host)
    return [host, hosts]
  }
  throw novaError('MaxRetriesExceeded', { reason: `Exhausted all hosts available for retrying build failures for instance ${uuid}.` })
}

/** Of a compute of before Stein, which does not send it back. */
function specOf({ instance, flavor, filterProperties }: ColdMigration): RequestSpec {
  const { uuid, project_id, user_id, availability_zone } = instance
  const optional = Object.fromEntries(
    (['numa_topology', 'pci_requests'] as const).flatMap((name) => (instance.objIsSet(name) ? [[name, instance[name]]] : [])),
  )
  const asked = new RequestSpec({
    instance_uuid: uuid,
    num_instances: 1,
    flavor,
    project_id,
    user_id,
    availability_zone,
    image: null,
    ...optional,
  })
  return specWith(asked, filterProperties)
}

/** For callers that must expect it, as upstream's. */
export function isExpectedOfMigration(err: unknown): boolean {
  return err instanceof NovaError && expectedKinds.some((kind) => isNovaError(err, kind))
}

const expectedKinds = [
  'NoValidHost',
  'ComputeServiceUnavailable',
  'ComputeHostNotFound',
  'InvalidHypervisorType',
  'InvalidCPUInfo',
  'UnableToMigrateToSelf',
  'DestinationHypervisorTooOld',
  'InvalidLocalStorage',
  'InvalidSharedStorage',
  'HypervisorUnavailable',
  'InstanceInvalidState',
  'MigrationPreCheckError',
  'UnsupportedPolicyException',
] as const
