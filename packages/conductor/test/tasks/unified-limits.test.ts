// `[quota] driver = nova.quota.UnifiedLimitsDriver`: the limits are Keystone's.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { InstanceMapping, isNovaError, type Selection } from '@micronova/model'
import { defaultComputeTaskSettings } from '../../src/index.js'
import { type TestDeployment, testDeployment } from './deployment.js'
import { aFlavor, aSelection, buildOrder, claimed, newServers, runningInstance, schedulerFor } from './orders.js'

type Quota = typeof defaultComputeTaskSettings.quota

interface Trial {
  readonly quota?: Partial<Quota>
  readonly limits?: Readonly<Record<string, number>>
  readonly extraSpecs?: Readonly<Record<string, string>>
  readonly isVolumeBacked?: boolean
}

const enough = { servers: 2, 'class:VCPU': 2, 'class:MEMORY_MB': 1024, 'class:DISK_GB': 0 }

/** A project with a server of one CPU and 512 MiB, and a second one that the API has let through. */
async function secondServer(t: TestContext, { quota = {}, limits = enough, extraSpecs = {}, isVolumeBacked = false }: Trial) {
  let hosts: Selection[][] = []
  const settings = { quota: { ...defaultComputeTaskSettings.quota, source: 'keystone' as const, ...quota } }
  const deployment = await testDeployment(t, { scheduler: schedulerFor(() => hosts), settings })
  const { keystone } = deployment.clients
  for (const [resource, limit] of Object.entries(limits)) keystone.registered.set(resource, limit)
  await runningInstance(deployment, 'compute1')
  const servers = await newServers(deployment)
  const uuid = servers.buildRequests[0]!.instance_uuid
  const flavor = aFlavor()
  flavor.extra_specs = { ...extraSpecs }
  servers.buildRequests[0]!.instance.flavor = flavor
  servers.requestSpecs[0]!.is_bfv = isVolumeBacked
  const selection = await aSelection(deployment, 'compute2')
  await claimed(deployment, uuid, selection)
  hosts = [[selection]]
  return { ...deployment, keystone, uuid, build: () => deployment.run('schedule_and_build_instances', buildOrder(servers)) }
}

async function assertNotBuilt({ cell1, api, ctx, received }: TestDeployment, uuid: string, code: number, message: string): Promise<void> {
  const stored = await cell1.instances.getByUuid(ctx, uuid, ['fault'])
  assert.deepEqual([stored.vm_state, stored.task_state, stored.fault?.code, stored.fault?.message], ['error', null, code, message])
  assert.ok(!received.some(({ method }) => method === 'build_and_run_instance'))
  await assert.rejects(api.buildRequests.getByInstanceUuid(ctx, uuid), { kind: 'BuildRequestNotFound' })
}

test('a server beyond the limits of its project in Keystone ends in ERROR with what is over, and is not built', async (t) => {
  const trial = await secondServer(t, { limits: { ...enough, servers: 1, 'class:MEMORY_MB': 1000 } })
  trial.keystone.ofProjects.set('p1', new Map([['class:VCPU', 1]]))
  const message =
    'Project p1 is over a limit for [Resource class:MEMORY_MB is over limit of 1000 due to current usage 1024 and delta 0, ' +
    'Resource class:VCPU is over limit of 1 due to current usage 2 and delta 0, ' +
    'Resource servers is over limit of 1 due to current usage 2 and delta 0]'
  await assert.rejects(trial.build(), { kind: 'TooManyInstances', message })
  await assertNotBuilt(trial, trial.uuid, 413, message.slice(0, 255))
})

test('a server within the limits is built: that of the project goes before the registered one, other projects do not count', async (t) => {
  const trial = await secondServer(t, { limits: { ...enough, 'class:VCPU': 1 } })
  trial.keystone.ofProjects.set('p1', new Map([['class:VCPU', 2]]))
  trial.keystone.ofProjects.set('p2', new Map([['servers', 0]]))
  await trial.api.instanceMappings.create(
    trial.ctx,
    new InstanceMapping({ instance_uuid: crypto.randomUUID(), project_id: 'p2', user_id: 'u2' }),
  )
  await trial.build()
  await trial.next('build_and_run_instance')
})

test('what the flavor asks of Placement must have a limit; what it does not ask is not looked at', async (t) => {
  const { 'class:DISK_GB': _, ...withoutDisk } = enough
  const onDisk = await secondServer(t, { limits: withoutDisk })
  await onDisk.build() // nothing of the disk is in use: 0 of 0
  const asked = ({ keystone }: typeof onDisk) =>
    keystone.calls.log
      .filter(({ method }) => method === 'listLimits')
      .map(({ args }) => (args[0] as { resource_name: string }).resource_name)
  assert.deepEqual(asked(onDisk), ['class:DISK_GB', 'class:MEMORY_MB', 'class:VCPU', 'servers'])
  const onVolume = await secondServer(t, { isVolumeBacked: true, extraSpecs: { 'resources:VCPU': '0', 'resources:CUSTOM_FPGA': '2' } })
  await onVolume.build()
  assert.deepEqual(asked(onVolume), ['class:CUSTOM_FPGA', 'class:MEMORY_MB', 'servers'])
  const { 'class:MEMORY_MB': __, ...withoutMemory } = enough
  const refused = await secondServer(t, { limits: withoutMemory })
  await assert.rejects(refused.build(), (err) => isNovaError(err, 'TooManyInstances') && /MEMORY_MB is over limit of 0/.test(err.message))
})

test('dedicated CPUs count as shared ones where the workaround says so, unless the flavor asks for dedicated ones', async (t) => {
  const pinned = async (more: Trial) => {
    const trial = await secondServer(t, more)
    const [node] = await trial.cell1.computeNodes.listByHost(trial.ctx, 'compute1')
    const inventories = { ...(await trial.clients.placement.getInventories(trial.ctx, node!.uuid)).inventories, PCPU: { total: 8 } }
    const { resource_provider_generation } = await trial.clients.placement.getInventories(trial.ctx, node!.uuid)
    await trial.clients.placement.putInventories(trial.ctx, node!.uuid, { resource_provider_generation, inventories })
    const body = { allocations: { [node!.uuid]: { resources: { PCPU: 1 } } }, project_id: 'p1', user_id: 'u1', consumer_generation: null }
    await trial.clients.placement.putAllocations(trial.ctx, crypto.randomUUID(), body)
    return trial
  }
  await (await pinned({})).build()
  const counted = await pinned({ quota: { countPcpuAsVcpu: true } })
  await assert.rejects(counted.build(), (err) => isNovaError(err, 'TooManyInstances') && /VCPU .* usage 3 /.test(err.message))
  const both = { 'resources:VCPU': '1', 'resources:PCPU': '1' }
  await (await pinned({ quota: { countPcpuAsVcpu: true }, extraSpecs: both, limits: { ...enough, 'class:PCPU': 1 } })).build()
})

test('whoever cannot be asked, or says what is not understood, leaves a server in ERROR instead of one that is being built for ever', async (t) => {
  const silent = await secondServer(t, {})
  silent.keystone.calls.fail('listLimits', 503)
  await assert.rejects(silent.build(), { kind: 'KeystoneConnectionFailed' })
  await assertNotBuilt(silent, silent.uuid, 500, 'Connection to keystone host failed: identity: 503, it was told to fail')

  const uncounted = await secondServer(t, {})
  uncounted.clients.placement.calls.fail('getUsages', 500)
  await assert.rejects(uncounted.build(), { kind: 'UsagesRetrievalFailed' })
  const names = 'class:DISK_GB, class:MEMORY_MB, class:VCPU, servers'
  await assertNotBuilt(uncounted, uncounted.uuid, 500, `Failed to retrieve usages from placement while enforcing ${names} quota limits.`)

  const strict = await secondServer(t, {})
  strict.keystone.model = 'strict_two_level'
  await assert.rejects(strict.build(), { message: 'enforcement model strict_two_level is not supported' })
  await assertNotBuilt(strict, strict.uuid, 500, 'ValueError')

  const old = await secondServer(t, {})
  await old.api.instanceMappings.create(old.ctx, new InstanceMapping({ instance_uuid: crypto.randomUUID(), project_id: 'p9' }))
  await assert.rejects(old.build(), { message: 'must first migrate instance mappings' })
})

test('without [quota] recheck_quota nobody is asked', async (t) => {
  const trial = await secondServer(t, { quota: { recheck: false }, limits: {} })
  await trial.build()
  await trial.next('build_and_run_instance')
  assert.deepEqual(trial.keystone.calls.methods, [])
})
