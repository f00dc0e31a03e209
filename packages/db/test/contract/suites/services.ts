import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { ComputeNode, isNovaError, Service } from '@micronova/model'
import { services as serviceTable } from '../../../src/schema/cell-tables.js'
import type { TestCell } from '../../databases.js'

const aService = { binary: 'nova-compute', topic: 'compute', report_count: 0, disabled: false, forced_down: false, version: 64 }

export async function serviceTests(t: TestContext, { stores, ctx, clock, database }: TestCell): Promise<void> {
  const { services, computeNodes } = stores

  await t.test('a created service has what the store decided, nothing of it changed, and is found', async () => {
    const service = new Service({ ...aService, host: 'compute1' })
    await services.create(ctx, service)
    assert.deepEqual(service.created_at, new Date(clock.time))
    assert.equal(service.updated_at, null)
    assert.equal(service.deleted, false)
    assert.match(service.uuid, /^[0-9a-f-]{36}$/)
    assert.equal(service.objHasChanges(), false)
    const found = await services.getByHostAndBinary(ctx, 'compute1', 'nova-compute')
    assert.ok(found?.objEquals(service))
    assert.ok((await services.getByComputeHost(ctx, 'compute1')).objEquals(service))
    assert.ok((await services.getById(ctx, service.id)).objEquals(service))
    assert.ok((await services.getByUuid(ctx, service.uuid)).objEquals(service))
  })

  await t.test('what is not there is null, or the error that Nova has for it', async () => {
    assert.equal(await services.getByHostAndBinary(ctx, 'nowhere', 'nova-compute'), null)
    await assert.rejects(services.getByComputeHost(ctx, 'nowhere'), { kind: 'ComputeHostNotFound', kwargs: { host: 'nowhere' } })
    await assert.rejects(services.getById(ctx, 999), { kind: 'ServiceNotFound', kwargs: { service_id: 999 } })
  })

  await t.test('a second service of the same host and binary, or host and topic, is refused and unchanged', async () => {
    const sameBinary = new Service({ ...aService, host: 'compute1', topic: 'other' })
    await assert.rejects(services.create(ctx, sameBinary), {
      kind: 'ServiceBinaryExists',
      kwargs: { host: 'compute1', binary: 'nova-compute' },
    })
    assert.equal(sameBinary.objIsSet('id'), false)
    assert.ok(sameBinary.objWhatChanged().has('host'))
    const sameTopic = new Service({ ...aService, host: 'compute1', binary: 'nova-other' })
    await assert.rejects(services.create(ctx, sameTopic), { kind: 'ServiceTopicExists', kwargs: { host: 'compute1', topic: 'compute' } })
  })

  await t.test('a heartbeat moves report_count, last_seen_up and updated_at', async () => {
    const service = await services.getByComputeHost(ctx, 'compute1')
    clock.time += 10_000
    service.report_count += 1
    await services.save(ctx, service)
    assert.equal(service.report_count, 1)
    assert.deepEqual(service.last_seen_up, new Date(clock.time))
    assert.deepEqual(service.updated_at, new Date(clock.time))
    const stored = await services.getByComputeHost(ctx, 'compute1')
    assert.ok(stored.objEquals(service))
  })

  await t.test('a save of what is stored already writes nothing, but reads what others wrote', async () => {
    const mine = await services.getByComputeHost(ctx, 'compute1')
    const theirs = await services.getByComputeHost(ctx, 'compute1')
    theirs.disabled = true
    theirs.disabled_reason = 'maintenance'
    await services.save(ctx, theirs)
    clock.time += 10_000
    mine.host = 'compute1'
    await services.save(ctx, mine)
    assert.equal(mine.disabled_reason, 'maintenance')
    assert.deepEqual(mine.updated_at, theirs.updated_at)
  })

  await t.test('the minimum version leaves out deleted and forced-down services; none make 0', async () => {
    assert.equal(await services.getMinimumVersion(ctx, 'nova-scheduler'), 0)
    const scheduler = { binary: 'nova-scheduler', topic: 'scheduler' }
    await database.write(async (rows) => {
      await rows.insert(serviceTable, { ...scheduler, host: 's2', version: 64 })
      await rows.insert(serviceTable, { ...scheduler, host: 's3', version: 62, deleted: 99 })
      await rows.insert(serviceTable, { ...scheduler, host: 's4', version: 60, forced_down: true })
    })
    assert.equal(await services.getMinimumVersion(ctx, 'nova-scheduler'), 64)
  })

  await t.test('a service older than the oldest one must not write', async () => {
    const old = new Service({ ...aService, host: 'old', binary: 'nova-scheduler', topic: 'scheduler', version: 61 })
    await assert.rejects(services.create(ctx, old), { kind: 'ServiceTooOld', kwargs: { thisver: 61, minver: 64 } })
  })

  await t.test('lists are filtered by binary, host and topic', async () => {
    const hosts = async (filter: Parameters<typeof services.list>[1]) => (await services.list(ctx, filter)).map(({ host }) => host)
    assert.deepEqual(await hosts({ topic: 'compute' }), ['compute1'])
    assert.deepEqual(await hosts({ binary: 'nova-scheduler', host: 's2' }), ['s2'])
    assert.deepEqual(
      (await services.list({ ...ctx, readDeleted: 'only' }, {})).map(({ host }) => host),
      ['s3'],
    )
  })

  await t.test('a destroyed nova-compute takes its compute nodes with it, and its name is free again', async () => {
    const node = aNode('compute1')
    await computeNodes.create(ctx, node)
    const service = await services.getByComputeHost(ctx, 'compute1')
    await services.destroy(ctx, service)
    assert.equal(await services.getByHostAndBinary(ctx, 'compute1', 'nova-compute'), null)
    await assert.rejects(computeNodes.listByHost(ctx, 'compute1'), { kind: 'ComputeHostNotFound' })
    const [deleted] = await services.list({ ...ctx, readDeleted: 'only' }, { host: 'compute1' })
    assert.deepEqual([deleted?.deleted, deleted?.deleted_at], [true, new Date(clock.time)])
    await services.create(ctx, new Service({ ...aService, host: 'compute1' }))
    await assert.rejects(services.destroy(ctx, service), (err) => isNovaError(err, 'ServiceNotFound'))
  })
}

function aNode(host: string): ComputeNode {
  return new ComputeNode({
    host,
    hypervisor_hostname: host,
    hypervisor_type: 'fake',
    hypervisor_version: 1000,
    cpu_info: '{}',
    vcpus: 4,
    memory_mb: 2048,
    local_gb: 10,
    vcpus_used: 0,
    memory_mb_used: 0,
    local_gb_used: 0,
  })
}
