import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakePlacement } from '@micronova/clients'
import { Aggregate, HostMapping } from '@micronova/model'
import type { Manage } from '../../src/nova-manage/command.js'
import { ManagedDatabases } from '../../src/nova-manage/managed-databases.js'
import { placementAudit } from '../../src/nova-manage/placement/audit.js'
import { placementSyncAggregates } from '../../src/nova-manage/placement/sync-aggregates.js'
import { type Cleanup, ctx, deps, dialects, readyDeployment } from './deployment.js'
import { aCompute, aMigration, anInstance } from './records.js'

const [sqlite] = dialects

/** A deployment with a Placement in memory, and what its commands print. */
async function placementDeployment(t: Cleanup) {
  const deployment = await readyDeployment(t, sqlite!)
  const { stores } = await deployment.main()
  const { stores: above } = await deployment.api()
  const placement = new FakePlacement()
  const databases = new ManagedDatabases(deps, {
    main: { connection: deployment.urls.main },
    api: { connection: deployment.urls.api },
    transportUrl: 'rabbit://',
    initialAllocationRatios: { cpu: 1, ram: 1, disk: 1 },
  })
  t.after(() => databases.close())
  const lines: string[] = []
  const manage = {
    ...deps,
    ctx,
    databases,
    placement: () => placement,
    print: (line: string) => void lines.push(line),
  } as unknown as Manage
  const run = async (command: typeof placementAudit, flags: object = {}) => {
    lines.length = 0
    return { status: await command.run(manage, flags as never), lines: [...lines] }
  }
  const cell = await above.cellMappings.getByUuid(ctx, deployment.cellUuid)
  const addCompute = async (host: string) => {
    const { node } = await aCompute(stores, host)
    await above.hostMappings.create(ctx, new HostMapping({ host, cell_mapping: cell }))
    await placement.createResourceProvider(ctx, { uuid: node.uuid, name: node.hypervisor_hostname! })
    await placement.putInventories(ctx, node.uuid, {
      resource_provider_generation: 0,
      inventories: { VCPU: { total: 8 }, SRIOV_NET_VF: { total: 8 } },
    })
    return node
  }
  return { stores, above, placement, run, addCompute }
}

const countOf = ({ calls }: FakePlacement) => calls.methods.filter((method) => method === 'putAggregates').length

test('hosts of aggregates come into those of Placement, and what is missing for that is told', async (t) => {
  const { above, placement, run, addCompute, stores } = await placementDeployment(t)
  assert.equal((await run(placementSyncAggregates)).status, 0)
  const node = await addCompute('host1')
  const aggregate = new Aggregate({ name: 'east' })
  await above.aggregates.create(ctx, aggregate)
  await above.aggregates.addHost(ctx, aggregate, 'host1')
  const { status, lines } = await run(placementSyncAggregates, { verbose: true })
  assert.equal(status, 0)
  assert.ok(lines.includes(`Successfully added host (host1) and provider (${node.uuid}) to aggregate (${aggregate.uuid}).`))
  assert.deepEqual((await placement.getAggregates(ctx, node.uuid)).aggregates, [aggregate.uuid])
  const writes = countOf(placement)
  assert.equal((await run(placementSyncAggregates)).status, 0)
  assert.equal(countOf(placement), writes, 'nothing is written twice')

  await above.aggregates.addHost(ctx, aggregate, 'unmapped')
  assert.deepEqual((await run(placementSyncAggregates)).status, 4)
  const second = await addCompute('host2')
  await above.aggregates.addHost(ctx, aggregate, 'host2')
  await placement.deleteResourceProvider(ctx, second.uuid)
  const gone = await run(placementSyncAggregates)
  assert.equal(gone.status, 6)
  assert.match(gone.lines.join('\n'), new RegExp(`unmapped\\n.*\\(host2=${second.uuid}\\)`))
  await stores.computeNodes.destroy(ctx, second)
  assert.equal((await run(placementSyncAggregates)).status, 5)
})

test('allocations whose instance or migration is not on the host are found, and deleted on that provider alone', async (t) => {
  const { placement, run, addCompute, stores } = await placementDeployment(t)
  const [first, second] = [await addCompute('host1'), await addCompute('host2')]
  const here = await anInstance(stores, { host: 'host1', node: 'host1.example' })
  const moving = await aMigration(stores, { host: 'host1', node: 'host1.example', uuid: here.uuid })
  const take = (consumer: string, ...providers: readonly string[]) =>
    placement.putAllocations(ctx, consumer, {
      allocations: Object.fromEntries(providers.map((uuid) => [uuid, { resources: { VCPU: 1 } }])),
      project_id: 'p',
      user_id: 'u',
      consumer_generation: null,
    })
  const [left, gone] = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222']
  await take(here.uuid, first.uuid, second.uuid)
  await take(moving.uuid, first.uuid)
  assert.equal((await run(placementAudit, { resource_provider: first.uuid })).status, 0)
  assert.equal((await run(placementAudit, { resource_provider: left })).status, 127)
  const others = { [second.uuid]: { resources: { SRIOV_NET_VF: 1 } } }
  const theirs = '33333333-3333-4333-8333-333333333333'
  await placement.putAllocations(ctx, theirs, { allocations: others, project_id: 'p', user_id: 'u', consumer_generation: null })
  await take(gone, first.uuid)
  const found = await run(placementAudit, { verbose: true })
  assert.equal(found.status, 3)
  assert.equal(found.lines.at(-1), 'Processed 2 allocations.')
  assert.match(found.lines.join('\n'), new RegExp(`consumer UUID ${gone} on Resource Provider ${first.uuid}: {"VCPU":1}`))
  assert.equal((await run(placementAudit, { delete: true })).status, 4)
  assert.deepEqual((await placement.getAllocations(ctx, gone)).allocations, {})
  assert.deepEqual(Object.keys((await placement.getAllocations(ctx, here.uuid)).allocations), [first.uuid])
  assert.deepEqual(Object.keys((await placement.getAllocations(ctx, theirs)).allocations), [second.uuid], 'not of Nova')
  assert.equal((await run(placementAudit)).status, 0)
})

test('without rights in Placement a command that needs it says so', async (t) => {
  const { manage } = await readyDeployment(t, sqlite!)
  const { status, stderr } = await manage('placement', 'audit')
  assert.equal(status, 1)
  assert.equal(stderr, 'nova-manage: placement audit: [placement] auth_type is not set: there is no way to Placement\n')
})
