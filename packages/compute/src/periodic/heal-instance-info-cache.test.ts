import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Instance, novaError, type RequestContext } from '@micronova/model'
import { host, storedInstance } from '../../test/support/compute-fixture.js'
import { type PeriodicFixtureOptions, periodicFixture } from '../../test/support/periodic-fixture.js'

const task = '_heal_instance_info_cache'

async function prepared(options: PeriodicFixtureOptions = {}) {
  const fixture = await periodicFixture(options)
  const healed: { readonly uuid: string; readonly mend: boolean }[] = []
  let failure: unknown
  fixture.parts.networks.healNetworkInfo = async (_ctx: RequestContext, { uuid }: Instance, _host: string, mend: boolean) => {
    healed.push({ uuid, mend })
    if (failure !== undefined) throw failure
  }
  const add = (values: Parameters<typeof storedInstance>[1] = {}) =>
    storedInstance(fixture, { vm_state: 'active', task_state: null, host, node: host, ...values })
  const fail = (err: unknown) => {
    failure = err
  }
  return { fixture, healed, add, fail, run: () => fixture.run(task) }
}

test('each run heals one instance, and all come in turn', async () => {
  const { healed, add, run } = await prepared()
  const uuids = [await add(), await add()].map(({ uuid }) => uuid)
  for (let i = 0; i < 4; i++) await run()
  assert.deepEqual(
    healed.map(({ uuid }) => uuid),
    [...uuids, ...uuids],
  )
})

test('what is built or deleted is left alone; bindings are, while an operation works', async () => {
  const { healed, add, run } = await prepared()
  await add({ vm_state: 'building', task_state: 'spawning' })
  await add({ task_state: 'deleting' })
  const { uuid } = await add({ task_state: 'rebooting' })
  for (let i = 0; i < 2; i++) await run()
  assert.deepEqual(healed, [
    { uuid, mend: false },
    { uuid, mend: false },
  ])
})

test('an instance that has moved or gone since the list was made loses its turn', async () => {
  const { fixture, healed, add, run } = await prepared()
  const [first, moved, gone, last] = [await add(), await add(), await add(), await add()]
  await run()
  moved.host = 'elsewhere'
  await fixture.stores.instances.save(fixture.ctx, moved)
  await fixture.stores.instances.destroy(fixture.ctx, gone)
  await run()
  assert.deepEqual(
    healed.map(({ uuid }) => uuid),
    [first.uuid, last.uuid],
  )
})

test('a failure is logged and keeps no other from its turn', async () => {
  const { fixture, healed, add, fail, run } = await prepared()
  await add()
  await add()
  fail(novaError('NovaException', {}, 'no Neutron'))
  for (let i = 0; i < 2; i++) await run()
  assert.equal(healed.length, 2)
  assert.equal(fixture.log.messages('ERROR').length, 2)
})

test('an interval of 0 asks nobody', async () => {
  const { fixture, healed, add, run } = await prepared({ periodic: { heal_instance_info_cache_interval: 0 } })
  await add()
  await run()
  assert.deepEqual([healed, fixture.calls], [[], []])
})
