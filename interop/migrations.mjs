// Moves, and what the cloud says of them.
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

/** Evacuates a server of `home` to the other host; afterwards its own host returns and drops what it had of it. */
export async function evacuateFrom(stage, id, placed = {}) {
  const { servers, client, cloud, home, away, configuration } = stage
  const member = configuration.members.find((one) => one.program === 'nova-compute' && one.host === home)
  const service = (await cloud.services()).find((one) => one.binary === 'nova-compute' && one.host === home)
  stage.afterwards(async () => {
    await cloud.start(member)
    await pollUntil(
      `${home} to be let up again`,
      async () => (await client.nova('PUT', `/os-services/${service.id}`, { forced_down: false }, { allow: [400] })).status === 200,
      { everyMs: 1000 },
    )
    await cloud.waitUntilUp(member)
    await pollUntil(`the allocation on ${home} to go`, async () => !(home in (await servers.allocations(id))), { timeoutMs: 30_000 })
    await servers.checkPlaced(id, placed)
  })
  await cloud.stop(member)
  await client.nova('PUT', `/os-services/${service.id}`, { forced_down: true })
  await servers.act(id, 'evacuate', {})
  await servers.waitFor(id, 'ACTIVE', { also: (server) => server['OS-EXT-SRV-ATTR:host'] === away })
}
