import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nullLogger } from '@micronova/log'
import { ComputeNode } from '@micronova/model'
import { FakeDriver } from '@micronova/virt'
import { host } from '../test/support/compute-fixture.js'
import { type TrackerFixture, takeCalls, trackerFixture } from '../test/support/tracker-fixture.js'
import { updateHostResources } from './update-host-resources.js'

const update = ({ parts, ctx }: TrackerFixture, startup = false) => updateHostResources(parts, ctx, { startup })

async function nodeNames({ stores, ctx }: TrackerFixture): Promise<(string | null)[]> {
  return (await stores.computeNodes.listByHost(ctx, host)).map((node) => node.hypervisor_hostname)
}

/** A driver with nodes of the test's choice. */
class NodesDriver extends FakeDriver {
  names: readonly string[]
  constructor(...names: string[]) {
    super({ log: nullLogger })
    this.names = names
  }
  override async availableNodes() {
    return this.names
  }
  override async availableResource(node: string) {
    if (node === 'broken') throw new Error('no such device')
    return { ...(await super.availableResource(host)), hypervisorHostname: node }
  }
}

test('the first start warns that there is no record and makes it; a later loss of it is an error', async () => {
  const fixture = await trackerFixture()
  await update(fixture, true)
  assert.equal(fixture.log.messages('WARNING').length, 2)
  assert.deepEqual(await nodeNames(fixture), [host])
  fixture.log.clear()
  await update(fixture)
  assert.deepEqual([...fixture.log.messages('WARNING'), ...fixture.log.messages('ERROR')], [])
})

test('a record that somebody has removed is made again', async () => {
  const fixture = await trackerFixture()
  await update(fixture, true)
  const [record] = await fixture.stores.computeNodes.listByHost(fixture.ctx, host)
  await fixture.stores.computeNodes.destroy(fixture.ctx, record as ComputeNode)
  await update(fixture)
  assert.deepEqual(await nodeNames(fixture), [host])
  assert.deepEqual(fixture.log.messages('ERROR'), [`There is no compute node record for host ${host}`])
})

test('the record of a node that the driver no longer has is removed, and the node forgotten', async () => {
  const driver = new NodesDriver('n1', 'n2')
  const fixture = await trackerFixture({ driver })
  await update(fixture, true)
  assert.deepEqual(await nodeNames(fixture), ['n1', 'n2'])
  driver.names = ['n2']
  await update(fixture)
  assert.deepEqual(await nodeNames(fixture), ['n2'])
  assert.deepEqual([...fixture.tracker.nodes.keys()], ['n2'])
})

test('an orphan that cannot be removed keeps no node from being counted', async () => {
  const fixture = await trackerFixture({
    fail: ({ method }) => (method === 'computeNodes.destroy' ? new Error('no conductor') : undefined),
  })
  await fixture.stores.computeNodes.create(fixture.ctx, new ComputeNode({ host, hypervisor_hostname: 'old' }))
  await update(fixture, true)
  assert.deepEqual(await nodeNames(fixture), ['old', host])
  assert.equal(fixture.log.lines.filter(({ err }) => err !== undefined).length, 1)
})

test('a node that cannot be counted keeps no other from being counted', async () => {
  const fixture = await trackerFixture({ driver: new NodesDriver('broken', 'sound') })
  await update(fixture)
  assert.deepEqual(await nodeNames(fixture), ['sound'])
  assert.deepEqual(fixture.log.messages('ERROR').slice(-1), ['Error updating resources for node broken.'])
})

test('a node that cannot be counted at start-up ends the start', async () => {
  const fixture = await trackerFixture({ driver: new NodesDriver('broken') })
  await assert.rejects(update(fixture, true), /no such device/)
})

test('a host whose driver has no nodes yet is asked for its records and left in peace', async () => {
  const fixture = await trackerFixture({ driver: new NodesDriver() })
  await update(fixture, true)
  assert.deepEqual(takeCalls(fixture), ['computeNodes.listByHost'])
  assert.deepEqual(fixture.log.messages(), [])
})

test('another failure than that there is no record is not taken for it', async () => {
  const fixture = await trackerFixture({
    fail: ({ method }) => (method === 'computeNodes.listByHost' ? new Error('no conductor') : undefined),
  })
  await assert.rejects(update(fixture), /no conductor/)
})
