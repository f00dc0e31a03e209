import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Instance } from '@micronova/model'
import { currentInstance, host, storedInstance } from '../../test/support/compute-fixture.js'
import { type PeriodicFixture, periodicFixture } from '../../test/support/periodic-fixture.js'
import { takeCalls } from '../../test/support/tracker-fixture.js'

const name = '_check_instance_build_time'
const periodic = { instance_build_timeout: 600 }

async function vmState(fixture: PeriodicFixture, { uuid }: Instance) {
  return (await currentInstance(fixture, uuid)).vm_state
}

test('a build that takes too long ends in ERROR; one that may go on, goes on', async () => {
  const fixture = await periodicFixture({ periodic })
  const old = await storedInstance(fixture, { host })
  await fixture.clock.advance(1_000)
  const young = await storedInstance(fixture, { host })
  await fixture.clock.advance(600_000)
  await fixture.run(name)
  assert.deepEqual([await vmState(fixture, old), await vmState(fixture, young)], ['error', 'building'])
  assert.deepEqual(fixture.log.messages('WARNING'), ['Instance build timed out. Set to error state.'])
})

test('only builds of this host are looked at, and a replica may answer', async () => {
  const fixture = await periodicFixture({ periodic })
  const other = await storedInstance(fixture, { host: 'elsewhere' })
  const active = await storedInstance(fixture, { host, vm_state: 'active' })
  await fixture.clock.advance(700_000)
  await fixture.run(name)
  assert.deepEqual([await vmState(fixture, other), await vmState(fixture, active)], ['building', 'active'])
  assert.deepEqual(fixture.calls[0]?.args, [{ vm_state: 'building', host, deleted: false }, [], { replica: true }])
})

test('without a timeout nothing is asked', async () => {
  const fixture = await periodicFixture()
  await storedInstance(fixture, { host })
  await fixture.clock.advance(1e9)
  await fixture.run(name)
  assert.deepEqual(takeCalls(fixture), [])
})

test('a build that ended or was deleted meanwhile is left alone, and keeps no other from its turn', async () => {
  const meanwhile = new Map<string, () => Promise<void>>()
  let lists = 0
  const fixture = await periodicFixture({
    periodic,
    async fail({ method }) {
      if (method === 'instances.save' && lists++ === 0) for (const change of meanwhile.values()) await change()
      return undefined
    },
  })
  const { stores, ctx } = fixture
  const [ended, deleted, stuck] = [
    await storedInstance(fixture, { host }),
    await storedInstance(fixture, { host }),
    await storedInstance(fixture, { host }),
  ]
  meanwhile.set('ended', async () => {
    ended.vm_state = 'active'
    await stores.instances.save(ctx, ended)
  })
  meanwhile.set('deleted', async () => {
    deleted.vm_state = 'deleted'
    await stores.instances.save(ctx, deleted)
    await stores.instances.destroy(ctx, deleted)
  })
  await fixture.clock.advance(700_000)
  await fixture.run(name)
  assert.deepEqual(
    [await vmState(fixture, ended), await vmState(fixture, deleted), await vmState(fixture, stuck)],
    ['active', 'deleted', 'error'],
  )
  assert.deepEqual(fixture.log.messages('ERROR'), [])
})
