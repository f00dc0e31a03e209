import { runSteps, UndoFailed } from '@micronova/lifecycle'
import {
  type Flavor,
  type Instance,
  isNovaError,
  type Migration,
  type RequestContext,
  type RequestSpec,
  type Selection,
} from '@micronova/model'
import { messageOf } from '@micronova/rpcapi'
import type { CellScope, ComputeTaskDeps, Deployment } from '../compute-task-deps.js'
import { hasExtendedBinding } from '../networks.js'
import { scopeOfCell } from '../scope.js'
import { arrive } from './arrive.js'
import { leaveSource, makeImage } from './leave-source.js'
import { type CellSide, type MoveState, type MoveStep, movingAttributes, preCheckFailed } from './move-state.js'
import { bindPorts, claimDestination, mirrorClaim, reserveVolumes } from './prepare-destination.js'
import { showAtTarget } from './show-at-target.js'

/**
 * The destination holds all that it needs before anything happens to the guest; it is shown at the target when it is there.
 *
 *     copy (hidden) -> ports, volumes, claim -> claim mirrored -> image -> guest leaves -> guest arrives -> mapping changes cells
 */
const steps: readonly MoveStep[] = [bindPorts, reserveVolumes, claimDestination, mirrorClaim, makeImage, leaveSource, arrive, showAtTarget]

export interface CrossCellMove {
  readonly instance: Instance
  readonly flavor: Flavor
  /** Of the source cell. */
  readonly migration: Migration
  readonly requestSpec: RequestSpec
  /** The host that the scheduler chose; its allocations are claimed. */
  readonly selection: Selection
}

/**
 * Move the instance to a host of another cell, to wait there for the user's decision. A failure takes back what was done in both cells;
 * allocations, status of the migration and task state are the caller's. A guest that had left its source leaves the instance in ERROR
 * there, where its disks are: a hard reboot brings it back.
 *
 * @see nova 26.2.2, `conductor/tasks/cross_cell_migrate.py`, `CrossCellMigrationTask`
 */
export async function moveToCell(
  deps: ComputeTaskDeps,
  deployment: Deployment,
  source: CellScope,
  ctx: RequestContext,
  move: CrossCellMove,
): Promise<void> {
  const { migration, selection, flavor, requestSpec } = move
  const { uuid } = move.instance
  deps.log.info(`The instance goes to another cell, to host ${selection.service_host}`, { instanceUuid: uuid, context: ctx })
  migration.cross_cell_move = true
  await source.stores.migrations.save(ctx, migration)
  if (!(await hasExtendedBinding(deps, ctx)))
    throw preCheckFailed("Required networking service API extension 'binding-extended' not found.")
  const target = await scopeOfCell(deployment, await deployment.cells.byUuid(ctx, selection.cell_uuid))
  const instance = await source.stores.instances.getByUuid(ctx, uuid, movingAttributes)
  try {
    const state: MoveState = {
      deps,
      deployment,
      ctx,
      flavor,
      requestSpec,
      selection,
      source: { scope: source, instance, migration },
      target: await copyTo(deps, target, ctx, { scope: source, instance, migration }),
      context: null,
      boundPorts: [],
      attachments: [],
      imageId: null,
      hasLeft: false,
      hasArrived: false,
    }
    await runSteps(steps, state, new AbortController().signal)
  } catch (err) {
    const failure = err instanceof UndoFailed ? err.failure : err
    if (err instanceof UndoFailed)
      deps.log.error(`The move to another cell could not be taken back completely: ${err.message}: ${messageOf(err.cause)}`, {
        instanceUuid: uuid,
        context: ctx,
      })
    // What was there before this move is not this move's.
    if (!isNovaError(failure, 'InstanceExists')) await erase(deps, target, ctx, uuid)
    throw failure
  }
}

/** @throws NovaError `InstanceExists` */
async function copyTo(deps: ComputeTaskDeps, scope: CellScope, ctx: RequestContext, source: CellSide): Promise<CellSide> {
  const { uuid } = source.instance
  const { instances, instanceRecords, migrations } = scope.stores
  const [leftover] = await instances.listByFilters(ctx, { uuid, hidden: true, deleted: false })
  if (leftover !== undefined) {
    deps.log.warning('A copy of the instance that an earlier move left in the target cell is removed', { instanceUuid: uuid, context: ctx })
    await instanceRecords.erase(ctx, uuid)
  }
  await instanceRecords.createHidden(ctx, await source.scope.stores.instanceRecords.read(ctx, uuid))
  const [instance, migration] = await Promise.all([
    instances.getByUuid(ctx, uuid, movingAttributes),
    migrations.getByUuid(ctx, source.migration.uuid),
  ])
  return { scope, instance, migration }
}

async function erase({ log }: ComputeTaskDeps, { stores }: CellScope, ctx: RequestContext, uuid: string): Promise<void> {
  try {
    await stores.instanceRecords.erase(ctx, uuid)
  } catch (err) {
    log.error(`The copy of the instance could not be removed from the target cell: ${messageOf(err)}`, { instanceUuid: uuid, context: ctx })
  }
}
