// What the cloud says of moves.
import { pollUntil } from './wait.mjs'

/** The newest migration of a server ended like that, and holds nothing in Placement any more. */
export async function checkMigration({ client }, id, type, status) {
  const migration = await pollUntil(
    `the ${type} of ${id} to be ${status}`,
    async () => {
      const { migrations } = (await client.nova('GET', `/os-migrations?instance_uuid=${id}`)).body
      const newest = migrations.sort((a, b) => b.id - a.id)[0]
      return newest?.migration_type === type && newest.status === status && newest
    },
    { timeoutMs: 15_000 },
  )
  await pollUntil(
    `the allocations of migration ${migration.uuid} to go`,
    async () => Object.keys((await client.placement('GET', `/allocations/${migration.uuid}`)).body.allocations).length === 0,
    { timeoutMs: 15_000 },
  )
}
