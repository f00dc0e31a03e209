import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adminContext } from '@micronova/model'
import { FakeClock } from '@micronova/testing'
import { isClientError } from '../errors.js'
import { FakePlacement } from './fake-placement.js'

const ctx = adminContext({ clock: new FakeClock(), random: { uuid: () => '00000000-0000-0000-0000-000000000001' } })
const owner = { project_id: 'p', user_id: 'u' }

async function withProvider(vcpus = 4): Promise<FakePlacement> {
  const placement = new FakePlacement()
  await placement.createResourceProvider(ctx, { uuid: 'rp', name: 'host' })
  await placement.putInventories(ctx, 'rp', { resource_provider_generation: 0, inventories: { VCPU: { total: vcpus } } })
  return placement
}

const refused =
  (code: string, serviceCode: string | null = null) =>
  (err: unknown) =>
    isClientError(err) && err.code === code && err.serviceCode === serviceCode

test('an inventory that is put with a generation that has passed is refused as a concurrent update', async () => {
  const placement = await withProvider()
  placement.bumpGeneration('rp')
  const stale = { resource_provider_generation: 1, inventories: { VCPU: { total: 8 } } }
  await assert.rejects(placement.putInventories(ctx, 'rp', stale), refused('conflict', 'placement.concurrent_update'))
  assert.equal((await placement.getInventories(ctx, 'rp')).inventories['VCPU']?.total, 4)
})

test('inventories come back complete, with the next generation', async () => {
  const placement = await withProvider()
  assert.deepEqual(await placement.getInventories(ctx, 'rp'), {
    resource_provider_generation: 1,
    inventories: { VCPU: { total: 4, reserved: 0, min_unit: 1, max_unit: 2147483647, step_size: 1, allocation_ratio: 1 } },
  })
})

test('traits that are as they were leave the generation alone', async () => {
  const placement = await withProvider()
  const first = await placement.putProviderTraits(ctx, 'rp', { resource_provider_generation: 1, traits: ['COMPUTE_NODE'] })
  assert.deepEqual(first, { resource_provider_generation: 2, traits: ['COMPUTE_NODE'] })
  assert.deepEqual(await placement.putProviderTraits(ctx, 'rp', first), first)
})

test('an allocation beyond the capacity is refused, and nothing changes', async () => {
  const placement = await withProvider()
  const body = (amount: number) => ({ ...owner, consumer_generation: null, allocations: { rp: { resources: { VCPU: amount } } } })
  await placement.putAllocations(ctx, 'a', body(3))
  await assert.rejects(placement.putAllocations(ctx, 'b', body(2)), refused('conflict'))
  assert.deepEqual((await placement.getProviderAllocations(ctx, 'rp')).allocations, { a: { resources: { VCPU: 3 } } })
  assert.deepEqual(await placement.getAllocations(ctx, 'b'), { allocations: {} })
})

test('moving an allocation to another consumer frees what the first one had, at once', async () => {
  const placement = await withProvider()
  const allocations = { rp: { resources: { VCPU: 4 } } }
  await placement.putAllocations(ctx, 'instance', { ...owner, consumer_generation: null, allocations })
  await placement.postAllocations(ctx, {
    instance: { ...owner, consumer_generation: 1, allocations: {} },
    migration: { ...owner, consumer_generation: null, allocations },
  })
  assert.deepEqual(await placement.getAllocations(ctx, 'instance'), { allocations: {} })
  assert.deepEqual(await placement.getAllocations(ctx, 'migration'), {
    allocations: { rp: { resources: { VCPU: 4 }, generation: 3 } },
    ...owner,
    consumer_generation: 1,
  })
})

test('a consumer of another generation is refused', async () => {
  const placement = await withProvider()
  const body = { ...owner, consumer_generation: 1, allocations: { rp: { resources: { VCPU: 1 } } } }
  await assert.rejects(placement.putAllocations(ctx, 'new', body), refused('conflict', 'placement.concurrent_update'))
})

test('a provider with allocations cannot be deleted, nor can a class in use be left out', async () => {
  const placement = await withProvider()
  await placement.putAllocations(ctx, 'a', { ...owner, consumer_generation: null, allocations: { rp: { resources: { VCPU: 1 } } } })
  await assert.rejects(placement.deleteResourceProvider(ctx, 'rp'), refused('conflict'))
  const without = { resource_provider_generation: 2, inventories: {} }
  await assert.rejects(placement.putInventories(ctx, 'rp', without), refused('conflict', 'placement.inventory.inuse'))
  await placement.deleteAllocations(ctx, 'a')
  await placement.deleteResourceProvider(ctx, 'rp')
  await assert.rejects(placement.getResourceProvider(ctx, 'rp'), refused('not_found'))
})

test('candidates are the providers with room and the traits asked for', async () => {
  const placement = await withProvider()
  await placement.createResourceProvider(ctx, { uuid: 'off', name: 'disabled' })
  await placement.putInventories(ctx, 'off', { resource_provider_generation: 0, inventories: { VCPU: { total: 4 } } })
  await placement.putProviderTraits(ctx, 'off', { resource_provider_generation: 1, traits: ['COMPUTE_STATUS_DISABLED'] })
  const candidates = await placement.getAllocationCandidates(ctx, [
    ['limit', '1000'],
    ['resources', 'VCPU:2'],
    ['root_required', '!COMPUTE_STATUS_DISABLED'],
  ])
  assert.deepEqual(candidates.allocation_requests, [{ allocations: { rp: { resources: { VCPU: 2 } } }, mappings: { '': ['rp'] } }])
  assert.deepEqual(candidates.provider_summaries['rp']?.resources, { VCPU: { capacity: 4, used: 0 } })
  assert.deepEqual((await placement.getAllocationCandidates(ctx, [['resources', 'VCPU:5']])).allocation_requests, [])
})

test('a reshape that does not fit changes nothing', async () => {
  const placement = await withProvider()
  await placement.putAllocations(ctx, 'a', { ...owner, consumer_generation: null, allocations: { rp: { resources: { VCPU: 2 } } } })
  const tooMuch = { resource_provider_generation: 2, inventories: { PCPU: { total: 1 } } }
  const allocations = { a: { ...owner, consumer_generation: 1, allocations: { rp: { resources: { PCPU: 2 } } } } }
  await assert.rejects(placement.reshape(ctx, { inventories: { rp: tooMuch }, allocations }), refused('conflict'))
  assert.deepEqual(await placement.getProviderUsages(ctx, 'rp'), { resource_provider_generation: 2, usages: { VCPU: 2 } })

  const enough = { resource_provider_generation: 2, inventories: { PCPU: { total: 2 } } }
  await placement.reshape(ctx, { inventories: { rp: enough }, allocations })
  assert.deepEqual((await placement.getProviderUsages(ctx, 'rp')).usages, { PCPU: 2 })
})

test('a test can step in just before a call, and can make it fail', async () => {
  const placement = await withProvider()
  placement.calls.log.length = 0
  placement.calls.before('putAggregates', () => placement.bumpGeneration('rp'))
  placement.calls.fail('getInventories', 'unreachable')
  await assert.rejects(placement.putAggregates(ctx, 'rp', { resource_provider_generation: 1, aggregates: [] }), refused('conflict'))
  await assert.rejects(placement.getInventories(ctx, 'rp'), refused('unreachable'))
  assert.equal((await placement.getInventories(ctx, 'rp')).resource_provider_generation, 2)
  assert.deepEqual(placement.calls.methods, ['putAggregates', 'getInventories', 'getInventories'])
})
