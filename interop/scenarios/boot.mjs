// Servers come and go.
import assert from 'node:assert/strict'
import { names } from '../provision.mjs'
import { scenario } from '../scenario.mjs'
import { pollUntil } from '../wait.mjs'

export const bootWithPort = scenario({
  name: 'boot on a network',
  expects: 'ACTIVE and running, a bound port whose address is shown, allocations of the flavor; all gone after the delete',
  methods: ['build_and_run_instance', 'terminate_instance'],
  async run({ servers }) {
    const server = await servers.boot()
    assert.equal(server['OS-EXT-STS:power_state'], 1)
    assert.ok(server['OS-SRV-USG:launched_at'])
    assert.equal(Object.values(server.addresses).flat().length, 1)
    await servers.checkActions(server.id, ['create'])
    await servers.delete(server.id)
    await servers.checkGone(server.id)
  },
})

export const bootWithoutNetwork = scenario({
  name: 'boot without a network',
  expects: '`networks: none` gives ACTIVE without a port',
  methods: ['build_and_run_instance', 'terminate_instance'],
  async run({ servers }) {
    const server = await servers.boot({ networks: 'none' })
    assert.deepEqual(server.addresses, {})
    await servers.delete(server.id)
  },
})

export const bootOnPort = scenario({
  name: 'boot on a port of the user',
  expects: 'the port that was there before is bound, and is still there, unbound, after the delete',
  methods: ['build_and_run_instance', 'terminate_instance'],
  async run({ servers, client, cloud, afterwards }) {
    const { port } = (await client.neutron('POST', '/ports', { port: { network_id: cloud.made.network, name: 'interop-own' } })).body
    afterwards(() => client.neutron('DELETE', `/ports/${port.id}`, undefined, { allow: [404] }))
    const server = await servers.boot({ networks: [{ port: port.id }] })
    assert.deepEqual((await servers.ports(server.id))[0].id, port.id)
    await servers.delete(server.id)
    const left = (await client.neutron('GET', `/ports/${port.id}`)).body.port
    assert.deepEqual([left.device_id, left.device_owner, left['binding:host_id']], ['', '', ''])
  },
})

export const bootSeveral = scenario({
  name: 'boot several at once',
  expects: '`min_count` 3 gives three ACTIVE servers with names of their own and a port each',
  methods: ['build_and_run_instance', 'terminate_instance'],
  async run({ servers, client }) {
    const first = await servers.create({ min_count: 3, max_count: 3, return_reservation_id: false })
    const { body } = await client.nova('GET', `/servers/detail?name=interop-boot-several-at-once`)
    assert.equal(body.servers.length, 3)
    for (const { id } of body.servers) if (id !== first) servers.ids.push(id)
    for (const id of servers.ids) {
      await servers.waitFor(id, 'ACTIVE')
      await servers.checkPlaced(id)
    }
  },
})

export const noValidHost = scenario({
  name: 'boot with a flavor that fits nowhere',
  expects: 'ERROR with the fault "No valid host was found", no allocation, no port; it can be deleted',
  methods: [],
  async run({ servers }) {
    const id = await servers.create({ flavor: names.huge })
    const server = await servers.waitForFault(id)
    assert.match(server.fault.message, /No valid host was found/)
    assert.equal(server['OS-EXT-SRV-ATTR:host'], null)
    await servers.checkGone(id)
    await servers.delete(id)
  },
})

export const deleteWhileBuilding = scenario({
  name: 'delete in the middle of a build',
  expects: 'five servers deleted while they are built are gone, with their ports and allocations',
  methods: ['build_and_run_instance', 'terminate_instance'],
  async run({ servers, client }) {
    for (let i = 0; i < 5; i++) {
      const id = await servers.create()
      await pollUntil('a host', async () => (await servers.get(id))['OS-EXT-SRV-ATTR:host'] !== null || i % 2 === 0, { everyMs: 50 })
      await client.nova('DELETE', `/servers/${id}`)
    }
    for (const id of servers.ids) await servers.waitUntilGone(id)
  },
})
