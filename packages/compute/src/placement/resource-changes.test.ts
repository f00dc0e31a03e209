import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isNovaError } from '@micronova/model'
import { nextUuid } from '../../test/support/compute-fixture.js'
import { allocate, nodeUuid, placementFixture } from '../../test/support/placement-fixture.js'
import { candidatesQuery, differenceOf, sumOf } from './resource-changes.js'

const bandwidth = { NET_BW_EGR_KILOBIT_PER_SEC: 1000, NET_BW_IGR_KILOBIT_PER_SEC: 2000 }
const needs = { groups: [{ id: 'g1', resources: bandwidth, required: ['CUSTOM_PHYSNET_1', 'CUSTOM_A'] }], sameSubtree: [] }

test('the question names the tree, the traits and the amounts of each group', () => {
  assert.deepEqual(candidatesQuery(needs, 'node1'), [
    ['group_policy', 'none'],
    ['limit', '1'],
    ['in_treeg1', 'node1'],
    ['requiredg1', 'CUSTOM_A,CUSTOM_PHYSNET_1'],
    ['resourcesg1', 'NET_BW_EGR_KILOBIT_PER_SEC:1000,NET_BW_IGR_KILOBIT_PER_SEC:2000'],
  ])
  const two = { groups: [needs.groups[0]!, { id: 'g0', resources: { A: 1 }, required: [] }], sameSubtree: ['g1', 'g0'] }
  const query = candidatesQuery(two, 'node1')
  assert.deepEqual(
    query.filter(([name]) => name === 'same_subtree' || name.startsWith('required')),
    [
      ['same_subtree', 'g0,g1'],
      ['requiredg1', 'CUSTOM_A,CUSTOM_PHYSNET_1'],
    ],
  )
})

test('what is added to what is there, and taken off again, leaves what was there', () => {
  const present = { node: { resources: { VCPU: 1 } }, nic: { resources: { A: 1 } } }
  const more = { nic: { resources: { A: 2, B: 1 } }, other: { resources: { C: 1 } } }
  const sum = sumOf(present, more)
  assert.deepEqual(sum, { node: { resources: { VCPU: 1 } }, nic: { resources: { A: 3, B: 1 } }, other: { resources: { C: 1 } } })
  assert.deepEqual(differenceOf('c', sum, more), present)
  assert.throws(
    () => differenceOf('c', present, more),
    (err) => isNovaError(err, 'AllocationUpdateFailed'),
  )
})

async function prepared() {
  const fixture = await placementFixture()
  await fixture.update()
  const consumer = nextUuid()
  await allocate(fixture, consumer)
  const node = nodeUuid(fixture)
  const found = {
    allocation_requests: [{ allocations: { [node]: { resources: { VCPU: 2 } } }, mappings: { g1: [node] } }],
    provider_summaries: {},
  }
  fixture.server.getAllocationCandidates = async () => found
  const { parts, ctx } = fixture
  const add = () => parts.placement.addResources(ctx, consumer, node, needs)
  const cpus = () => fixture.server.state.consumers.get(consumer)?.allocations[node]?.VCPU
  const remove = (count: number) => parts.placement.removeResources(ctx, consumer, { [node]: { resources: { VCPU: count } } })
  return { ...fixture, consumer, node, found, add, remove, cpus }
}

test('what is found is added to the allocations of the consumer, and can be taken off', async () => {
  const { node, add, remove, cpus } = await prepared()
  assert.deepEqual((await add())?.mappings, { g1: [node] })
  assert.equal(cpus(), 3)
  await remove(2)
  assert.equal(cpus(), 1)
})

test('where nothing would do nothing is changed', async () => {
  const { server, found, add, cpus } = await prepared()
  server.getAllocationCandidates = async () => ({ ...found, allocation_requests: [] })
  assert.equal(await add(), null)
  assert.equal(cpus(), 1)
})

test('a change that meets another one is made again; one that is refused is not', async () => {
  const { server, clock, consumer, add, remove, cpus } = await prepared()
  const meddle = () => {
    server.state.consumers.get(consumer)!.generation++
  }
  server.calls.before('putAllocations', meddle)
  const added = add()
  await clock.advance(1000)
  await added
  assert.equal(cpus(), 3)
  server.calls.fail('putAllocations', 409, 'placement.undefined_code')
  await assert.rejects(remove(2), (err) => isNovaError(err, 'AllocationUpdateFailed'))
  assert.equal(cpus(), 3)
})
