import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { novaError, powerStates } from '@micronova/model'
import { tablesOf } from '../../test/support/compute-fixture.js'
import { type ComputePair, computePair, moveOf } from '../../test/support/compute-pair.js'
import { begin, confirm, current, revert, stateOf } from '../../test/support/moving.js'
import type { StoreCall } from '../../test/support/recording-stores.js'
import { refusal } from './within-move.js'

const { running, shutdown } = powerStates
const boom = () => Promise.reject(new Error('boom'))

/** Fails once, at the first call for which `isIt` holds. */
function once(isIt: (call: StoreCall) => boolean, error: () => unknown = () => new Error('boom')) {
  let isOver = false
  return (call: StoreCall) => {
    if (isOver || !isIt(call)) return undefined
    isOver = true
    return error()
  }
}

const saves = (task: string | null) => (call: StoreCall) => call.method === 'instances.save' && call.changes.task_state === task
const migrates = (status: string) => (call: StoreCall) => call.method === 'migrations.save' && call.changes.status === status

interface Breakage {
  readonly what: string
  fail?(call: StoreCall): unknown
  prepare?(pair: ComputePair): void
}

async function broken(t: TestContext, { fail, prepare }: Breakage) {
  const pair = await computePair(t, fail === undefined ? {} : { fail })
  prepare?.(pair)
  return { pair, move: await moveOf(pair, 'compute2') }
}

function breakMethod<T, K extends keyof T>(object: T, name: K, method: T[K]): void {
  object[name] = method
}

const atSource: readonly Breakage[] = [
  { what: 'networks', prepare: ({ compute1 }) => breakMethod(compute1.parts.networks, 'networkInfo', boom) },
  { what: 'migrating', fail: once(migrates('migrating')) },
  { what: 'resize_migrating', fail: once(saves('resize_migrating')) },
  { what: 'the disks', prepare: ({ compute1 }) => breakMethod(compute1.driver.resizing, 'migrateDiskAndPowerOff', boom) },
  {
    what: 'the ports',
    prepare: ({ compute1 }) =>
      breakMethod(compute1.parts.networks, 'migrateInstanceStart', (_ctx, _instance, host) =>
        host === 'compute2' ? boom() : Promise.resolve(),
      ),
  },
  { what: 'post-migrating', fail: once(migrates('post-migrating')) },
  { what: 'resize_migrated', fail: once(saves('resize_migrated')) },
  {
    what: 'the message to the destination',
    prepare: ({ compute1 }) => breakMethod(compute1.parts.computes as { finishResize: unknown }, 'finishResize', boom),
  },
]

for (const breakage of atSource) {
  test(`a resize that fails at its source at '${breakage.what}' leaves the guest running there, and nothing elsewhere`, async (t) => {
    const { pair, move } = await broken(t, breakage)
    await begin(pair, move, 'compute2')
    const { new_flavor, old_vm_state, context, ...state } = await stateOf(pair, move)
    assert.deepEqual(state, {
      vm_state: 'error',
      task_state: null,
      host: 'compute1',
      node: 'compute1',
      flavor: 'm1.tiny',
      vcpus: 1,
      old_flavor: null,
      migration: 'error',
      guests: [running, 'none'],
      used: [1, 0],
      instanceHas: ['compute1'],
      migrationHas: null,
      faults: 1,
    })
  })
}

test('a guest that its driver refuses to send stays as it was, and its user learns why', async (t) => {
  const refuse = () => Promise.reject(refusal(novaError('ResizeError', { reason: 'the disk cannot shrink' })))
  const { pair, move } = await broken(t, {
    what: '',
    prepare: ({ compute1 }) => breakMethod(compute1.driver.resizing, 'migrateDiskAndPowerOff', refuse),
  })
  await begin(pair, move, 'compute2')
  const { vm_state, task_state, guests, instanceHas, migrationHas, migration } = await stateOf(pair, move)
  assert.deepEqual(
    { vm_state, task_state, guests, instanceHas, migrationHas, migration },
    { vm_state: 'active', task_state: null, guests: [running, 'none'], instanceHas: ['compute1'], migrationHas: null, migration: 'error' },
  )
  assert.equal(tablesOf(pair.stores).faults.find(() => true)?.message, 'Resize error: the disk cannot shrink')
})

test('a guest that is not where its instance is cannot be sent, and its instance goes to ERROR', async (t) => {
  const { pair, move } = await broken(t, { what: '' })
  await pair.compute1.driver.destroy(pair.ctx, { instance: move.instance, network: [], blockDevices: [] })
  await begin(pair, move, 'compute2')
  const { vm_state, task_state, host, migration, instanceHas, migrationHas } = await stateOf(pair, move)
  assert.deepEqual(
    { vm_state, task_state, host, migration, instanceHas, migrationHas },
    { vm_state: 'error', task_state: null, host: 'compute1', migration: 'error', instanceHas: ['compute1'], migrationHas: null },
  )
})

const atDestination: readonly Breakage[] = [
  { what: 'the ports', prepare: ({ compute2 }) => breakMethod(compute2.parts.networks, 'migrateInstanceFinish', boom) },
  { what: 'resize_finish', fail: once(saves('resize_finish')) },
  { what: 'the guest', prepare: ({ compute2 }) => breakMethod(compute2.driver.resizing, 'finishMigration', boom) },
  { what: 'finished', fail: once(migrates('finished')) },
  { what: 'resized', fail: once(({ method, changes }) => method === 'instances.save' && changes.vm_state === 'resized') },
]

for (const breakage of atDestination) {
  test(`a resize that fails at its destination at '${breakage.what}' stays there in ERROR and gives its source up`, async (t) => {
    const { pair, move } = await broken(t, breakage)
    await begin(pair, move, 'compute2')
    const { vm_state, task_state, host, migration, instanceHas, migrationHas, faults, used } = await stateOf(pair, move)
    assert.deepEqual(
      { vm_state, task_state, host, migration, instanceHas, migrationHas, faults, held: used[0] },
      {
        vm_state: 'error',
        task_state: null,
        host: 'compute2',
        migration: 'error',
        instanceHas: ['compute2'],
        migrationHas: null,
        faults: 1,
        held: 0,
      },
    )
  })
}

test('a guest that does not come up at its destination has its old size, so that a hard reboot asks for no more than is there', async (t) => {
  const { pair, move } = await broken(t, atDestination[2]!)
  await begin(pair, move, 'compute2')
  const { flavor, vcpus } = await stateOf(pair, move)
  assert.deepEqual({ flavor, vcpus }, { flavor: 'm1.tiny', vcpus: 1 })
})

const atRevert: readonly Breakage[] = [
  { what: 'the guest at the destination', prepare: ({ compute2 }) => breakMethod(compute2.driver, 'destroy', boom) },
  { what: 'the ports of the source', prepare: ({ compute1 }) => breakMethod(compute1.parts.networks, 'migrateInstanceFinish', boom) },
  { what: 'the guest at the source', prepare: ({ compute1 }) => breakMethod(compute1.driver.resizing, 'finishRevertMigration', boom) },
  { what: 'reverted', fail: once(migrates('reverted')) },
  {
    what: 'active',
    fail: once(({ method, changes }) => method === 'instances.save' && changes.launched_at !== undefined && changes.vm_state === undefined),
  },
]

for (const breakage of atRevert) {
  test(`a revert that fails at '${breakage.what}' ends in ERROR, not in a task state`, async (t) => {
    const { pair, move } = await broken(t, breakage)
    await begin(pair, move, 'compute2')
    await revert(pair, move)
    const { vm_state, task_state, migration, faults } = await stateOf(pair, move)
    assert.deepEqual({ vm_state, task_state, migration, faults }, { vm_state: 'error', task_state: null, migration: 'error', faults: 1 })
  })
}

test('a revert whose allocations cannot be moved ends in ERROR at the source, and says so', async (t) => {
  const { pair, move } = await broken(t, { what: '' })
  await begin(pair, move, 'compute2')
  pair.placement.fail = (method) => {
    if (method === 'moveAllocations')
      throw novaError('AllocationMoveFailed', { source_consumer: 'm', target_consumer: 'i', error: 'conflict' })
  }
  await revert(pair, move)
  const { vm_state, host, old_flavor, new_flavor } = await stateOf(pair, move)
  assert.deepEqual({ vm_state, host, old_flavor, new_flavor }, { vm_state: 'error', host: 'compute1', old_flavor: null, new_flavor: null })
  assert.match(String(tablesOf(pair.stores).faults.find(() => true)?.message), /Failed to move allocations/)
})

test('a confirmation that fails leaves the guest where it is and holds nothing of its source in Placement', async (t) => {
  const { pair, move } = await broken(t, {
    what: '',
    prepare: ({ compute1 }) => breakMethod(compute1.driver.resizing, 'confirmMigration', boom),
  })
  await begin(pair, move, 'compute2')
  await confirm(pair, move)
  const { vm_state, task_state, host, guests, migrationHas, old_flavor } = await stateOf(pair, move)
  assert.deepEqual(
    { vm_state, task_state, host, guests, migrationHas, old_flavor },
    { vm_state: 'error', task_state: null, host: 'compute2', guests: [shutdown, running], migrationHas: null, old_flavor: null },
  )
})

test('a confirmation goes on while its instance is being deleted', async (t) => {
  const { pair, move } = await broken(t, { what: '' })
  await begin(pair, move, 'compute2')
  const { instance, migration } = await current(pair, move, 'deleting', 'confirming')
  await pair.api.confirmResize(pair.ctx, { instance, migration, host: 'compute1', cast: false })
  const { vm_state, guests, migrationHas, migration: status } = await stateOf(pair, move)
  assert.deepEqual(
    { vm_state, guests, migrationHas, status },
    { vm_state: 'active', guests: ['none', running], migrationHas: null, status: 'confirmed' },
  )
})

test('a confirmation whose instance is deleted meanwhile ends well and holds nothing', async (t) => {
  const gone = once(
    ({ method, changes }) => method === 'instances.save' && changes.vm_state === 'active',
    () => novaError('InstanceNotFound', { instance_id: 'x' }),
  )
  const { pair, move } = await broken(t, { what: '', fail: gone })
  await begin(pair, move, 'compute2')
  await confirm(pair, move)
  const { migration, migrationHas, faults } = await stateOf(pair, move)
  assert.deepEqual({ migration, migrationHas, faults }, { migration: 'confirmed', migrationHas: null, faults: 0 })
})

const deleting = () => novaError('UnexpectedDeletingTaskStateError', { instance_uuid: 'x', expected: {}, actual: {} })

for (const task of ['resize_migrating', 'resize_migrated', 'resize_finish']) {
  test(`an instance that is deleted at ${task} is left to the deletion, and the move holds nothing of its source`, async (t) => {
    const { pair, move } = await broken(t, { what: '', fail: once(saves(task), deleting) })
    await begin(pair, move, 'compute2')
    const { vm_state, migration, migrationHas, guests } = await stateOf(pair, move)
    assert.equal(vm_state, 'active')
    assert.equal(migration, 'error')
    assert.equal(migrationHas, null)
    assert.equal(guests[1], 'none')
  })
}

test('a host that cannot take the guest sends it to the next one, through the conductor, with what it has learned', async (t) => {
  const { pair, move } = await broken(t, { what: '' })
  const filterProperties = { retry: { num_attempts: 1, hosts: [['compute2', 'compute2']] }, limits: {} }
  await begin(pair, move, 'compute2', { node: 'no-such-node', filterProperties })
  const { vm_state, task_state, migration, instanceHas, migrationHas, faults } = await stateOf(pair, move)
  assert.deepEqual(
    { vm_state, task_state, migration, instanceHas, migrationHas, faults },
    // The conductor goes on with the same record, and takes the allocations into it again.
    { vm_state: 'active', task_state: 'resize_prep', migration: 'pre-migrating', instanceHas: ['compute1'], migrationHas: null, faults: 1 },
  )
  const [sent] = pair.compute2.sent.filter(({ method }) => method === 'migrate_server')
  const { live, rebuild, hostList, schedulerHint } = sent!.args as {
    live: unknown
    rebuild: unknown
    hostList: unknown
    schedulerHint: { filter_properties: { retry: Record<string, unknown> } }
  }
  assert.deepEqual([live, rebuild, hostList], [false, false, []])
  assert.deepEqual(schedulerHint.filter_properties.retry.hosts, [['compute2', 'compute2']])
  assert.ok(Array.isArray(schedulerHint.filter_properties.retry.exc))
})

test('a host that cannot take the guest, where there is no other, leaves it in ERROR at its source', async (t) => {
  const { pair, move } = await broken(t, { what: '' })
  await begin(pair, move, 'compute2', { node: 'no-such-node' })
  const { vm_state, task_state, host, guests, migration, instanceHas } = await stateOf(pair, move)
  assert.deepEqual(
    { vm_state, task_state, host, guests, migration, instanceHas },
    { vm_state: 'error', task_state: null, host: 'compute1', guests: [running, 'none'], migration: 'error', instanceHas: ['compute1'] },
  )
})

test('where the allocations cannot be given back no other host is tried', async (t) => {
  const { pair, move } = await broken(t, { what: '' })
  pair.placement.fail = () => {
    throw new Error('no answer')
  }
  await begin(pair, move, 'compute2', { node: 'no-such-node', filterProperties: { retry: { num_attempts: 1 } } })
  assert.equal(pair.compute2.sent.filter(({ method }) => method === 'migrate_server').length, 0)
  assert.equal((await stateOf(pair, move)).vm_state, 'error')
})

test('the claim of a destination whose source cannot be told is given back', async (t) => {
  const { pair, move } = await broken(t, {
    what: '',
    prepare: ({ compute2 }) => breakMethod(compute2.parts.computes as { resizeInstance: unknown }, 'resizeInstance', boom),
  })
  await begin(pair, move, 'compute2')
  const { used, context, instanceHas } = await stateOf(pair, move)
  assert.deepEqual({ used, context, instanceHas }, { used: [1, 0], context: false, instanceHas: ['compute1'] })
})
