import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock, systemRandom } from '@micronova/lifecycle'
import { nullLogger } from '@micronova/log'
import { createTransport, MemoryBus } from '@micronova/messaging'
import { Aggregate, Instance, InstanceList, NovaError, novaErrorCatalogue, novaRegistry, Selection } from '@micronova/model'
import { contextOnlySerializer, createBaseApi, createNovaSerializer, createSchedulerApi } from '@micronova/rpcapi'
import { hostOptions, type ServiceConfig, serviceOptions } from '@micronova/service'
import { temporaryFolder } from '@micronova/testing'
import { createSchedulerService } from '../../src/index.js'
import { aSpec, defaultOptions, schedulingCloud } from './scheduling-cloud.js'

function serviceConfig(tempdir: string): ServiceConfig {
  const options = { ...serviceOptions.options, ...hostOptions('controller1').options }
  const values = Object.entries(options).map(([name, option]) => [name, option.default])
  return { ...Object.fromEntries(values), tempdir } as ServiceConfig
}

test('a scheduler registers itself, answers conductors, hears what is told to all schedulers, and is gone after its stop', async (t) => {
  const cloud = await schedulingCloud(t)
  const cell = await cloud.cell('cell1')
  const node = await cell.host('a')
  const deps = { clock: cloud.clock, random: systemRandom, log: nullLogger }
  const registry = novaRegistry()
  const bus = new MemoryBus({ clock: systemClock })
  const transport = createTransport('memory://', { ...deps, clock: systemClock, bus, errors: novaErrorCatalogue })
  const { api, cells, placement, ctx } = cloud
  const scheduler = createSchedulerService(
    { ...deps, transport, registry, api, cells, placement, neutron: null, services: cell.stores.services, getLogger: () => nullLogger },
    { config: serviceConfig(temporaryFolder(t)), scheduling: defaultOptions(), version: '26.2.2' },
  )
  await scheduler.start(new AbortController().signal)
  try {
    assert.deepEqual(scheduler.identity, { host: 'controller1', binary: 'nova-scheduler', topic: 'scheduler' })
    const row = await cell.stores.services.getByHostAndBinary(ctx, 'controller1', 'nova-scheduler')
    assert.deepEqual([row?.topic, row?.version], ['scheduler', 64])
    const base = createBaseApi('scheduler', { transport, serializer: contextOnlySerializer })
    assert.equal((await base.ping(ctx, { arg: 'x' }, { timeoutSeconds: 1 })).service, 'scheduler')

    const conductor = createSchedulerApi({ transport, serializer: createNovaSerializer({ registry }) })
    const select = (spec = aSpec()) =>
      conductor.selectDestinations(ctx, { specObj: spec, instanceUuids: [spec.instance_uuid], returnObjects: true, returnAlternates: true })
    const [[selection] = []] = await select()
    assert.ok(selection instanceof Selection)
    assert.deepEqual([selection.compute_node_uuid, selection.availability_zone], [node.uuid, 'nova'])

    const huge = aSpec()
    huge.flavor.memory_mb = 1_000_000
    await assert.rejects(select(huge), (err) => {
      assert.ok(err instanceof NovaError)
      assert.deepEqual([err.kind, err.message, err.code], ['NoValidHost', 'No valid host was found. ', 500])
      return true
    })

    const east = Aggregate.objStored({
      id: 1,
      uuid: systemRandom.uuid(),
      name: 'east',
      hosts: ['a'],
      metadata: { availability_zone: 'east' },
    })
    await conductor.updateAggregates(ctx, { aggregates: [east] })
    const [[again] = []] = await select()
    assert.equal(again?.availability_zone, 'east')
    await conductor.deleteAggregate(ctx, { aggregate: east })
    const uuids = [systemRandom.uuid(), systemRandom.uuid()]
    const told = new InstanceList({ objects: uuids.map((uuid) => Instance.objStored({ uuid })) })
    await conductor.updateInstanceInfo(ctx, { hostName: 'b', instanceInfo: told })
    await conductor.syncInstanceInfo(ctx, { hostName: 'b', instanceUuids: uuids })
    await conductor.deleteInstanceInfo(ctx, { hostName: 'b', instanceUuid: uuids[0]! })
    const [[last] = []] = await select()
    assert.equal(last?.availability_zone, 'nova')
  } finally {
    await scheduler.stop(AbortSignal.timeout(2000))
    await transport.stop(AbortSignal.timeout(2000))
  }
  assert.equal(scheduler.state, 'stopped')
})

test('new hosts of a cell are told the API database, once and by one task', async (t) => {
  const cloud = await schedulingCloud(t)
  const cell = await cloud.cell('cell1')
  await cell.host('known')
  const node = await cell.host('new')
  node.mapped = 0
  await cell.stores.computeNodes.save(cloud.ctx, node)
  await cloud.api.hostMappings.destroy(cloud.ctx, await cloud.api.hostMappings.getByHost(cloud.ctx, 'new'))
  const lines: string[] = []
  const log = { ...nullLogger, info: (line: string) => void lines.push(line) }
  const { clock, api, cells, placement } = cloud
  const transport = createTransport('memory://', {
    clock,
    random: systemRandom,
    log,
    bus: new MemoryBus({ clock }),
    errors: novaErrorCatalogue,
  })
  const deps = { clock, random: systemRandom, transport, registry: novaRegistry(), api, cells, placement, neutron: null }
  const { manager } = createSchedulerService(
    { ...deps, services: cell.stores.services, getLogger: () => log },
    { config: serviceConfig(temporaryFolder(t)), scheduling: defaultOptions(), version: '26.2.2' },
  )
  const [task] = manager.periodicTasks
  await task!.run(new AbortController().signal)
  const mapping = await cloud.api.hostMappings.getByHost(cloud.ctx, 'new')
  assert.equal(mapping.cell_mapping.uuid, cell.mapping.uuid)
  await task!.run(new AbortController().signal)
  assert.deepEqual([lines, task!.spacingSeconds()], [['Discovered 1 new hosts: cell1:new'], -1])
})
