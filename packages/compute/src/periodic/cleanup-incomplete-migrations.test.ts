import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nullLogger } from '@micronova/log'
import { Migration } from '@micronova/model'
import { FakeDriver } from '@micronova/virt'
import { currentInstance, forever, host, nextUuid, storedInstance, tablesOf } from '../../test/support/compute-fixture.js'
import { FakePlacement } from '../../test/support/fake-placement.js'
import { periodicFixture } from '../../test/support/periodic-fixture.js'

const task = '_cleanup_incomplete_migrations'

interface Leftover {
  readonly status?: string
  readonly isDeleted?: boolean
  readonly at?: string
  readonly taskState?: string | null
  readonly ageSeconds?: number
  readonly source?: string
  readonly hasGuest?: boolean
}

async function leftover(one: Leftover) {
  const { status = 'error', isDeleted = false, at = 'compute2', taskState = null, ageSeconds = 0, source = host, hasGuest = false } = one
  const driver = new FakeDriver({ log: nullLogger })
  const removed: string[] = []
  driver.leftoverDisks.removeDisks = async (_ctx, { uuid }) => void removed.push(uuid)
  const placement = new FakePlacement()
  const fixture = await periodicFixture({ driver, placement })
  const { stores, ctx, clock } = fixture
  const instance = await storedInstance(fixture, { vm_state: 'active', task_state: taskState, host: at, node: at })
  if (hasGuest)
    await driver.spawn(ctx, { instance, network: [], blockDevices: [], image: {}, injectedFiles: [], adminPassword: null }, forever)
  const migration = new Migration({
    uuid: nextUuid(),
    instance_uuid: instance.uuid,
    source_compute: source,
    dest_compute: 'compute2',
    migration_type: 'resize',
    status,
    cross_cell_move: false,
  })
  await stores.migrations.create(ctx, migration)
  placement.held.set(migration.uuid, { compute1: { resources: { VCPU: 1 } } })
  if (isDeleted) await stores.instances.destroy(ctx, instance)
  await clock.advance(ageSeconds * 1000)
  await fixture.run(task)
  const after = await stores.migrations.getByIdAndInstance(ctx, migration.id, instance.uuid)
  const { vm_state, task_state } = await currentInstance(fixture, instance.uuid)
  return {
    removed: removed.length,
    status: after.status,
    vm_state,
    task_state,
    held: placement.held.size,
    faults: tablesOf(stores).faults.filter(() => true).length,
  }
}

const untouched = { removed: 0, vm_state: 'active', held: 1, faults: 0 }

test('disks that a move has left of an instance that was deleted meanwhile are removed, once', async () => {
  const { removed, status } = await leftover({ isDeleted: true })
  assert.deepEqual({ removed, status }, { removed: 1, status: 'failed' })
})

for (const [what, one] of [
  ['of an instance that is not deleted', {}],
  ['of an instance that was deleted on this host', { isDeleted: true, at: host }],
  ['that a guest still uses', { isDeleted: true, hasGuest: true }],
] as const) {
  test(`disks ${what} are not touched`, async () => {
    const { removed, status } = await leftover(one)
    assert.deepEqual({ removed, status }, { removed: 0, status: 'error' })
  })
}

const lost = { status: 'post-migrating', taskState: 'resize_migrated', ageSeconds: 3600 }

test('an instance whose destination was never told goes to ERROR with a fault, and holds nothing of its source', async () => {
  const expected = { removed: 0, status: 'error', vm_state: 'error', task_state: null, held: 0, faults: 1 }
  assert.deepEqual(await leftover(lost), expected)
})

for (const [what, one] of [
  ['that is on its way', { ...lost, ageSeconds: 60 }],
  ['whose guest is being made', { ...lost, taskState: 'resize_finish' }],
  ['that is the concern of another source', { ...lost, source: 'compute3' }],
] as const) {
  test(`an instance ${what} is left alone`, async () => {
    const { task_state, status, ...rest } = await leftover(one)
    assert.deepEqual(rest, untouched)
    assert.deepEqual([task_state, status], [one.taskState, 'post-migrating'])
  })
}
