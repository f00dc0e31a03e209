import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Instance } from '@micronova/model'
import { currentInstance, host, runningInstance } from '../../test/support/compute-fixture.js'
import { type PeriodicFixture, type PeriodicFixtureOptions, periodicFixture } from '../../test/support/periodic-fixture.js'
import { takeCalls } from '../../test/support/tracker-fixture.js'

const name = '_reclaim_queued_deletes'
const periodic = { reclaim_instance_interval: 3600 }

/** An hour and a second have passed since it was soft-deleted. */
async function queued(options: PeriodicFixtureOptions = {}, values: Parameters<typeof runningInstance>[1] = {}) {
  const fixture = await periodicFixture({ periodic, ...options })
  const instance = await softDeleted(fixture, values)
  await fixture.clock.advance(3_601_000)
  return { fixture, instance }
}

async function softDeleted(fixture: PeriodicFixture, values: Parameters<typeof runningInstance>[1] = {}): Promise<Instance> {
  const instance = await runningInstance(fixture, { vm_state: 'soft-delete', ...values })
  instance.deleted_at = new Date(fixture.clock.now())
  await fixture.stores.instances.save(fixture.ctx, instance)
  return instance
}

async function state(fixture: PeriodicFixture, { uuid }: Instance) {
  const { vm_state, task_state, deleted } = await currentInstance(fixture, uuid)
  return [vm_state, task_state, deleted]
}

test('what was soft-deleted long ago is deleted, with its guest', async () => {
  const { fixture, instance } = await queued()
  await fixture.run(name)
  assert.deepEqual(await state(fixture, instance), ['deleted', null, true])
  assert.deepEqual(await fixture.parts.driver.listGuests(), [])
})

test('what was soft-deleted a short time ago waits, exactly to the end of its time', async () => {
  const fixture = await periodicFixture({ periodic })
  const instance = await softDeleted(fixture)
  await fixture.clock.advance(3_600_000)
  await fixture.run(name)
  assert.deepEqual(await state(fixture, instance), ['soft-delete', null, false])
  await fixture.clock.advance(1)
  await fixture.run(name)
  assert.deepEqual(await state(fixture, instance), ['deleted', null, true])
})

test('what is deleted for good already is not looked for', async () => {
  const { fixture, instance } = await queued()
  await fixture.stores.instances.destroy(fixture.ctx, instance)
  await fixture.clock.advance(3_601_000)
  await fixture.run(name)
  assert.deepEqual(takeCalls(fixture), ['instances.listByFilters'])
})

test('without an interval nothing is asked', async () => {
  const { fixture, instance } = await queued({ periodic: { reclaim_instance_interval: 0 } })
  await fixture.run(name)
  assert.deepEqual(takeCalls(fixture), [])
  assert.deepEqual(await state(fixture, instance), ['soft-delete', null, false])
})

test('instances of another host, and those with a task in progress, are left alone', async () => {
  const { fixture, instance } = await queued({}, { task_state: 'restoring' })
  const other = await softDeleted(fixture, { host: 'elsewhere' })
  await fixture.clock.advance(3_601_000)
  await fixture.run(name)
  assert.deepEqual(await state(fixture, instance), ['soft-delete', 'restoring', false])
  assert.deepEqual(await state(fixture, other), ['soft-delete', null, false])
  assert.deepEqual(takeCalls(fixture), ['instances.listByFilters'])
})

for (const [what, restored] of [
  ['was restored', { vm_state: 'active' }],
  ['is being restored', { task_state: 'restoring' }],
] as const)
  test(`an instance that ${what} after it was listed keeps its guest`, async () => {
    let isFirst = true
    const { fixture, instance } = await queued({
      async fail({ method }) {
        if (method !== 'instances.save' || !isFirst) return undefined
        isFirst = false
        const current = await currentInstance(fixture, instance.uuid)
        Object.assign(current, restored)
        await fixture.stores.instances.save(fixture.ctx, current)
        return undefined
      },
    })
    await fixture.run(name)
    const expected = { vm_state: 'soft-delete', task_state: null, ...restored }
    assert.deepEqual(await state(fixture, instance), [expected.vm_state, expected.task_state, false])
    assert.deepEqual(await fixture.parts.driver.listGuests(), [instance.uuid])
    assert.deepEqual(fixture.log.messages('ERROR'), [])
  })

test('a delete that fails keeps no other from being done, and is done again by the next run', async () => {
  const { fixture, instance } = await queued()
  const other = await softDeleted(fixture)
  await fixture.clock.advance(3_601_000)
  const { driver } = fixture.parts
  const destroy = driver.destroy.bind(driver)
  driver.destroy = async (ctx, guest) => {
    if (guest.instance.uuid === instance.uuid) throw new Error('disk is busy')
    await destroy(ctx, guest)
  }
  await fixture.run(name)
  assert.deepEqual(await state(fixture, instance), ['soft-delete', null, false])
  assert.deepEqual(await state(fixture, other), ['deleted', null, true])
  assert.equal(fixture.log.messages('ERROR').length, 1)
  driver.destroy = destroy
  await fixture.run(name)
  assert.deepEqual(await state(fixture, instance), ['deleted', null, true])
})

test('a delete that failed after the guest was gone is done again by the next run', async () => {
  let isBroken = true
  const { fixture, instance } = await queued({
    fail: ({ method }) => (isBroken && method === 'consoleAuthTokens.cleanForInstance' ? new Error('no conductor') : undefined),
  })
  await fixture.run(name)
  assert.deepEqual(await state(fixture, instance), ['soft-delete', null, false])
  isBroken = false
  await fixture.run(name)
  assert.deepEqual(await state(fixture, instance), ['deleted', null, true])
})

test('a delete that a restart cut short is done again', async () => {
  const { fixture, instance } = await queued({}, { task_state: 'deleting' })
  await fixture.run(name)
  assert.deepEqual(await state(fixture, instance), ['deleted', null, true])
})

test('an instance that an operation holds is left to it', async () => {
  const { fixture, instance } = await queued()
  await fixture.parts.locks.run(instance.uuid, () => fixture.run(name))
  assert.deepEqual(await state(fixture, instance), ['soft-delete', null, false])
  assert.equal(instance.host, host)
})
