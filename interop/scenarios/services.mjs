// Services and the hosts they stand for.
import assert from 'node:assert/strict'
import { scenario } from '../scenario.mjs'
import { pollUntil } from '../wait.mjs'

export const registered = scenario({
  name: 'services are registered',
  expects: 'each service is listed once, enabled and up',
  methods: [],
  async run({ cloud, configuration }) {
    const services = await cloud.services()
    for (const { program, host } of configuration.members) {
      const found = services.filter((one) => one.binary === program && one.host === host)
      assert.equal(found.length, 1, `${program} on ${host}`)
      assert.deepEqual([found[0].state, found[0].status, found[0].forced_down], ['up', 'enabled', false], `${program} on ${host}`)
    }
  },
})

export const hypervisors = scenario({
  name: 'hypervisors',
  expects: 'list and show agree on the type; a resource provider of the same name has inventory of the same size, and traits',
  methods: ['get_host_uptime'],
  async run({ client, home }) {
    const { hypervisors: all } = (await client.nova('GET', '/os-hypervisors/detail')).body
    const one = all.find((hypervisor) => hypervisor.hypervisor_hostname === home)
    assert.deepEqual([one.state, one.status, one.hypervisor_type, one.service.host], ['up', 'enabled', 'fake', home])
    const { hypervisors: sized } = (await client.nova('GET', '/os-hypervisors/detail', undefined, { microversion: '2.79' })).body
    const sizes = sized.find((hypervisor) => hypervisor.hypervisor_hostname === home)
    const { resource_providers: providers } = (await client.placement('GET', `/resource_providers?name=${home}`)).body
    const { inventories } = (await client.placement('GET', `/resource_providers/${providers[0].uuid}/inventories`)).body
    assert.deepEqual(
      [inventories.VCPU.total, inventories.MEMORY_MB.total, inventories.DISK_GB.total],
      [sizes.vcpus, sizes.memory_mb, sizes.local_gb],
    )
    const { traits } = (await client.placement('GET', `/resource_providers/${providers[0].uuid}/traits`)).body
    assert.ok(traits.includes('COMPUTE_NODE'), `traits: ${traits}`)
    const statistics = (await client.nova('GET', '/os-hypervisors/statistics', undefined, { microversion: '2.79' })).body
    assert.ok(statistics.hypervisor_statistics.count >= 2)
    // The fake driver knows no uptime: nova-api says so, having asked the compute.
    const uptime = await client.nova('GET', `/os-hypervisors/${one.id}`)
    assert.ok('uptime' in uptime.body.hypervisor)
  },
})

export const downAndUp = scenario({
  name: 'a compute goes down and comes back',
  expects: 'down within its time after it was stopped, up again after its start, with the same id',
  methods: [],
  alone: true,
  async run({ cloud, configuration, away, afterwards }) {
    const member = configuration.members.find((one) => one.program === 'nova-compute' && one.host === away)
    const service = async () => (await cloud.services()).find((one) => one.binary === 'nova-compute' && one.host === away)
    const before = await service()
    afterwards(async () => {
      await cloud.start(member)
      await cloud.waitUntilUp(member)
    })
    await cloud.stop(member)
    await pollUntil(`${away} to be down`, async () => (await service()).state === 'down', { timeoutMs: 30_000, everyMs: 1000 })
    await cloud.start(member)
    await cloud.waitUntilUp(member)
    assert.equal((await service()).id, before.id)
  },
})
