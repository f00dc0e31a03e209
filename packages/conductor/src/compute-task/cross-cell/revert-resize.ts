import type { Instance, Migration, RequestContext } from '@micronova/model'
import { failureText, messageOf } from '@micronova/rpcapi'
import type { CellScope, ComputeTaskDeps, Deployment } from '../compute-task-deps.js'
import { asEvent } from '../scope.js'
import { changeCell, hide } from './change-cell.js'
import { failDecision } from './failed-decision.js'
import type { CellSide } from './move-state.js'
import { sourceOfMove } from './source-of-move.js'
import { bringVolumesBack } from './volumes-of-source.js'

const taskEvent = 'conductor_revert_snapshot_based_resize'

/**
 * The instance goes back to the cell that it has come from, and is gone from the one that it had come to.
 *
 *     what has changed meanwhile goes to the source cell -> mapping changes cells -> guest gone at the destination
 *         -> copy erased -> guest made of the disks that stayed
 *
 * From the change of the mapping on a failure leaves the instance in ERROR in the source cell: a hard reboot brings it back.
 *
 * @param instance of the target cell, as is `migration`
 * @see nova 26.2.2, `conductor/tasks/cross_cell_migrate.py`, `RevertResizeTask`
 */
export async function revertResize(
  deps: ComputeTaskDeps,
  deployment: Deployment,
  scope: CellScope,
  ctx: RequestContext,
  { instance, migration }: { readonly instance: Instance; readonly migration: Migration },
): Promise<void> {
  const target: CellSide = { scope, instance, migration }
  let source: CellSide
  await deps.onStep?.(ctx, target, 'resize_revert', 'start')
  try {
    source = await sourceOfMove(deployment, ctx, migration)
    await prepareSource(deps, deployment, ctx, source, target)
  } catch (err) {
    await failDecision(deps, deployment, ctx, target, err)
    throw err
  }
  const { uuid } = instance
  try {
    await hide(deps, ctx, target)
    await bringBack(deps, ctx, source, target)
    await source.scope.stores.instances.refresh(ctx, source.instance)
    await source.scope.stores.actions.finishEvent(ctx, uuid, taskEvent)
  } catch (err) {
    await failDecision(deps, deployment, ctx, source, err)
    await source.scope.stores.actions.finishEvent(ctx, uuid, taskEvent, failureText(err))
    throw err
  }
  await deps.onStep?.(ctx, source, 'resize_revert', 'end')
}

/** Bring the source cell up to date, then let the mapping name it. A failure leaves it as hidden as it was. */
async function prepareSource(
  deps: ComputeTaskDeps,
  deployment: Deployment,
  ctx: RequestContext,
  source: CellSide,
  target: CellSide,
): Promise<void> {
  const { instance, migration, scope } = source
  const { instances, migrations, instanceRecords } = scope.stores
  if (!target.instance.objIsSet('system_metadata')) await target.scope.stores.instances.load(ctx, target.instance, ['system_metadata'])
  const volumes = await bringVolumesBack(deps, ctx, source, target)
  try {
    const { old_vm_state: before = 'active' } = target.instance.system_metadata
    instance.system_metadata = { ...instance.system_metadata, old_vm_state: before }
    instance.task_state = 'resize_reverting'
    await instances.save(ctx, instance)
    // With this request among them: the computes of the source cell record their events in its action.
    await instanceRecords.addActions(ctx, await target.scope.stores.instanceRecords.read(ctx, instance.uuid))
    migration.status = target.migration.status
    await migrations.save(ctx, migration)
    await changeCell(deployment, ctx, source)
  } catch (err) {
    await volumes.undo()
    await staysAtTarget(deps, deployment, ctx, source, target)
    throw err
  }
  await volumes.finish()
}

async function staysAtTarget(
  { log }: ComputeTaskDeps,
  deployment: Deployment,
  ctx: RequestContext,
  { instance, scope }: CellSide,
  target: CellSide,
): Promise<void> {
  try {
    instance.task_state = null
    instance.hidden = true
    await scope.stores.instances.save(ctx, instance)
    await changeCell(deployment, ctx, target)
  } catch (err) {
    log.error(`The revert could not be taken back in the source cell: ${messageOf(err)}`, { instanceUuid: instance.uuid, context: ctx })
  }
}

/** The event of the destination is told of in the source cell, where its user looks now. */
async function bringBack({ log }: ComputeTaskDeps, ctx: RequestContext, source: CellSide, target: CellSide): Promise<void> {
  const { uuid } = target.instance
  const teller = { host: target.migration.dest_compute ?? '', log }
  await asEvent(teller, source.scope, ctx, uuid, 'compute_revert_snapshot_based_resize_at_dest', () =>
    target.scope.compute.revertSnapshotBasedResizeAtDest(ctx, { instance: target.instance, migration: target.migration }),
  )
  log.info('The copy of the instance in the target cell is erased', { instanceUuid: uuid, context: ctx })
  await target.scope.stores.instanceRecords.erase(ctx, uuid)
  const { instance, migration, scope } = source
  await scope.compute.finishRevertSnapshotBasedResizeAtSource(ctx, { instance, migration })
}
