import { ImageService } from '@micronova/clients'
import {
  type BlockDeviceMappingList,
  type Instance,
  isNovaError,
  type Migration,
  novaError,
  type RequestContext,
  type RequestSpec,
} from '@micronova/model'
import { claimOnDestination, placementOf } from '../allocations.js'
import type { CellScope, ComputeTaskDeps } from '../compute-task-deps.js'
import { limitsOf } from '../filter-properties.js'
import { completeRequest, requestPortResources, resetForcedDestinations, restrictToCell } from '../prepare-request.js'
import { fillProviderMapping, refuseAccelerators } from '../provider-mapping.js'
import { giveUp } from '../report-failure.js'
import { schedule } from '../schedule.js'
import { asEvent } from '../scope.js'
import { firstNodeOf } from '../services.js'
import { zoneOf } from '../zones.js'

export interface Rebuild {
  readonly instance: Instance
  readonly origImageRef: string
  readonly imageRef: string
  readonly injectedFiles: readonly unknown[]
  readonly newPass: string | null
  readonly origSysMetadata: Readonly<Record<string, unknown>> | null
  readonly bdms: BlockDeviceMappingList | null
  /** Its host has failed: it is built again on another one. */
  readonly evacuate: boolean
  readonly onSharedStorage: boolean | null
  readonly preserveEphemeral: boolean
  /** Where the scheduler is not to be asked: the present host, or one that was named with force. */
  readonly host: string | null
  readonly requestSpec: RequestSpec | null
  readonly reimageBootVolume: boolean
}

interface Destination {
  readonly host: string
  readonly node: string | null
  readonly limits: Readonly<Record<string, unknown>> | null
}

/**
 * Build an instance anew, where it is or, if its host has failed, elsewhere.
 *
 * @see nova 26.2.2, `conductor/manager.py`, `rebuild_instance`
 */
export function rebuildInstance(deps: ComputeTaskDeps, scope: CellScope, ctx: RequestContext, order: Rebuild): Promise<void> {
  const { instance, requestSpec } = order
  return asEvent(deps, scope, ctx, instance.uuid, 'rebuild_server', async () => {
    const migration = await acceptedMigration(scope, ctx, instance)
    const to = await destination(deps, scope, ctx, order, migration)
    await deps.onRebuildScheduled?.(ctx, instance, scope.stores)
    instance.availability_zone = await zoneOf(deps, ctx, to.host)
    refuseAccelerators(instance.flavor)
    const { evacuate, injectedFiles, ...rest } = order
    await scope.compute.rebuildInstance(ctx, {
      ...rest,
      injectedFiles,
      recreate: evacuate,
      migration,
      requestSpec: requestSpec!,
      accelUuids: [],
      ...to,
    })
  })
}

/** The API makes one for an evacuation. */
async function acceptedMigration({ stores }: CellScope, ctx: RequestContext, { uuid }: Instance): Promise<Migration | null> {
  const [found] = await stores.migrations.listByFilters({ ...ctx, readDeleted: 'yes' }, { instance_uuid: uuid, status: 'accepted' })
  return found ?? null
}

async function destination(
  deps: ComputeTaskDeps,
  scope: CellScope,
  ctx: RequestContext,
  order: Rebuild,
  migration: Migration | null,
): Promise<Destination> {
  const { host, instance } = order
  if (host === null) return scheduled(deps, scope, ctx, order, migration)
  if (host !== instance.host) await takeForced(deps, scope, ctx, order, host, migration)
  return { host, node: null, limits: null }
}

async function takeForced(
  deps: ComputeTaskDeps,
  scope: CellScope,
  ctx: RequestContext,
  { instance, requestSpec }: Rebuild,
  host: string,
  migration: Migration | null,
): Promise<void> {
  const fail = (error: unknown, vmState: string) =>
    giveUp(deps, scope, ctx, { instanceUuid: instance.uuid, method: 'rebuild_server', vmState, error, requestSpec })
  try {
    const [from, to] = await Promise.all([
      scope.stores.computeNodes.getByHostAndNode(ctx, instance.host ?? '', instance.node ?? ''),
      firstNodeOf(scope, ctx, host),
    ])
    await claimOnDestination(deps, ctx, instance, { from, to })
  } catch (err) {
    const isUpdateFailure = isNovaError(err, 'AllocationUpdateFailed')
    if (isUpdateFailure || isNovaError(err, 'NoValidHost')) await endMigration(scope, ctx, migration)
    if (isUpdateFailure) await fail(err, 'error')
    else if (isNovaError(err, 'NoValidHost') || isNovaError(err, 'ComputeHostNotFound')) await fail(err, instance.vm_state ?? 'error')
    throw err
  }
}

async function scheduled(
  deps: ComputeTaskDeps,
  scope: CellScope,
  ctx: RequestContext,
  order: Rebuild,
  migration: Migration | null,
): Promise<Destination> {
  const { instance, evacuate, origImageRef, imageRef, requestSpec: spec } = order
  if (spec === null) throw novaError('RequestSpecNotFound', { instance_uuid: instance.uuid })
  if (evacuate) {
    spec.ignore_hosts = [instance.host ?? '']
    resetForcedDestinations(spec)
    await requestPortResources(deps, ctx, spec, instance.uuid)
  }
  try {
    if (!evacuate && origImageRef !== imageRef) await checkImageTraits(deps, ctx, instance, imageRef)
    restrictToCell(spec, scope)
    await completeRequest(deps, scope, ctx, spec, instance)
    const [hosts] = await schedule(deps, ctx, spec, [instance.uuid], { alternates: false, scope })
    const selection = hosts![0]!
    if (evacuate) fillProviderMapping(spec, selection)
    return {
      host: selection.service_host,
      node: selection.nodename,
      limits: limitsOf(selection.objIsSet('limits') ? selection.limits : null),
    }
  } catch (error) {
    if (!expectedKinds.some((kind) => isNovaError(error, kind))) throw error
    await endMigration(scope, ctx, migration)
    if (origImageRef && origImageRef !== imageRef) {
      instance.image_ref = origImageRef
      await scope.stores.instances.save(ctx, instance)
    }
    await giveUp(deps, scope, ctx, { instanceUuid: instance.uuid, method: 'rebuild_server', vmState: 'error', error, requestSpec: spec })
    throw error
  }
}

const expectedKinds = ['NoValidHost', 'UnsupportedPolicyException', 'AllocationUpdateFailed'] as const

async function endMigration({ stores }: CellScope, ctx: RequestContext, migration: Migration | null): Promise<void> {
  if (migration === null) return
  migration.status = 'error'
  await stores.migrations.save(ctx, migration)
}

/**
 * What the new image requires must be where the instance is: it does not move, so the scheduler cannot see to it.
 *
 * @throws NovaError `NoValidHost`
 */
async function checkImageTraits(deps: ComputeTaskDeps, ctx: RequestContext, instance: Instance, imageRef: string): Promise<void> {
  const { properties = {} } = await new ImageService(deps.clients.glance).show(ctx, imageRef)
  const required = Object.entries(properties as Readonly<Record<string, unknown>>).flatMap(([name, value]) =>
    name.startsWith('trait:') && value === 'required' ? [name.slice('trait:'.length)] : [],
  )
  if (required.length === 0) return
  const forbidden = Object.entries(instance.flavor.extra_specs).flatMap(([name, value]) =>
    name.startsWith('trait') && value === 'forbidden' ? [name.slice(name.indexOf(':') + 1)] : [],
  )
  if (required.some((trait) => forbidden.includes(trait)))
    throw novaError('NoValidHost', {
      reason:
        'Image traits are part of forbidden traits in flavor associated with the server. Either specify a different image during rebuild or create a new server with the specified image and a compatible flavor.',
    })
  const placement = placementOf(deps)
  const { allocations } = await placement.getAllocations(ctx, instance.uuid)
  const lists = await Promise.all(Object.keys(allocations).map((uuid) => placement.getProviderTraits(ctx, uuid)))
  const present = new Set(lists.flatMap(({ traits }) => traits))
  if (required.every((trait) => present.has(trait))) return
  throw novaError('NoValidHost', {
    reason:
      'Image traits cannot be satisfied by the current resource providers. Either specify a different image during rebuild or create a new server with the specified image.',
  })
}
