import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nullLogger } from '@micronova/log'
import { isKindOf, isNovaError, novaError, powerStates } from '@micronova/model'
import { FakeDriver, type VirtDriver } from '@micronova/virt'
import { currentInstance, tablesOf } from '../../test/support/compute-fixture.js'
import { type OperationCase, prepared, run, testOperation } from '../../test/support/operation-cases.js'
import { tail } from './get-console-output.js'

const off = powerStates.shutdown

const boot = 'wire/04-stop-start-reboot.jsonl'
const pause = 'wire/05-pause-suspend-resume.jsonl'
const running = powerStates.running

const cases: readonly OperationCase[] = [
  {
    method: 'stop_instance',
    recording: boot,
    before: { vm_state: 'active', task_state: 'powering-off' },
    args: { clean_shutdown: true },
    after: { vm_state: 'stopped', power_state: off },
  },
  {
    method: 'start_instance',
    recording: boot,
    before: { vm_state: 'stopped', task_state: 'powering-on', isOff: true },
    after: { vm_state: 'active', power_state: running },
  },
  {
    method: 'reboot_instance',
    recording: boot,
    nth: 0,
    before: { vm_state: 'active', task_state: 'rebooting' },
    args: { block_device_info: null, reboot_type: 'SOFT' },
    after: { vm_state: 'active', power_state: running },
  },
  {
    method: 'reboot_instance',
    recording: boot,
    nth: 1,
    before: { vm_state: 'active', task_state: 'rebooting_hard' },
    args: { block_device_info: null, reboot_type: 'HARD' },
    after: { vm_state: 'active', power_state: running },
  },
  {
    method: 'pause_instance',
    recording: pause,
    before: { vm_state: 'active', task_state: 'pausing' },
    after: { vm_state: 'paused', power_state: running },
  },
  {
    method: 'unpause_instance',
    recording: pause,
    before: { vm_state: 'paused', task_state: 'unpausing' },
    after: { vm_state: 'active', power_state: running },
  },
  {
    method: 'suspend_instance',
    recording: pause,
    before: { vm_state: 'active', task_state: 'suspending' },
    after: { vm_state: 'suspended', power_state: running },
  },
  {
    method: 'resume_instance',
    recording: pause,
    before: { vm_state: 'suspended', task_state: 'resuming', system_metadata: { old_vm_state: 'active' } },
    after: { vm_state: 'active', power_state: running },
  },
  {
    method: 'set_admin_password',
    recording: 'wire/11-console-and-actions.jsonl',
    before: { vm_state: 'active', task_state: 'updating_password' },
    args: { new_pass: 'secret' },
    after: { vm_state: 'active', power_state: running },
  },
]

for (const one of cases) testOperation(one)

for (const [method, ability, before] of [
  ['pause_instance', 'pausing', { vm_state: 'active', task_state: 'pausing' }],
  ['suspend_instance', 'suspending', { vm_state: 'active', task_state: 'suspending' }],
  ['resume_instance', 'suspending', { vm_state: 'suspended', task_state: 'resuming' }],
  ['set_admin_password', 'adminPassword', { vm_state: 'active', task_state: 'updating_password' }],
  ['get_console_output', 'console', { vm_state: 'active', task_state: '' }],
  ['get_diagnostics', 'diagnostics', { vm_state: 'active', task_state: '' }],
] as const) {
  test(`${method} of a driver without the ability is NotImplementedError, and the instance keeps its state`, async () => {
    const driver: VirtDriver = Object.assign(new FakeDriver({ log: nullLogger }), { [ability]: undefined })
    const { fixture, instance } = await prepared(before, { driver })
    const args = { new_pass: 'secret', tail_length: null }
    await assert.rejects(run(fixture, method, instance, args), (err) => isKindOf(err, 'NotImplementedError'))
    const current = await currentInstance(fixture, instance.uuid)
    assert.equal(current.vm_state, before.vm_state)
    assert.equal(tablesOf(fixture.stores).faults.find(() => true)?.message, 'NotImplementedError')
    if (before.task_state !== '') assert.equal(current.task_state, null)
  })
}

test('a stop of a guest that is off already is accepted though its task state is none', async () => {
  const { fixture, instance } = await prepared({ vm_state: 'active', task_state: 'powering-off', isOff: true })
  const stored = await currentInstance(fixture, instance.uuid)
  stored.task_state = null
  await fixture.stores.instances.save(fixture.ctx, stored)
  await run(fixture, 'stop_instance', instance, { clean_shutdown: true })
  assert.equal((await currentInstance(fixture, instance.uuid)).vm_state, 'stopped')
})

for (const [what, clean, metadata, expected] of [
  ['as configured', true, {}, { timeoutSeconds: 60, retryIntervalSeconds: 10 }],
  ['as the image says', true, { image_os_shutdown_timeout: '5' }, { timeoutSeconds: 5, retryIntervalSeconds: 10 }],
  [
    'as configured where the image says nonsense',
    true,
    { image_os_shutdown_timeout: 'x' },
    { timeoutSeconds: 60, retryIntervalSeconds: 10 },
  ],
  ['no time at all', false, { image_os_shutdown_timeout: '5' }, { timeoutSeconds: 0, retryIntervalSeconds: 0 }],
] as const) {
  test(`a guest that is stopped has ${what} to shut down`, async () => {
    const driver = new FakeDriver({ log: nullLogger })
    const { fixture, instance } = await prepared({ vm_state: 'active', task_state: 'powering-off', system_metadata: metadata }, { driver })
    const seen: unknown[] = []
    driver.powerOff = async (_instance, timing) => void seen.push(timing)
    await run(fixture, 'stop_instance', instance, { clean_shutdown: clean })
    assert.deepEqual(seen, [expected])
  })
}

test('a reboot that fails while the guest runs ends ACTIVE with a fault', async () => {
  const driver = new FakeDriver({ log: nullLogger })
  driver.reboot = () => Promise.reject(novaError('InstanceRebootFailure', { reason: 'stuck' }))
  const { fixture, instance } = await prepared({ vm_state: 'active', task_state: 'rebooting' }, { driver })
  await run(fixture, 'reboot_instance', instance, { block_device_info: null, reboot_type: 'SOFT' })
  const current = await currentInstance(fixture, instance.uuid)
  assert.deepEqual([current.vm_state, current.task_state], ['active', null])
  assert.match(String(tablesOf(fixture.stores).faults.find(() => true)?.message), /stuck/)
})

test('a reboot that leaves the guest down ends in ERROR', async () => {
  const driver = new FakeDriver({ log: nullLogger })
  const { fixture, instance } = await prepared({ vm_state: 'active', task_state: 'rebooting_hard', isOff: true }, { driver })
  driver.reboot = () => Promise.reject(new Error('no'))
  await assert.rejects(run(fixture, 'reboot_instance', instance, { block_device_info: null, reboot_type: 'HARD' }), /no/)
  const current = await currentInstance(fixture, instance.uuid)
  assert.deepEqual([current.vm_state, current.task_state], ['error', null])
})

test('a suspend that fails leaves the instance in ERROR', async () => {
  const driver = new FakeDriver({ log: nullLogger })
  driver.suspending.suspend = () => Promise.reject(new Error('disk full'))
  const { fixture, instance } = await prepared({ vm_state: 'active', task_state: 'suspending' }, { driver })
  await assert.rejects(run(fixture, 'suspend_instance', instance), /disk full/)
  const current = await currentInstance(fixture, instance.uuid)
  assert.deepEqual([current.vm_state, current.task_state], ['error', null])
})

test('a password that cannot be set is reported without the reason, which may hold it', async () => {
  const driver = new FakeDriver({ log: nullLogger })
  driver.adminPassword.setAdminPassword = (_instance, password) => Promise.reject(new Error(`cannot set ${password}`))
  const { fixture, instance } = await prepared({ vm_state: 'active', task_state: 'updating_password' }, { driver })
  await assert.rejects(
    run(fixture, 'set_admin_password', instance, { new_pass: 'hunter2' }),
    (err) => isNovaError(err, 'InstancePasswordSetFailed') && !err.message.includes('hunter2'),
  )
  const fault = tablesOf(fixture.stores).faults.find(() => true)
  assert.ok(!`${fault?.message} ${fault?.details}`.includes('hunter2'))
})

test('the password of a guest that is off is not set', async () => {
  const { fixture, instance } = await prepared({ vm_state: 'stopped', task_state: 'updating_password', isOff: true })
  await assert.rejects(
    run(fixture, 'set_admin_password', instance, { new_pass: 'x' }),
    (err) => isNovaError(err, 'InstancePasswordSetFailed') && /is not running/.test(err.message),
  )
  assert.equal((await currentInstance(fixture, instance.uuid)).task_state, null)
})

test('diagnostics of a guest that is off are InstanceInvalidState', async () => {
  const { fixture, instance } = await prepared({ vm_state: 'stopped', task_state: '', isOff: true })
  for (const method of ['get_diagnostics', 'get_instance_diagnostics'])
    await assert.rejects(run(fixture, method, instance), (err) => isNovaError(err, 'InstanceInvalidState'))
})

test('console output is the whole of it, or its last lines', async () => {
  const { fixture, instance } = await prepared({ vm_state: 'active', task_state: '' })
  const output = (length: unknown) => run(fixture, 'get_console_output', instance, { tail_length: length })
  assert.equal(await output(null), 'FAKE CONSOLE OUTPUT\nANOTHER\nLAST LINE')
  assert.equal(await output(10), 'FAKE CONSOLE OUTPUT\nANOTHER\nLAST LINE')
  assert.equal(await output('2'), 'ANOTHER\nLAST LINE')
  assert.equal(await output(0), '')
  assert.equal(await output('x'), '')
  assert.equal(tail('a\nb\nc', -1), 'b\nc')
})

test('console output that is not ASCII arrives as replacement characters', async () => {
  const driver = new FakeDriver({ log: nullLogger })
  driver.console.consoleOutput = async () => Buffer.from([0x61, 0xff, 0x62])
  const { fixture, instance } = await prepared({ vm_state: 'active', task_state: '' }, { driver })
  assert.equal(await run(fixture, 'get_console_output', instance, { tail_length: null }), 'a\ufffdb')
})

test('a soft-deleted instance keeps its guest and can be restored', async () => {
  const { fixture, instance } = await prepared({ vm_state: 'active', task_state: 'soft-deleting' })
  await run(fixture, 'soft_delete_instance', instance)
  const put = await currentInstance(fixture, instance.uuid)
  assert.deepEqual([put.vm_state, put.task_state], ['soft-delete', null])
  assert.equal(await fixture.parts.driver.guestExists(instance.uuid), true)
  put.task_state = 'restoring'
  await fixture.stores.instances.save(fixture.ctx, put)
  await run(fixture, 'restore_instance', put)
  assert.equal((await currentInstance(fixture, instance.uuid)).vm_state, 'active')
})

test('an operation that the driver lacks ends its event with an error, records a fault, and frees the instance', async () => {
  const driver: VirtDriver = Object.assign(new FakeDriver({ log: nullLogger }), { rescue: undefined })
  const { fixture, instance } = await prepared({ vm_state: 'active', task_state: 'rescuing' }, { driver })
  const args = { rescue_password: 'x', rescue_image_ref: null, clean_shutdown: true }
  await assert.rejects(run(fixture, 'rescue_instance', instance, args), (err) => isKindOf(err, 'NotImplementedError'))
  const [event] = tablesOf(fixture.stores).actions[0]?.events ?? []
  assert.deepEqual([event?.event, event?.result], ['compute_rescue_instance', 'Error'])
  assert.equal((await currentInstance(fixture, instance.uuid)).task_state, null)
  assert.equal(tablesOf(fixture.stores).faults.find(() => true)?.code, 500)
})

test('get_host_uptime is NotImplementedError with the empty message of a Zed compute', async () => {
  const { fixture, instance } = await prepared({ vm_state: 'active', task_state: '' })
  await assert.rejects(
    run(fixture, 'get_host_uptime', instance),
    (err) => isKindOf(err, 'NotImplementedError') && (err as Error).message === '',
  )
})
