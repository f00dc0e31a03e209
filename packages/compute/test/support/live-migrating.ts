import type { TestContext } from 'node:test'
import { smallFlavor } from './compute-fixture.js'
import { type ComputePair, type ComputePairOptions, computePair, type Move, moveOf } from './compute-pair.js'

/** A guest on compute1, and its live migration to compute2 as the conductor leaves it: both ends hold an allocation. */
export async function prepared(t: TestContext, options: ComputePairOptions = {}): Promise<{ pair: ComputePair; move: Move }> {
  const pair = await computePair(t, options)
  const move = await moveOf(pair, 'compute2', smallFlavor)
  move.instance.task_state = 'migrating'
  await pair.stores.instances.save(pair.ctx, move.instance)
  move.migration.migration_type = 'live-migration'
  move.migration.status = 'accepted'
  await pair.stores.migrations.save(pair.ctx, move.migration)
  return { pair, move }
}

export async function start(pair: ComputePair, { instance, migration }: Move): Promise<void> {
  const asked = { host: 'compute2', instance, blockMigration: null, diskOverCommit: null, migration, limits: null }
  const migrateData = await pair.api.checkCanLiveMigrateDestination(pair.ctx, asked)
  await pair.api.liveMigration(pair.ctx, { host: 'compute1', instance, dest: 'compute2', blockMigration: null, migrateData, migration })
}

export async function ended(pair: ComputePair): Promise<void> {
  await pair.quiet()
  await pair.compute1.parts.liveMigrations.settled()
  await pair.quiet()
}
