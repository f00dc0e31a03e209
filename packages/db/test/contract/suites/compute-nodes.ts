import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { ComputeNode, HVSpec, PciDevicePool, PciDevicePoolList } from '@micronova/model'
import { isDatabaseError } from '../../../src/index.js'
import type { TestCell } from '../../databases.js'
import { linesOf } from '../../sql-script.js'

type NodeValues = NonNullable<ConstructorParameters<typeof ComputeNode>[0]>

function aNode(values: NodeValues): ComputeNode {
  const { host = 'h' } = values
  return new ComputeNode({
    hypervisor_hostname: host,
    hypervisor_type: 'fake',
    hypervisor_version: 1000,
    cpu_info: '{"arch": "x86_64"}',
    vcpus: 4,
    memory_mb: 2048,
    local_gb: 10,
    vcpus_used: 0,
    memory_mb_used: 512,
    local_gb_used: 0,
    ...values,
  })
}

export async function computeNodeTests(t: TestContext, { database, stores, ctx, clock }: TestCell): Promise<void> {
  const { computeNodes } = stores

  await t.test('what is kept as JSON comes back as it was, and lies there as Nova writes it', async () => {
    const pool = new PciDevicePool({ product_id: '1234', vendor_id: '8086', numa_node: 1, tags: { type: 'pf' }, count: 2 })
    pool.objResetChanges()
    const node = aNode({
      host: 'json',
      host_ip: '192.168.0.1',
      stats: { failed_builds: '0', io_workload: '1' },
      supported_hv_specs: [new HVSpec({ arch: 'x86_64', hv_type: 'qemu', vm_mode: 'hvm' })],
      pci_device_pools: PciDevicePoolList.objStored({ objects: [pool] }),
      cpu_allocation_ratio: 16.0,
      ram_allocation_ratio: 1.1,
      disk_allocation_ratio: 0.9,
    })
    await computeNodes.create(ctx, node)
    const found = await computeNodes.getByHostAndNode(ctx, 'json', 'json')
    assert.deepEqual(found.objToPrimitive(), node.objToPrimitive())
    assert.deepEqual(found.stats, { failed_builds: '0', io_workload: '1' })
    assert.equal(found.ram_allocation_ratio, 1.1)
    assert.equal(found.pci_device_pools?.objects[0]?.count, 2)
    assert.equal(found.supported_hv_specs[0]?.hv_type, 'qemu')
    assert.deepEqual(await linesOf(database, `select stats, supported_instances from compute_nodes where host = 'json'`), [
      '{"failed_builds": "0", "io_workload": "1"} | [["x86_64", "qemu", "hvm"]]',
    ])
  })

  await t.test('ratios that are not set or zero are those that the operator configured', async () => {
    await computeNodes.create(ctx, aNode({ host: 'ratios', cpu_allocation_ratio: 0 }))
    const node = await computeNodes.getByHostAndNode(ctx, 'ratios', 'ratios')
    assert.deepEqual([node.cpu_allocation_ratio, node.ram_allocation_ratio, node.disk_allocation_ratio, node.mapped], [16, 1.5, 1, 0])
  })

  await t.test('a save moves updated_at even if nothing changed', async () => {
    const node = await computeNodes.getByHostAndNode(ctx, 'json', 'json')
    clock.time += 60_000
    await computeNodes.save(ctx, node)
    assert.deepEqual(node.updated_at, new Date(clock.time))
    node.vcpus_used = 3
    node.stats = { io_workload: '2' }
    await computeNodes.save(ctx, node)
    const stored = await computeNodes.getByHostAndNode(ctx, 'json', 'json')
    assert.deepEqual([stored.vcpus_used, stored.stats], [3, { io_workload: '2' }])
  })

  await t.test('a node of a host that is not there', async () => {
    await assert.rejects(computeNodes.getByHostAndNode(ctx, 'json', 'other'), { kind: 'ComputeHostNotFound', kwargs: { host: 'json' } })
    await assert.rejects(computeNodes.listByHost(ctx, 'nowhere'), { kind: 'ComputeHostNotFound' })
    await assert.rejects(computeNodes.save(ctx, ComputeNode.objStored({ id: 4711 })), { kind: 'ComputeHostNotFound' })
  })

  await t.test('a deleted node comes back under its id when it is made again with its uuid', async () => {
    const uuid = '5b9c7b5e-3f47-44c9-9a9d-7d0b0e6a7f11'
    const first = aNode({ host: 'ironic1', uuid })
    await computeNodes.create(ctx, first)
    await computeNodes.destroy(ctx, first)
    await assert.rejects(computeNodes.listByHost(ctx, 'ironic1'), { kind: 'ComputeHostNotFound' })
    const again = aNode({ host: 'ironic2', hypervisor_hostname: 'ironic1', uuid, vcpus: 8 })
    await computeNodes.create(ctx, again)
    assert.equal(again.id, first.id)
    const [found] = await computeNodes.listByHost(ctx, 'ironic2')
    assert.deepEqual([found?.vcpus, found?.deleted, found?.deleted_at], [8, false, null])
  })

  await t.test('a node that is there is not made twice', async () => {
    await computeNodes.create(ctx, aNode({ host: 'twice' }))
    await assert.rejects(computeNodes.create(ctx, aNode({ host: 'twice' })), (err) => isDatabaseError(err, 'unique_violation'))
  })

  await t.test('a node that another host has taken over meanwhile is not destroyed', async () => {
    const mine = aNode({ host: 'before' })
    await computeNodes.create(ctx, mine)
    const taken = await computeNodes.getByHostAndNode(ctx, 'before', 'before')
    taken.host = 'after'
    await computeNodes.save(ctx, taken)
    await assert.rejects(computeNodes.destroy(ctx, mine), {
      kind: 'ObjectActionError',
      kwargs: { action: 'destroy', reason: 'host changed' },
    })
    await computeNodes.destroy(ctx, taken)
    await assert.rejects(computeNodes.destroy(ctx, taken), { kind: 'ComputeHostNotFound' })
  })
}
