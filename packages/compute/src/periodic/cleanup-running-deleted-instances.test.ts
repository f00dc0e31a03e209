import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Instance, powerStates } from '@micronova/model'
import { runningInstance } from '../../test/support/compute-fixture.js'
import { type PeriodicFixture, type PeriodicFixtureOptions, periodicFixture } from '../../test/support/periodic-fixture.js'
import { takeCalls } from '../../test/support/tracker-fixture.js'

const name = '_cleanup_running_deleted_instances'

/** An instance that was deleted a second ago, and a guest that does not know. */
async function zombie(options: PeriodicFixtureOptions = {}) {
  const fixture = await periodicFixture(options)
  const instance = await deletedInstance(fixture)
  await fixture.clock.advance(1_000)
  return { fixture, instance }
}

async function deletedInstance(fixture: PeriodicFixture, vmState = 'deleted'): Promise<Instance> {
  const instance = await runningInstance(fixture)
  instance.vm_state = vmState
  await fixture.stores.instances.save(fixture.ctx, instance)
  await fixture.stores.instances.destroy(fixture.ctx, instance)
  return instance
}

test('the guest of a deleted instance is destroyed with the networks that it may have got since, and its record stays as it is', async () => {
  const { fixture } = await zombie()
  const alive = await runningInstance(fixture)
  await fixture.run(name)
  assert.deepEqual(await fixture.parts.driver.listGuests(), [alive.uuid])
  const networks = ['virtualInterfaces.deleteByInstanceUuid', 'infoCaches.save']
  assert.deepEqual(takeCalls(fixture), ['instances.listByFilters', 'blockDeviceMappings.listByInstanceUuid', ...networks])
  assert.deepEqual(fixture.log.messages('ERROR'), [])
})

test('where guests are to be switched off, the guest stays', async () => {
  const { fixture, instance } = await zombie({ periodic: { running_deleted_instance_action: 'shutdown' } })
  await fixture.run(name)
  assert.equal((await fixture.parts.driver.guestInfo(instance.uuid)).powerState, powerStates.shutdown)
})

test('where guests are only to be reported, they are', async () => {
  const { fixture, instance } = await zombie({ periodic: { running_deleted_instance_action: 'log' } })
  await fixture.run(name)
  assert.equal((await fixture.parts.driver.guestInfo(instance.uuid)).powerState, powerStates.running)
  assert.deepEqual(fixture.log.messages('WARNING'), ["Found the guest of 'vm1', which is deleted but still has it"])
})

test('where nothing is to be done, nothing is asked', async () => {
  const { fixture, instance } = await zombie({ periodic: { running_deleted_instance_action: 'noop' } })
  await fixture.run(name)
  assert.deepEqual(takeCalls(fixture), [])
  assert.ok(await fixture.parts.driver.guestExists(instance.uuid))
})

test('an instance that was deleted a short time ago has its time', async () => {
  const { fixture, instance } = await zombie({ periodic: { running_deleted_instance_timeout: 60 } })
  await fixture.run(name)
  assert.ok(await fixture.parts.driver.guestExists(instance.uuid))
  await fixture.clock.advance(60_000)
  await fixture.run(name)
  assert.ok(!(await fixture.parts.driver.guestExists(instance.uuid)))
})

test('guests that are soft-deleted, or of no instance at all, are left alone', async () => {
  const fixture = await periodicFixture()
  const soft = [await runningInstance(fixture, { vm_state: 'soft-delete' }), await deletedInstance(fixture, 'soft-delete')]
  const unknown = await runningInstance(await periodicFixture({ driver: fixture.parts.driver }))
  await fixture.clock.advance(1_000)
  await fixture.run(name)
  const left = [...soft, unknown].map(({ uuid }) => uuid)
  assert.deepEqual(await fixture.parts.driver.listGuests(), left)
})

test('a guest that cannot be destroyed keeps no other from being destroyed', async () => {
  const { fixture, instance } = await zombie()
  await deletedInstance(fixture)
  await fixture.clock.advance(1_000)
  const { driver } = fixture.parts
  const destroy = driver.destroy.bind(driver)
  driver.destroy = async (ctx, guest) => {
    if (guest.instance.uuid === instance.uuid) throw new Error('disk is busy')
    await destroy(ctx, guest)
  }
  await fixture.run(name)
  assert.deepEqual(await driver.listGuests(), [instance.uuid])
  assert.equal(fixture.log.messages('ERROR').length, 1)
})

test('a guest that an operation is deleting is left to it', async () => {
  const { fixture, instance } = await zombie()
  await fixture.parts.locks.run(instance.uuid, () => fixture.run(name))
  assert.ok(await fixture.parts.driver.guestExists(instance.uuid))
})
