import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, test } from 'node:test'
import { type Clients, type ConsumerAllocations, ImageService, isClientError } from '@micronova/clients'
import { needs } from '@micronova/testing'
import { clientsFrom, passwordLines } from '../support/clients-from.js'
import { ctx, keystone, lines, origin, userContext, username } from '../support/real-cloud.js'

const placementService = await needs('placement')
const neutronService = await needs('neutron')
const glanceService = await needs('glance')

const clients: Clients = clientsFrom(`[placement]\n${lines}\n[neutron]\n${lines}\n`)
after(() => clients.close())

const conflict = (err: unknown) => isClientError(err, 'conflict')
const notFound = (err: unknown) => isClientError(err, 'not_found')

function present<T>(client: T | null): T {
  assert.ok(client !== null)
  return client
}

test('Placement keeps a provider, its inventory, traits, aggregates and allocations', {
  skip: keystone.skip || placementService.skip,
}, async (t) => {
  const placement = present(clients.placement)
  const [uuid, consumer, mover] = [randomUUID(), randomUUID(), randomUUID()]
  t.after(async () => {
    for (const one of [consumer, mover]) await placement.deleteAllocations(ctx, one).catch(() => {})
    await placement.deleteResourceProvider(ctx, uuid).catch(() => {})
  })
  assert.match(await placement.maxMicroversion(), /^1\.\d+$/)
  const made = await placement.createResourceProvider(ctx, { uuid, name: `micronova-${uuid}` })
  assert.deepEqual([made.generation, made.root_provider_uuid, made.parent_provider_uuid], [0, uuid, null])
  await assert.rejects(placement.createResourceProvider(ctx, { uuid, name: 'another' }), conflict)
  assert.deepEqual(await placement.listResourceProviders(ctx, { in_tree: randomUUID() }), [])
  assert.equal((await placement.listResourceProviders(ctx, { in_tree: uuid }))[0]?.uuid, uuid)

  const inventory = { total: 4, reserved: 0, min_unit: 1, max_unit: 4, step_size: 1, allocation_ratio: 16 }
  const put = await placement.putInventories(ctx, uuid, { resource_provider_generation: 0, inventories: { VCPU: inventory } })
  assert.deepEqual(put, { resource_provider_generation: 1, inventories: { VCPU: inventory } })
  const stale = placement.putInventories(ctx, uuid, { resource_provider_generation: 0, inventories: {} })
  await assert.rejects(stale, (err) => isClientError(err, 'conflict') && err.serviceCode === 'placement.concurrent_update')

  const traits = ['COMPUTE_NODE', 'COMPUTE_VOLUME_EXTEND']
  assert.deepEqual(await placement.listTraits(ctx, [...traits, 'CUSTOM_MICRONOVA_UNKNOWN']), traits)
  assert.deepEqual(await placement.putProviderTraits(ctx, uuid, { resource_provider_generation: 1, traits }), {
    resource_provider_generation: 2,
    traits,
  })
  const aggregates = [randomUUID()]
  await placement.putAggregates(ctx, uuid, { resource_provider_generation: 2, aggregates })
  assert.deepEqual(await placement.getAggregates(ctx, uuid), { resource_provider_generation: 3, aggregates })
  assert.equal((await placement.listResourceProviders(ctx, { member_of: `in:${aggregates}`, required: 'COMPUTE_NODE' })).length, 1)

  const owner = { project_id: randomUUID(), user_id: randomUUID() }
  const allocations: ConsumerAllocations['allocations'] = { [uuid]: { resources: { VCPU: 2 } } }
  assert.deepEqual(await placement.getAllocations(ctx, consumer), { allocations: {} })
  await placement.putAllocations(ctx, consumer, { ...owner, allocations, consumer_generation: null }, { microversion: '1.36' })
  await assert.rejects(placement.putAllocations(ctx, consumer, { ...owner, allocations, consumer_generation: null }), conflict)
  await assert.rejects(placement.deleteResourceProvider(ctx, uuid), conflict)
  await placement.postAllocations(ctx, {
    [consumer]: { ...owner, allocations: {}, consumer_generation: 1 },
    [mover]: { ...owner, allocations, consumer_generation: null },
  })
  assert.deepEqual((await placement.getProviderAllocations(ctx, uuid)).allocations, { [mover]: { resources: { VCPU: 2 } } })
  assert.deepEqual((await placement.getProviderUsages(ctx, uuid)).usages, { VCPU: 2 })
  assert.deepEqual(await placement.getUsages(ctx, owner), { VCPU: 2 })
  const candidates = await placement.getAllocationCandidates(ctx, [
    ['resources', 'VCPU:2'],
    ['member_of', `in:${aggregates}`],
    ['root_required', '!COMPUTE_STATUS_DISABLED'],
  ])
  assert.deepEqual(candidates.allocation_requests, [{ allocations, mappings: { '': [uuid] } }])

  const smaller = {
    resource_provider_generation: (await placement.getInventories(ctx, uuid)).resource_provider_generation,
    inventories: {},
  }
  const inUse = placement.putInventories(ctx, uuid, smaller)
  await assert.rejects(inUse, (err) => isClientError(err, 'conflict') && err.serviceCode === 'placement.inventory.inuse')
  await placement.deleteAllocations(ctx, mover)
  await assert.rejects(placement.deleteAllocations(ctx, mover), notFound)
  await placement.deleteResourceProvider(ctx, uuid)
  await assert.rejects(placement.getResourceProvider(ctx, uuid), notFound)
})

test('Neutron makes ports on a network, binds and moves them', { skip: keystone.skip || neutronService.skip }, async (t) => {
  const neutron = present(clients.neutron)
  assert.ok((await neutron.extensions(ctx)).has('binding'))
  const networks = await neutron.listNetworks(ctx, {})
  const network = networks.find(({ subnets = [] }) => subnets.length > 0)
  if (network === undefined) return t.skip('there is no network with a subnet')
  assert.equal((await neutron.showNetwork(ctx, network.id)).name, network.name)
  assert.equal((await neutron.listSubnets(ctx, { network_id: network.id }))[0]?.network_id, network.id)

  const device = randomUUID()
  const port = await neutron.createPort(ctx, { network_id: network.id, device_id: device, admin_state_up: true })
  t.after(() => neutron.deletePort(ctx, port.id).catch(() => {}))
  assert.deepEqual([port.device_id, port['binding:vif_type'], port.fixed_ips.length > 0], [device, 'unbound', true])
  assert.deepEqual(await neutron.listPorts(ctx, { device_id: device }, { fields: ['id'] }), [{ id: port.id }])
  assert.equal((await neutron.listPorts(ctx, { id: [port.id, ...Array.from({ length: 300 }, randomUUID)] })).length, 1)
  await assert.rejects(
    neutron.showPort(ctx, randomUUID()),
    (err) => notFound(err) && isClientError(err) && err.serviceCode === 'PortNotFound',
  )

  const owned = await neutron.updatePort(ctx, port.id, { device_owner: 'compute:nova', name: 'micronova' })
  assert.equal(owned.name, 'micronova')
  const other = await neutron.createPortBinding(ctx, port.id, { host: `micronova-${device}` }).catch((err: unknown) => {
    if (isClientError(err, 'server_error', 'conflict')) return null // no mechanism driver binds on a host that nobody knows
    throw err
  })
  if (other !== null) {
    assert.equal((await neutron.showPortBinding(ctx, port.id, other.host)).host, other.host)
    assert.equal((await neutron.activatePortBinding(ctx, port.id, other.host)).status, 'ACTIVE')
  }
  await neutron.deletePort(ctx, port.id)
  await assert.rejects(neutron.deletePort(ctx, port.id), notFound)
  assert.ok((await neutron.listSecurityGroups(ctx, {}, { fields: ['id', 'name'] })).length > 0)
  assert.equal(typeof (await neutron.showQuota(ctx, network.tenant_id ?? ''))['port'], 'number')
})

test('Glance takes an image of a user and gives it back', { skip: keystone.skip || glanceService.skip }, async (t) => {
  const user = await userContext()
  const images = new ImageService(clients.glance)
  const made = await images.create(user, { name: 'micronova', properties: { image_type: 'snapshot', block_device_mapping: [] } }, null)
  t.after(() => images.delete(user, made.id).catch(() => {}))
  assert.deepEqual([made.status, made.size, made.properties['image_type']], ['queued', 0, 'snapshot'])

  const data = Buffer.alloc(300_000, 'micronova ')
  const pieces = async function* () {
    for (let at = 0; at < data.length; at += 70_000) yield data.subarray(at, at + 70_000)
  }
  const meta = { disk_format: 'raw', container_format: 'bare', properties: { image_location: 'snapshot', kernel_id: null } }
  const active = await images.update(user, made.id, meta, pieces())
  assert.deepEqual([active.status, active.size, active.properties['block_device_mapping']], ['active', data.length, []])
  const back: Uint8Array[] = []
  for await (const piece of (await images.download(user, made.id)) ?? []) back.push(piece)
  assert.deepEqual(Buffer.concat(back), data)

  await images.delete(user, made.id)
  await assert.rejects(images.show(user, made.id), notFound)
})

test('a password that is wrong is refused without being told', { skip: keystone.skip }, async () => {
  const wrong = clientsFrom(`[placement]\n${passwordLines(origin, username, 'not-the-password', 'admin')}\n`)
  await assert.rejects(present(wrong.placement).getAllocations(ctx, randomUUID()), (err) => {
    assert.ok(isClientError(err, 'unauthorized'))
    assert.deepEqual([err.service, err.status], ['identity', 401])
    assert.doesNotMatch(JSON.stringify(err) + err.message, /not-the-password/)
    return true
  })
  await wrong.close()
})
