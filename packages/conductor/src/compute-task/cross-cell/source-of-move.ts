import type { Migration, RequestContext } from '@micronova/model'
import type { Deployment } from '../compute-task-deps.js'
import { scopeOfCell } from '../scope.js'
import type { CellSide } from './move-state.js'

/**
 * What a finished move to another cell has left in the cell that it came from: its host tells which that is.
 *
 * @throws NovaError `HostMappingNotFound`, `InstanceNotFound`, `MigrationNotFound`
 */
export async function sourceOfMove(
  deployment: Deployment,
  ctx: RequestContext,
  { uuid, source_compute, instance_uuid }: Migration,
): Promise<CellSide> {
  const { cell_mapping: cell } = await deployment.api.hostMappings.getByHost(ctx, source_compute ?? '')
  const scope = await scopeOfCell(deployment, cell)
  const { instances, migrations } = scope.stores
  const [instance, migration] = await Promise.all([
    instances.getByUuid(ctx, instance_uuid ?? '', ['flavor', 'info_cache', 'system_metadata']),
    migrations.getByUuid(ctx, uuid),
  ])
  return { scope, instance, migration }
}
