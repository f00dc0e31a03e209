import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemRandom } from '@micronova/lifecycle'
import { nullLogger } from '@micronova/log'
import { adminContext, Flavor, Instance } from '@micronova/model'
import { NotificationEmitter, StateUpdates, silence } from '@micronova/notifications'
import { contextOnlySerializer, FakeStores } from '@micronova/rpcapi'
import { FakeClock } from '@micronova/testing'
import { tellingInstances } from './telling-instances.js'

const clock = new FakeClock()
const deps = { clock, random: systemRandom }
const ctx = adminContext(deps)

async function fixture(states: 'vm_state' | 'vm_and_task_state' | null) {
  const told: { readonly event: string; readonly payload: Record<string, unknown> }[] = []
  const notify = async (_ctx: unknown, _priority: unknown, event: string, payload: unknown) =>
    void told.push({ event, payload: payload as Record<string, unknown> })
  const emitter = new NotificationEmitter(
    { transport: { notifier: () => ({ notify }) }, serializer: contextOnlySerializer },
    { ...silence, drivers: ['messagingv2'], topics: ['notifications'] },
  )
  const { instances } = new FakeStores(deps)
  const load = (...args: Parameters<typeof instances.load>) => instances.load(...args)
  const options = { host: 'controller1', states, auditPeriod: 'month', imageEndpoint: () => null }
  const updates = new StateUpdates({ emitter, clock, log: nullLogger, load }, options)
  const instance = new Instance({
    uuid: systemRandom.uuid(),
    host: 'compute1',
    display_name: 'old',
    vm_state: 'active',
    task_state: 'powering-off',
    flavor: Flavor.objStored({ id: 1, name: 'm1.tiny', flavorid: '1', memory_mb: 512, root_gb: 1, ephemeral_gb: 0, vcpus: 1 }),
    system_metadata: {},
    metadata: {},
  })
  await instances.create(ctx, instance)
  return { store: tellingInstances(instances, updates), instances, instance, told }
}

test('a saved change of the states is told with what they were', async () => {
  const { store, instance, told } = await fixture('vm_and_task_state')
  instance.vm_state = 'stopped'
  instance.task_state = null
  const before = Object.keys(instance.objGetSet())
  await store.save(ctx, instance)
  const [{ event, payload } = { event: '', payload: {} }] = told
  const { old_state, state, old_task_state, new_task_state } = payload
  assert.equal(event, 'compute.instance.update')
  assert.deepEqual([old_state, state, old_task_state, new_task_state], ['active', 'stopped', 'powering-off', null])
  assert.deepEqual(Object.keys(instance.objGetSet()), before)
})

test('a change of the task state alone is told as none where only vm states are asked for', async () => {
  const { store, instance, told } = await fixture('vm_state')
  instance.task_state = null
  await store.save(ctx, instance)
  const { old_task_state, new_task_state } = told[0]?.payload ?? {}
  assert.deepEqual([old_task_state, new_task_state], [null, null])
})

for (const [what, change, options, reads] of [
  ['what was changed without a word about what was expected', { vm_state: 'stopped', task_state: null }, {}, 1],
  ['one of the states', { vm_state: 'stopped', task_state: null }, { expectedTaskState: ['powering-off'] }, 1],
  ['a state that may have been one of two', { task_state: null }, { expectedTaskState: ['powering-off', null] }, 1],
  ['a name', { display_name: 'new' }, {}, 1],
  ['the one state that was expected', { task_state: null }, { expectedTaskState: ['powering-off'] }, 0],
  ['both', { vm_state: 'stopped', task_state: null }, { expectedTaskState: ['powering-off'], expectedVmState: ['active'] }, 0],
  ['no state', { progress: 50 }, {}, 0],
] as const) {
  test(`${reads === 0 ? 'nothing is' : 'what was stored is'} read before a save of ${what}, and the same is told`, async () => {
    const { store, instances, instance, told } = await fixture('vm_and_task_state')
    Object.assign(instance, change)
    let asked = 0
    const getByUuid = instances.getByUuid.bind(instances)
    instances.getByUuid = (...args) => {
      asked++
      return getByUuid(...args)
    }
    await store.save(ctx, instance, options)
    const { old_state, state, old_task_state, new_task_state, old_display_name } = told[0]?.payload ?? {}
    const { vm_state = 'active', task_state = 'powering-off', display_name } = change as Partial<Instance>
    assert.deepEqual([old_state, state, old_task_state, new_task_state], ['active', vm_state, 'powering-off', task_state])
    assert.equal(old_display_name, display_name === undefined ? undefined : 'old')
    assert.equal(asked, reads)
  })
}

test('nothing is told of a save that changes nothing, nor of one that is refused', async () => {
  const { store, instance, told } = await fixture('vm_and_task_state')
  await store.save(ctx, instance)
  instance.task_state = null
  await assert.rejects(store.save(ctx, instance, { expectedTaskState: ['pausing'] }))
  assert.deepEqual(told, [])
})

test('where no changes are asked for the store is left as it is', async () => {
  const { store, instances } = await fixture(null)
  assert.equal(store, instances)
})
