// Where the scheduler puts servers: groups, zones, disabled hosts, hosts that come and go.
import assert from 'node:assert/strict'
import { scenario } from '../scenario.mjs'
import { pollUntil } from '../wait.mjs'

const hostOf = (server) => server['OS-EXT-SRV-ATTR:host']

async function serverGroup({ client, afterwards }, policy) {
  const { server_group: group } = (await client.nova('POST', '/os-server-groups', { server_group: { name: `interop-${policy}`, policy } }))
    .body
  afterwards(() => client.nova('DELETE', `/os-server-groups/${group.id}`))
  return { group: group.id }
}

export const affinity = scenario({
  name: 'server group with affinity',
  expects: 'three servers on one host',
  methods: [],
  async run(stage) {
    const hints = await serverGroup(stage, 'affinity')
    const hosts = []
    for (let i = 0; i < 3; i++) hosts.push(hostOf(await stage.servers.boot({ hints, networks: 'none' })))
    assert.equal(new Set(hosts).size, 1, `hosts: ${hosts}`)
  },
})

export const antiAffinity = scenario({
  name: 'server group with anti-affinity',
  expects: 'two servers on two hosts; a third finds none',
  methods: [],
  async run(stage) {
    const { servers } = stage
    const hints = await serverGroup(stage, 'anti-affinity')
    const hosts = [await servers.boot({ hints, networks: 'none' }), await servers.boot({ hints, networks: 'none' })].map(hostOf)
    assert.equal(new Set(hosts).size, 2, `hosts: ${hosts}`)
    const third = await servers.create({ hints, networks: 'none' })
    const { fault } = await servers.waitForFault(third)
    assert.match(fault.message, /No valid host was found/)
  },
})

export const zones = scenario({
  name: 'availability zone and image cache',
  expects: "a server asked into an aggregate's zone is on its host and shows the zone; images are cached there on request",
  methods: ['cache_images'],
  alone: true,
  async run({ servers, client, cloud, away, afterwards }) {
    const zone = 'interop-zone'
    const { aggregate } = (await client.nova('POST', '/os-aggregates', { aggregate: { name: zone, availability_zone: zone } })).body
    const act = (action) => client.nova('POST', `/os-aggregates/${aggregate.id}/action`, action)
    afterwards(() => client.nova('DELETE', `/os-aggregates/${aggregate.id}`))
    await act({ add_host: { host: away } })
    afterwards(() => act({ remove_host: { host: away } }))
    await client.nova('POST', `/os-aggregates/${aggregate.id}/images`, { cache: [{ id: cloud.made.image }] })
    const server = await servers.boot({ availability_zone: zone })
    assert.deepEqual([hostOf(server), server['OS-EXT-AZ:availability_zone']], [away, zone])
    await servers.delete(server.id)
  },
})

export const disabledHost = scenario({
  name: 'a disabled host',
  expects: 'Placement marks its provider; no server goes there until it is enabled again',
  methods: ['set_host_enabled'],
  alone: true,
  async run({ servers, client, cloud, home, away, afterwards }) {
    const service = (await cloud.services()).find((one) => one.binary === 'nova-compute' && one.host === away)
    const { resource_providers: providers } = (await client.placement('GET', `/resource_providers?name=${away}`)).body
    const marked = async () =>
      (await client.placement('GET', `/resource_providers/${providers[0].uuid}/traits`)).body.traits.includes('COMPUTE_STATUS_DISABLED')
    const set = (status) => client.nova('PUT', `/os-services/${service.id}`, { status })
    afterwards(() => set('enabled'))
    await set('disabled')
    await pollUntil(`the provider of ${away} to be marked`, marked)
    for (let i = 0; i < 3; i++) assert.equal(hostOf(await servers.boot({ networks: 'none' })), home)
    await set('enabled')
    await pollUntil(`the mark of ${away} to go`, async () => !(await marked()))
    await servers.boot({ networks: 'none', host: away })
  },
})

export const hostActions = scenario({
  name: 'host actions of old',
  expects: 'before microversion 2.43: enable, maintenance mode and power actions reach the host',
  methods: ['set_host_enabled', 'host_maintenance_mode', 'host_power_action'],
  alone: true,
  async run({ client, away, afterwards }) {
    const old = { microversion: '2.42' }
    const put = (body) => client.nova('PUT', `/os-hosts/${away}`, body, old)
    afterwards(() => put({ status: 'enable' }))
    assert.equal((await put({ status: 'disable' })).body.status, 'disabled')
    assert.equal((await put({ status: 'enable' })).body.status, 'enabled')
    assert.equal((await put({ maintenance_mode: 'enable' })).body.maintenance_mode, 'on_maintenance')
    assert.equal((await put({ maintenance_mode: 'disable' })).body.maintenance_mode, 'off_maintenance')
    assert.equal((await client.nova('GET', `/os-hosts/${away}/reboot`, undefined, old)).body.power_action, 'reboot')
  },
})

export const newHost = scenario({
  name: 'a new host joins and leaves',
  expects: 'found in the cell, with a provider; takes a server; after its service is deleted nothing of it is left',
  methods: ['build_and_run_instance'],
  alone: true,
  timeoutSeconds: 180,
  async run({ servers, client, cloud, configuration, home, afterwards }) {
    const { kind } = configuration.members.find((one) => one.program === 'nova-compute' && one.host === home)
    const member = { kind, program: 'nova-compute', host: 'compute3' }
    const service = async () => (await cloud.services()).find((one) => one.host === 'compute3')
    const providers = async () => (await client.placement('GET', '/resource_providers?name=compute3')).body.resource_providers
    afterwards(async () => {
      await servers.removeAll() // its host must be there for that
      await cloud.stop(member)
      const left = await service()
      if (left) await client.nova('DELETE', `/os-services/${left.id}`)
    })
    await cloud.start(member)
    await cloud.waitUntilUp(member)
    await cloud.discoverHosts([member])
    await pollUntil('its provider', async () => (await providers()).length === 1)
    const server = await servers.boot({ host: 'compute3' })
    await servers.delete(server.id)
    await servers.checkGone(server.id)
    await cloud.stop(member)
    await client.nova('DELETE', `/os-services/${(await service()).id}`)
    assert.deepEqual(await providers(), [])
    const { hypervisors } = (await client.nova('GET', '/os-hypervisors')).body
    assert.ok(!hypervisors.some((one) => one.hypervisor_hostname === 'compute3'))
  },
})
