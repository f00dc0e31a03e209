import {
  type BuildRequest,
  CELL0_UUID,
  type Instance,
  type InstanceMapping,
  isNovaError,
  type RequestContext,
  type RequestSpec,
} from '@micronova/model'
import { failureText } from '@micronova/rpcapi'
import type { CellScope, ComputeTaskDeps, Deployment } from '../compute-task-deps.js'
import { INSTANCES_AT_ONCE, inParallel } from '../in-parallel.js'
import { giveUp } from '../report-failure.js'
import { scopeOfCell } from '../scope.js'
import type { BuildOrder } from './build-plan.js'
import { createBlockDevices, createTags, newInstance } from './instance-parts.js'

export interface Burial {
  readonly buildRequests: readonly BuildRequest[]
  /** In the order of the build requests, if they were made already. */
  readonly instances?: readonly Instance[]
  readonly requestSpec: RequestSpec
  readonly error: unknown
}

/**
 * Write instances that got no host into cell0, in ERROR, where their users find and delete them. Their build requests go; one that is
 * gone already means that its server was deleted meanwhile.
 *
 * @see nova 26.2.2, `conductor/manager.py`, `_bury_in_cell0`
 */
export async function buryInCell0(
  deps: ComputeTaskDeps,
  deployment: Deployment,
  ctx: RequestContext,
  order: Pick<BuildOrder, 'blockDeviceMapping' | 'tags'>,
  burial: Burial,
): Promise<void> {
  const scope = await cell0(deps, deployment, ctx)
  if (scope === null) return
  const { buildRequests, instances = buildRequests.map(newInstance) } = burial
  const found = await deployment.api.instanceMappings.listByInstanceUuids(
    ctx,
    instances.map(({ uuid }) => uuid),
  )
  const mappings = new Map(found.map((mapping) => [mapping.instance_uuid, mapping]))
  await inParallel(buildRequests, INSTANCES_AT_ONCE, (request, at) =>
    bury(deps, deployment, scope, ctx, order, {
      ...burial,
      request,
      instance: instances[at]!,
      mapping: mappings.get(request.instance_uuid),
    }),
  )
}

async function cell0({ log }: ComputeTaskDeps, deployment: Deployment, ctx: RequestContext): Promise<CellScope | null> {
  try {
    return await scopeOfCell(deployment, await deployment.cells.byUuid(ctx, CELL0_UUID))
  } catch (err) {
    if (!isNovaError(err, 'CellMappingNotFound')) throw err
    log.error('No cell mapping found for cell0 while trying to record scheduling failure. Setup is incomplete.', { context: ctx })
    return null
  }
}

interface Grave extends Omit<Burial, 'buildRequests' | 'instances'> {
  readonly request: BuildRequest
  readonly instance: Instance
  readonly mapping: InstanceMapping | undefined
}

async function bury(
  deps: ComputeTaskDeps,
  { api }: Deployment,
  scope: CellScope,
  ctx: RequestContext,
  order: Pick<BuildOrder, 'blockDeviceMapping' | 'tags'>,
  { request, instance, mapping, requestSpec, error }: Grave,
): Promise<void> {
  const { uuid } = instance
  const noted = { instanceUuid: uuid, context: ctx }
  if (mapping === undefined) deps.log.error('While burying instance in cell0, no instance mapping was found.', noted)
  if (mapping?.cell_mapping) {
    deps.log.error(`When attempting to bury instance in cell0, the instance is already mapped to cell ${mapping.cell_mapping.uuid}.`, noted)
  } else {
    await scope.stores.instances.create(ctx, instance)
    if (mapping !== undefined) {
      mapping.cell_mapping = scope.cell
      await api.instanceMappings.save(ctx, mapping)
    }
    await recordAction(deps, scope, ctx, uuid, error)
    await createBlockDevices(scope, ctx, instance, order.blockDeviceMapping)
    await createTags(scope, ctx, uuid, order)
    await giveUp(deps, scope, ctx, { instanceUuid: uuid, method: 'build_instances', vmState: 'error', error, requestSpec })
  }
  try {
    await api.buildRequests.destroy(ctx, request.instance_uuid)
  } catch (err) {
    if (!isNovaError(err, 'BuildRequestNotFound')) throw err
    await scope.stores.instances.destroy(ctx, instance)
  }
}

async function recordAction(
  { host }: ComputeTaskDeps,
  { stores: { actions } }: CellScope,
  ctx: RequestContext,
  uuid: string,
  error: unknown,
): Promise<void> {
  const event = 'conductor_schedule_and_build_instances'
  await actions.start(ctx, uuid, 'create')
  await actions.startEvent(ctx, uuid, event, host)
  await actions.finishEvent(ctx, uuid, event, failureText(error))
}
