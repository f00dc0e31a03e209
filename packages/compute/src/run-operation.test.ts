import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MessagingTimeout } from '@micronova/messaging'
import { Migration, novaError } from '@micronova/model'
import { FakeClock } from '@micronova/testing'
import {
  computeFixture,
  currentInstance,
  type FixtureOptions,
  forever,
  nextUuid,
  runningInstance,
  tablesOf,
} from '../test/support/compute-fixture.js'
import type { OperationPolicy } from './operation.js'
import { runOperation } from './run-operation.js'

const everything: OperationPolicy = {
  lock: 'run',
  event: 'compute_test',
  recordFault: true,
  revertTaskState: true,
  failMigration: true,
}

async function prepared(options: FixtureOptions = {}) {
  const fixture = computeFixture(options)
  const instance = await runningInstance(fixture, { task_state: 'rebuilding' })
  const migration = new Migration({ instance_uuid: instance.uuid, status: 'migrating', migration_type: 'resize', uuid: nextUuid() })
  await fixture.stores.migrations.create(fixture.ctx, migration)
  await fixture.stores.actions.start(fixture.ctx, instance.uuid, 'test')
  fixture.calls.length = 0
  const run = (policy: OperationPolicy, body: () => Promise<unknown>) =>
    runOperation(fixture.parts, { method: 'test', parameters: [], policy, run: body }, fixture.ctx, { instance, migration }, forever)
  return { fixture, instance, run }
}

const methods = (calls: readonly { readonly method: string }[]) => calls.map(({ method }) => method)

test('an operation that succeeds writes the begin and the end of its event, and gives its result', async () => {
  const { fixture, run } = await prepared()
  assert.equal(await run(everything, async () => 'result'), 'result')
  assert.deepEqual(methods(fixture.calls), ['actions.startEvent', 'actions.finishEvent'])
})

test('a failure is written as fault, migration, event and task state, in this order, and thrown', async () => {
  const { fixture, instance, run } = await prepared()
  const failure = new Error('broken')
  await assert.rejects(
    run(everything, () => Promise.reject(failure)),
    failure,
  )
  assert.deepEqual(methods(fixture.calls), [
    'actions.startEvent',
    'faults.create',
    'migrations.save',
    'actions.finishEvent',
    'instances.save',
    'tracker.updateUsage',
  ])
  assert.equal((await currentInstance(fixture, instance.uuid)).task_state, null)
  assert.equal(tablesOf(fixture.stores).migrations.find(() => true)?.status, 'error')
})

test('nothing is written that the policy does not ask for', async () => {
  const { fixture, run } = await prepared()
  await assert.rejects(
    run({}, () => Promise.reject(new Error('broken'))),
    /broken/,
  )
  assert.deepEqual(fixture.calls, [])
})

test('that the instance is gone is no fault, and there is no task state to revert', async () => {
  const gone = novaError('InstanceNotFound', { instance_id: 'x' })
  const { fixture, run } = await prepared({ fail: ({ method }) => (method === 'instances.save' ? gone : undefined) })
  await assert.rejects(
    run(everything, () => Promise.reject(gone)),
    gone,
  )
  assert.ok(!methods(fixture.calls).includes('faults.create'))
})

for (const kind of ['UnexpectedTaskStateError', 'UnexpectedDeletingTaskStateError'] as const) {
  test(`the task state of the operation that took over stays: ${kind}`, async () => {
    const { fixture, instance, run } = await prepared()
    await assert.rejects(run(everything, () => Promise.reject(novaError(kind, { instance_uuid: instance.uuid, expected: {}, actual: {} }))))
    assert.equal((await currentInstance(fixture, instance.uuid)).task_state, 'rebuilding')
    assert.ok(methods(fixture.calls).includes('faults.create'))
  })
}

for (const broken of ['faults.create', 'migrations.save', 'actions.finishEvent', 'instances.save']) {
  test(`a failure that cannot be recorded with ${broken} is thrown all the same, and the rest is recorded`, async () => {
    const { fixture, run } = await prepared({ fail: ({ method }) => (method === broken ? new Error('the conductor is gone') : undefined) })
    await assert.rejects(
      run(everything, () => Promise.reject(new Error('broken'))),
      /^Error: broken$/,
    )
    assert.deepEqual(
      methods(fixture.calls).filter((method) => !method.startsWith('tracker.')),
      ['actions.startEvent', 'faults.create', 'migrations.save', 'actions.finishEvent', 'instances.save'],
    )
  })
}

test('a task state is reverted as soon as a conductor that was away answers again', async () => {
  const clock = new FakeClock()
  let away = 2
  const { fixture, instance, run } = await prepared({
    clock,
    fail: ({ method }) => (method === 'instances.save' && away-- > 0 ? new MessagingTimeout('object_action', 60_000) : undefined),
  })
  const outcome = assert.rejects(
    run({ revertTaskState: true }, () => Promise.reject(new Error('broken'))),
    /^Error: broken$/,
  )
  await clock.advance(999)
  assert.equal(methods(fixture.calls).length, 1)
  await clock.advance(1 + 2000)
  await outcome
  assert.equal((await currentInstance(fixture, instance.uuid)).task_state, null)
})

test('an instance in BUILD whose operation failed ends in ERROR', async () => {
  const { fixture, instance, run } = await prepared()
  instance.vm_state = 'building'
  await fixture.stores.instances.save(fixture.ctx, instance)
  await assert.rejects(
    run(everything, () => Promise.reject(new Error('broken'))),
    /broken/,
  )
  const { vm_state, task_state } = await currentInstance(fixture, instance.uuid)
  assert.deepEqual([vm_state, task_state], ['error', null])
})

test('an event that cannot end does not make a failure of a success', async () => {
  const { fixture, instance, run } = await prepared({
    fail: ({ method }) => (method === 'actions.finishEvent' ? new Error('the conductor is gone') : undefined),
  })
  assert.equal(await run(everything, async () => 'result'), 'result')
  assert.deepEqual(methods(fixture.calls), ['actions.startEvent', 'actions.finishEvent'])
  assert.equal((await currentInstance(fixture, instance.uuid)).task_state, 'rebuilding')
})

test('an operation whose event cannot begin does not run, has a fault, and its task state is reverted', async () => {
  const { fixture, instance, run } = await prepared({
    fail: ({ method }) => (method === 'actions.startEvent' ? new Error('the conductor is gone') : undefined),
  })
  let ran = false
  await assert.rejects(
    run(everything, async () => {
      ran = true
    }),
    /conductor is gone/,
  )
  assert.equal(ran, false)
  assert.equal((await currentInstance(fixture, instance.uuid)).task_state, null)
  assert.ok(methods(fixture.calls).includes('faults.create'))
})

/** Runs `policy` while another operation holds the instance; what had been written by then. */
async function writtenWhileHeld(policy: OperationPolicy): Promise<string[]> {
  const { fixture, instance, run } = await prepared()
  let release = () => {}
  const held = fixture.parts.locks.run(instance.uuid, () => new Promise<void>((resolve) => (release = resolve)))
  let ran = false
  const running = run(policy, async () => {
    ran = true
  })
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(ran, false)
  const written = methods(fixture.calls)
  release()
  await Promise.all([held, running])
  assert.equal(ran, true)
  return written
}

test("with the lock 'run' the event begins before the wait for the instance, as in Zed", async () => {
  assert.deepEqual(await writtenWhileHeld({ lock: 'run', event: 'compute_test' }), ['actions.startEvent'])
})

test("with the lock 'all' nothing is written before the instance is free", async () => {
  assert.deepEqual(await writtenWhileHeld({ lock: 'all', event: 'compute_test' }), [])
})

test('operations on one instance run in the order in which they came', async () => {
  const { run } = await prepared()
  const order: number[] = []
  await Promise.all([1, 2, 3].map((n) => run({ lock: 'run', event: 'compute_test' }, async () => void order.push(n))))
  assert.deepEqual(order, [1, 2, 3])
})
