import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Migration, Service } from '@micronova/model'
import { currentInstance, host, nextUuid, storedInstance } from '../../test/support/compute-fixture.js'
import { type PeriodicFixtureOptions, periodicFixture } from '../../test/support/periodic-fixture.js'

const task = '_poll_unconfirmed_resizes'

/** A resize to this host that finished 100 s ago. */
async function waiting(
  values: { readonly vm_state?: string; readonly task_state?: string | null } = {},
  {
    window = 60,
    isSourceDown = false,
    ...options
  }: PeriodicFixtureOptions & { readonly window?: number; readonly isSourceDown?: boolean } = {},
) {
  const fixture = await periodicFixture({ ...options, periodic: { resize_confirm_window: window } })
  const { stores, ctx, clock, sent } = fixture
  const instance = await storedInstance(fixture, { vm_state: 'resized', task_state: null, host, node: host, ...values })
  const migration = new Migration({
    uuid: nextUuid(),
    instance_uuid: instance.uuid,
    source_compute: 'compute2',
    dest_compute: host,
    migration_type: 'resize',
    status: 'migrating',
    cross_cell_move: false,
  })
  await stores.migrations.create(ctx, migration)
  migration.status = 'finished'
  await stores.migrations.save(ctx, migration)
  await clock.advance(100_000)
  const seen = new Date(clock.now() - (isSourceDown ? 90_000 : 1000))
  const service = { host: 'compute2', binary: 'nova-compute', topic: 'compute', forced_down: false, last_seen_up: seen, disabled: false }
  await stores.services.create(ctx, new Service({ ...service, report_count: 1, version: 64 }))
  await fixture.run(task)
  const after = await stores.migrations.getByIdAndInstance(ctx, migration.id, instance.uuid)
  return { fixture, instance, status: after.status, confirmed: sent.map(({ method, args }) => [method, args.host]) }
}

test('a resize that waits for longer than the window is confirmed at its source, with an action', async () => {
  const { fixture, instance, status, confirmed } = await waiting()
  assert.deepEqual(confirmed, [['confirm_resize', 'compute2']])
  assert.equal(status, 'confirming')
  assert.ok(fixture.calls.some(({ method, args }) => method === 'actions.start' && args[1] === 'confirmResize'))
  assert.equal((await currentInstance(fixture, instance.uuid)).task_state, null)
})

for (const [what, values, options] of [
  ['without a window', {}, { window: 0 }],
  ['within the window', {}, { window: 1000 }],
  ['whose instance is being deleted', { task_state: 'deleting' }, {}],
  ['that has just come to its end', { vm_state: 'active', task_state: 'resize_finish' }, {}],
  ['whose source is down', {}, { isSourceDown: true }],
  ['whose source cannot be asked', {}, { castFails: new Error('no broker') }],
] as const) {
  test(`a resize ${what} waits on`, async () => {
    const { status, confirmed } = await waiting(values, options)
    assert.deepEqual({ status, confirmed }, { status: 'finished', confirmed: [] })
  })
}

for (const [what, values] of [
  ['in ERROR', { vm_state: 'error' }],
  ['in another state', { vm_state: 'active' }],
  ['in the hands of another operation', { task_state: 'rebooting' }],
] as const) {
  test(`the migration of an instance that is ${what} is set to error`, async () => {
    const { status, confirmed } = await waiting(values)
    assert.deepEqual({ status, confirmed }, { status: 'error', confirmed: [] })
  })
}

test('a resize between cells is confirmed by the conductor', async () => {
  const fixture = await periodicFixture({ periodic: { resize_confirm_window: 1 } })
  const { stores, ctx, clock, sent } = fixture
  const instance = await storedInstance(fixture, { vm_state: 'resized', task_state: null, host, node: host })
  const migration = new Migration({
    uuid: nextUuid(),
    instance_uuid: instance.uuid,
    source_compute: 'far',
    dest_compute: host,
    migration_type: 'resize',
    status: 'migrating',
    cross_cell_move: true,
  })
  await stores.migrations.create(ctx, migration)
  migration.status = 'finished'
  await stores.migrations.save(ctx, migration)
  await clock.advance(100_000)
  const seen = new Date(clock.now())
  await stores.services.create(
    ctx,
    new Service({
      host: 'far',
      binary: 'nova-compute',
      topic: 'compute',
      forced_down: false,
      last_seen_up: seen,
      disabled: false,
      report_count: 1,
      version: 64,
    }),
  )
  await fixture.run(task)
  assert.deepEqual(
    sent.map(({ method }) => method),
    ['confirm_snapshot_based_resize'],
  )
})
