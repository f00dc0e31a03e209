import { isNovaError, type RequestContext } from '@micronova/model'
import type { ComputeTaskDeps, Deployment } from '../compute-task-deps.js'
import { INSTANCES_AT_ONCE, inParallel } from '../in-parallel.js'
import { giveUp } from '../report-failure.js'
import type { BuildOrder, PlannedBuild } from './build-plan.js'
import { createBlockDevices, createTags } from './instance-parts.js'

/**
 * End builds that are in their cells and will not be started: in ERROR, with their disks and tags, so that they can be seen and deleted.
 *
 * @see nova 26.2.2, `conductor/manager.py`, `_cleanup_build_artifacts`
 */
export async function cleanUpBuilds(
  deps: ComputeTaskDeps,
  { api }: Deployment,
  ctx: RequestContext,
  order: BuildOrder,
  builds: readonly PlannedBuild[],
  error: unknown,
): Promise<void> {
  await inParallel(builds, INSTANCES_AT_ONCE, async ({ instance, requestSpec, cell, scope }) => {
    const { uuid } = instance
    await giveUp(deps, scope, ctx, { instanceUuid: uuid, method: 'build_instances', vmState: 'error', error, requestSpec })
    await createBlockDevices(scope, ctx, instance, order.blockDeviceMapping)
    await createTags(scope, ctx, uuid, order)
    const mapping = await api.instanceMappings.getByInstanceUuid(ctx, uuid)
    mapping.cell_mapping = cell
    await api.instanceMappings.save(ctx, mapping)
    await withoutNotFound(api.buildRequests.destroy(ctx, uuid))
    await withoutNotFound(api.requestSpecs.destroy(ctx, uuid))
  })
}

async function withoutNotFound(work: Promise<void>): Promise<void> {
  try {
    await work
  } catch (err) {
    if (!isNovaError(err, 'NotFound')) throw err
  }
}
