import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nullLogger } from '@micronova/log'
import { type Instance, type PowerState, powerStates } from '@micronova/model'
import { FakeDriver } from '@micronova/virt'
import { currentInstance, host, runningInstance, storedInstance } from '../../test/support/compute-fixture.js'
import { type PeriodicFixture, type PeriodicFixtureOptions, periodicFixture } from '../../test/support/periodic-fixture.js'
import { takeCalls } from '../../test/support/tracker-fixture.js'

const name = '_sync_power_states'
const cutOff = { timeoutSeconds: 0, retryIntervalSeconds: 0 }

type Changes = Parameters<typeof storedInstance>[1]

/** A fixture with a guest that shut down by itself. `meanwhile` happens to the instance after it was listed. */
async function withGuestOff(options: PeriodicFixtureOptions & { readonly values?: Changes; readonly meanwhile?: Changes } = {}) {
  const { meanwhile, values, ...others } = options
  let instance: Instance | null = null
  const fixture: PeriodicFixture = await periodicFixture({
    async fail({ method }) {
      if (method === 'instances.refresh' && meanwhile !== undefined && instance !== null) await change(fixture, instance, meanwhile)
      return undefined
    },
    ...others,
  })
  instance = await runningInstance(fixture, values ?? {})
  await fixture.parts.driver.powerOff(instance, cutOff)
  return { fixture, instance }
}

async function change({ stores, ctx }: PeriodicFixture, { uuid }: Instance, values: Changes): Promise<void> {
  const stored = await stores.instances.getByUuid(ctx, uuid, [])
  Object.assign(stored, values)
  await stores.instances.save(ctx, stored)
}

async function states(fixture: PeriodicFixture, { uuid }: Instance) {
  const { vm_state, task_state, power_state } = await currentInstance(fixture, uuid)
  return [vm_state, task_state, power_state]
}

const sent = ({ sent: casts }: PeriodicFixture) => casts.map(({ method }) => method)

/** A hypervisor in which guests are in states that the fake one does not bring about. */
class OddDriver extends FakeDriver {
  readonly odd = new Map<string, PowerState | Error>()
  constructor() {
    super({ log: nullLogger })
  }
  override async guestInfo(uuid: string) {
    const odd = this.odd.get(uuid)
    if (odd instanceof Error) throw odd
    return odd === undefined ? super.guestInfo(uuid) : { powerState: odd }
  }
}

test('where nothing differs, one list is all that is asked, however many instances there are', async () => {
  const fixture = await periodicFixture()
  for (let i = 0; i < 50; i++) await runningInstance(fixture)
  await fixture.run(name)
  assert.deepEqual(fixture.calls[0]?.args, [host, [], { replica: true }])
  assert.deepEqual(takeCalls(fixture), ['instances.listByHost'])
  assert.deepEqual(fixture.log.messages(), [])
})

test('a guest that shut down by itself: the record follows, and the instance is to stop', async () => {
  const { fixture, instance } = await withGuestOff()
  await fixture.run(name)
  assert.deepEqual(await states(fixture, instance), ['active', 'powering-off', powerStates.shutdown])
  assert.deepEqual(sent(fixture), ['stop_instance'])
  const asked = takeCalls(fixture).filter((method) => method !== 'instances.load')
  assert.deepEqual(asked, ['instances.listByHost', 'instances.refresh', 'instances.save', 'instances.save', 'actions.start'])
})

test('an instance that wants to be deleted when its guest ends is to be deleted', async () => {
  const { fixture, instance } = await withGuestOff({ values: { shutdown_terminate: true } })
  await fixture.run(name)
  assert.deepEqual(await states(fixture, instance), ['active', 'deleting', powerStates.shutdown])
  assert.deepEqual(sent(fixture), ['terminate_instance'])
})

test('a guest that runs although its instance is stopped is to stop', async () => {
  const fixture = await periodicFixture()
  const instance = await runningInstance(fixture, { vm_state: 'stopped', power_state: powerStates.shutdown })
  await fixture.run(name)
  assert.deepEqual(await states(fixture, instance), ['stopped', 'powering-off', powerStates.running])
})

test('a guest that is not there is written down and complained of, and nothing else', async () => {
  const fixture = await periodicFixture()
  const instance = await storedInstance(fixture, { host, node: host, vm_state: 'active', task_state: null, power_state: 1 })
  await fixture.run(name)
  assert.deepEqual(await states(fixture, instance), ['active', null, powerStates.noState])
  assert.deepEqual(fixture.sent, [])
  assert.deepEqual(fixture.log.messages('WARNING'), [
    'The database has 1 instances on this host, the hypervisor 0',
    'The instance is active, but the power state of its guest is pending. Ignored.',
  ])
})

test('the power state of an instance whose vm state says nothing about it is written down', async () => {
  const { fixture, instance } = await withGuestOff({ values: { vm_state: 'error' } })
  await fixture.run(name)
  assert.deepEqual(await states(fixture, instance), ['error', null, powerStates.shutdown])
  assert.deepEqual(fixture.sent, [])
})

test('a power state of the list that is out of date is not written again', async () => {
  const { fixture, instance } = await withGuestOff({ meanwhile: { vm_state: 'stopped', power_state: powerStates.shutdown } })
  await fixture.run(name)
  assert.deepEqual(await states(fixture, instance), ['stopped', null, powerStates.shutdown])
  assert.deepEqual(takeCalls(fixture), ['instances.listByHost', 'instances.refresh'])
})

test('an instance with a task in progress is not looked at', async () => {
  const { fixture, instance } = await withGuestOff({ values: { task_state: 'rebooting' } })
  await fixture.run(name)
  assert.deepEqual(await states(fixture, instance), ['active', 'rebooting', powerStates.running])
  assert.deepEqual(takeCalls(fixture), ['instances.listByHost'])
})

test('an instance whose task began after it was listed is left alone', async () => {
  const { fixture, instance } = await withGuestOff({ meanwhile: { task_state: 'powering-off' } })
  await fixture.run(name)
  assert.deepEqual(await states(fixture, instance), ['active', 'powering-off', powerStates.running])
  assert.deepEqual(fixture.sent, [])
})

test('an instance that moved after it was listed is left alone', async () => {
  const { fixture, instance } = await withGuestOff({ meanwhile: { host: 'elsewhere', node: 'elsewhere' } })
  await fixture.run(name)
  assert.deepEqual(await states(fixture, instance), ['active', null, powerStates.running])
  assert.deepEqual(fixture.sent, [])
})

test('an instance that was deleted after it was listed is no failure', async () => {
  const fixture: PeriodicFixture = await periodicFixture({
    async fail({ method }) {
      if (method === 'instances.refresh') await fixture.stores.instances.destroy(fixture.ctx, instance)
      return undefined
    },
  })
  const instance = await runningInstance(fixture)
  await fixture.parts.driver.powerOff(instance, cutOff)
  await fixture.run(name)
  assert.deepEqual(fixture.sent, [])
  assert.deepEqual(fixture.log.messages('ERROR'), [])
})

test('a task that begins at the last moment goes first', async () => {
  const fixture: PeriodicFixture = await periodicFixture({
    async fail({ changes }) {
      if (changes.task_state === 'powering-off') await change(fixture, instance, { task_state: 'rebooting' })
      return undefined
    },
  })
  const instance = await runningInstance(fixture)
  await fixture.parts.driver.powerOff(instance, cutOff)
  await fixture.run(name)
  assert.deepEqual(await states(fixture, instance), ['active', 'rebooting', powerStates.shutdown])
  assert.deepEqual(fixture.sent, [])
  assert.deepEqual(fixture.log.messages('ERROR'), [])
})

test('an instance that an operation holds is left to it', async () => {
  const { fixture, instance } = await withGuestOff()
  await fixture.parts.locks.run(instance.uuid, () => fixture.run(name))
  assert.deepEqual(await states(fixture, instance), ['active', null, powerStates.running])
})

test('a guest that cannot be looked at keeps no other from being looked at', async () => {
  const driver = new OddDriver()
  const fixture = await periodicFixture({ driver })
  const [broken, suspended] = [await runningInstance(fixture), await runningInstance(fixture)]
  driver.odd.set(broken.uuid, new Error('no answer'))
  driver.odd.set(suspended.uuid, powerStates.suspended)
  await fixture.run(name)
  assert.deepEqual(await states(fixture, broken), ['active', null, powerStates.running])
  assert.deepEqual(await states(fixture, suspended), ['active', 'powering-off', powerStates.suspended])
  assert.equal(fixture.log.messages('ERROR').length, 1)
})

test('a stop that cannot be asked for is asked for by the next run', async () => {
  const { fixture, instance } = await withGuestOff({ castFails: new Error('no broker') })
  await fixture.run(name)
  await fixture.run(name)
  assert.deepEqual(await states(fixture, instance), ['active', null, powerStates.shutdown])
  assert.equal(fixture.log.messages('ERROR').length, 2)
})
