import type { Migration, RequestContext } from '@micronova/model'
import type { ComputeParts } from '../parts.js'

/** Shown to the operator; that it cannot be written keeps no guest from moving. */
export async function setMigrationStatus(
  { stores, log }: Pick<ComputeParts, 'stores' | 'log'>,
  ctx: RequestContext,
  migration: Migration,
  status: string,
): Promise<void> {
  try {
    migration.status = status
    await stores.migrations.save(ctx, migration)
  } catch (err) {
    log.warning(`The migration ${migration.uuid} could not be set to ${status}`, { err })
  }
}
