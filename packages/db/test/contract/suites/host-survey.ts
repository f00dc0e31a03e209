import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { ComputeNode, Instance, Service } from '@micronova/model'
import type { TestCell } from '../../databases.js'

const aService = { binary: 'nova-compute', topic: 'compute', report_count: 0, disabled: false, forced_down: false, version: 64 }
const aNode = {
  ...{ vcpus: 4, memory_mb: 4096, local_gb: 10, vcpus_used: 0, memory_mb_used: 0, local_gb_used: 0, hypervisor_type: 'fake' },
  ...{ hypervisor_version: 1, cpu_info: '', supported_hv_specs: [] },
}

export async function hostSurveyTests(t: TestContext, { stores, ctx, clock }: TestCell): Promise<void> {
  const { services, computeNodes, instances, hostSurvey } = stores

  await t.test('a survey tells of each node when it was changed, and what counts of its service', async () => {
    const service = new Service({ ...aService, host: 'survey1' })
    await services.create(ctx, service)
    const node = new ComputeNode({ ...aNode, host: 'survey1', hypervisor_hostname: 'survey1' })
    await computeNodes.create(ctx, node)
    const created = clock.time
    const survey = () => hostSurvey.surveyNodes(ctx, [node.uuid])
    const state = { disabled: false, forcedDown: false, seenAt: created }
    const inCell = async () => {
      const { nodes, services: states } = await hostSurvey.surveyCell(ctx)
      return [nodes.find(({ id }) => id === node.id)?.changedAt, states.find(({ id }) => id === service.id)]
    }
    assert.deepEqual(await inCell(), [created, { id: service.id, ...state }])
    assert.deepEqual(await hostSurvey.hostsOfServices(ctx, [service.id]), new Map([[service.id, 'survey1']]))
    assert.deepEqual(
      (await hostSurvey.listNodesByIds(ctx, [node.id])).map(({ uuid }) => uuid),
      [node.uuid],
    )
    assert.deepEqual(await survey(), [{ uuid: node.uuid, changedAt: created, service: state }])
    clock.time += 10_000
    service.report_count = 1
    service.disabled = true
    await services.save(ctx, service)
    clock.time += 10_000
    node.vcpus_used = 1
    await computeNodes.save(ctx, node)
    const later = { disabled: true, forcedDown: false, seenAt: created + 10_000 }
    assert.deepEqual(await survey(), [{ uuid: node.uuid, changedAt: created + 20_000, service: later }])
    assert.deepEqual(await inCell(), [created + 20_000, { id: service.id, ...later }])
    await computeNodes.destroy(ctx, node)
    await services.destroy(ctx, service)
    assert.deepEqual(await survey(), [])
    assert.deepEqual(await inCell(), [undefined, undefined])
  })

  await t.test('a node without a service is told of; nodes of other uuids are not', async () => {
    const node = new ComputeNode({ ...aNode, host: 'survey2', hypervisor_hostname: 'survey2', mapped: 0 })
    await computeNodes.create(ctx, node)
    const expected = { uuid: node.uuid, changedAt: clock.time, service: null }
    const other = '6f2d1d3e-0000-4000-8000-000000000000'
    assert.deepEqual(await hostSurvey.surveyNodes(ctx, [node.uuid, other]), [expected])
    const many = Array.from({ length: 5000 }, (_, index) => `6f2d1d3e-0000-4000-8000-${String(index).padStart(12, '0')}`)
    assert.deepEqual(await hostSurvey.surveyNodes(ctx, [...many, node.uuid]), [expected])
    assert.deepEqual(await hostSurvey.surveyNodes(ctx, []), [])
    assert.deepEqual(
      (await hostSurvey.listNodesByName(ctx, 'survey2')).map(({ uuid }) => uuid),
      [node.uuid],
    )
    assert.ok((await hostSurvey.listUnmappedNodes(ctx)).some(({ host }) => host === 'survey2'))
    node.mapped = 1
    await computeNodes.save(ctx, node)
    assert.ok(!(await hostSurvey.listUnmappedNodes(ctx)).some(({ host }) => host === 'survey2'))
  })

  await t.test('instances are found on their hosts, without deleted ones and those that have none', async () => {
    const made = ['survey1', 'survey2', null].map((host) => new Instance({ host, vm_state: 'active', project_id: 'p', user_id: 'u' }))
    for (const instance of made) await instances.create(ctx, instance)
    const [first, gone, nowhere] = made
    await instances.destroy(ctx, gone!)
    const found = await hostSurvey.locateInstances(
      ctx,
      made.map(({ uuid }) => uuid),
    )
    assert.deepEqual(
      found.map(({ uuid, host }) => [uuid, host]),
      [[first!.uuid, 'survey1']],
    )
    const page = await hostSurvey.listPlacedInstances(ctx, { afterId: first!.id - 1, limit: 1 })
    assert.deepEqual(page, found)
    const rest = await hostSurvey.listPlacedInstances(ctx, { afterId: first!.id, limit: 1000 })
    assert.ok(!rest.some(({ uuid }) => [first!.uuid, gone!.uuid, nowhere!.uuid].includes(uuid)))
    assert.deepEqual(await hostSurvey.locateInstances(ctx, []), [])
  })
}
