import { type Instance, type Migration, powerStates, type RequestContext } from '@micronova/model'
import type { CellScope, ComputeTaskDeps, Deployment } from '../compute-task-deps.js'
import { asEvent } from '../scope.js'
import { failDecision } from './failed-decision.js'
import type { CellSide } from './move-state.js'
import { sourceOfMove } from './source-of-move.js'

/**
 * The instance stays in the cell that it has come to: its source is cleaned up, in the cell and on the host.
 *
 * @param instance of the target cell, as is `migration`
 * @see nova 26.2.2, `conductor/tasks/cross_cell_migrate.py`, `ConfirmResizeTask`
 */
export async function confirmResize(
  deps: ComputeTaskDeps,
  deployment: Deployment,
  scope: CellScope,
  ctx: RequestContext,
  { instance, migration }: { readonly instance: Instance; readonly migration: Migration },
): Promise<void> {
  const target: CellSide = { scope, instance, migration }
  try {
    const source = await sourceOfMove(deployment, ctx, migration)
    await deps.onStep?.(ctx, source, 'resize_confirm', 'start')
    await cleanUpSource(deps, ctx, source, target)
    await settle(ctx, target)
  } catch (err) {
    await failDecision(deps, deployment, ctx, target, err)
    throw err
  }
  await deps.onStep?.(ctx, target, 'resize_confirm', 'end')
}

/** The compute records its event in an action of its cell; the user finds the same event in the other one. */
async function cleanUpSource({ log }: ComputeTaskDeps, ctx: RequestContext, source: CellSide, target: CellSide): Promise<void> {
  const { instance, migration, scope } = source
  await scope.stores.actions.start(ctx, instance.uuid, 'confirmResize')
  const teller = { host: migration.source_compute ?? '', log }
  await asEvent(teller, target.scope, ctx, instance.uuid, 'compute_confirm_snapshot_based_resize_at_source', () =>
    scope.compute.confirmSnapshotBasedResizeAtSource(ctx, { instance, migration }),
  )
  await scope.stores.instanceRecords.erase(ctx, instance.uuid)
}

/** It may have been started or stopped by hand before; it may be about to be deleted, which is what confirms it then. */
async function settle(ctx: RequestContext, { instance, migration, scope: { stores } }: CellSide): Promise<void> {
  migration.status = 'confirmed'
  await stores.migrations.save(ctx, migration)
  if (!instance.objIsSet('system_metadata')) await stores.instances.load(ctx, instance, ['system_metadata'])
  const { old_vm_state: _, ...metadata } = instance.system_metadata
  instance.system_metadata = metadata
  instance.old_flavor = null
  instance.new_flavor = null
  instance.vm_state = instance.power_state === powerStates.shutdown ? 'stopped' : 'active'
  instance.task_state = null
  await stores.instances.dropMigrationContext(ctx, instance)
  await stores.instances.save(ctx, instance, { expectedTaskState: [null, 'deleting', 'soft-deleting'] })
}
