import { notImplemented } from '../not-implemented.js'
import { defineOperation, onlyInstance } from '../operation.js'

/** At the source: let the guest stand still so that it arrives. Wire: `live_migration_force_complete`, cast, compute 5.0 and 6.0. */
export const liveMigrationForceComplete = defineOperation({
  method: 'live_migration_force_complete',
  parameters: ['instance'],
  policy: { event: 'compute_live_migration_force_complete', recordFault: true, notify: 'live_migration_force_complete' },
  decode: onlyInstance,
  run: ({ driver }, _ctx, { instance }) => (driver.liveMigration ?? notImplemented()).forceComplete(instance),
})
