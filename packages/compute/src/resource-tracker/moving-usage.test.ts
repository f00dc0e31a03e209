import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Flavor, Instance, Migration, MigrationContext } from '@micronova/model'
import { heldFlavor, isStale, latestMigrations } from './moving-usage.js'

const uuid = '00000000-0000-4000-8000-000000000001'
const small = Flavor.objStored({ id: 1, name: 'small' })
const large = Flavor.objStored({ id: 2, name: 'large' })

type InstanceValues = Parameters<typeof Instance.objStored>[0]
type MigrationValues = Parameters<typeof Migration.objStored>[0]

const instanceWith = (values: InstanceValues) =>
  Instance.objStored({
    uuid,
    vm_state: 'active',
    task_state: 'resize_migrating',
    instance_type_id: 1,
    flavor: small.objClone(),
    old_flavor: small.objClone(),
    new_flavor: large.objClone(),
    migration_context: null,
    ...values,
  })
const migrationWith = (values: MigrationValues = {}) =>
  Migration.objStored({
    id: 1,
    instance_uuid: uuid,
    migration_type: 'resize',
    source_compute: 'h1',
    source_node: 'n1',
    dest_compute: 'h2',
    dest_node: 'n2',
    old_instance_type_id: 1,
    created_at: new Date(1000),
    updated_at: null,
    ...values,
  })
const at = (host: string, hasGuest: boolean) => ({ host, node: `n${host.slice(1)}`, hasGuest })
const held = (instance: Instance, migration: Migration, end: ReturnType<typeof at>) => heldFlavor(migration, instance, end)?.name ?? null

test('a resize holds the new flavor where it goes, until the guest is there', () => {
  assert.equal(held(instanceWith({}), migrationWith(), at('h2', false)), 'large')
  assert.equal(held(instanceWith({ vm_state: 'resized' }), migrationWith(), at('h2', true)), null)
})

test('a resize holds the old flavor where it came from, once the guest is gone', () => {
  assert.equal(held(instanceWith({}), migrationWith(), at('h1', true)), null)
  assert.equal(held(instanceWith({ vm_state: 'resized' }), migrationWith(), at('h1', false)), 'small')
})

test('a resize that is being confirmed has no old flavor any more and holds nothing', () => {
  assert.equal(held(instanceWith({ vm_state: 'resized', old_flavor: null }), migrationWith(), at('h1', false)), null)
})

test('a resize within a node holds the flavor that the guest has not: the new one before, the old one after', () => {
  const migration = migrationWith({ dest_compute: 'h1', dest_node: 'n1' })
  assert.equal(held(instanceWith({ instance_type_id: 1 }), migration, at('h1', true)), 'large')
  assert.equal(held(instanceWith({ instance_type_id: 2, flavor: large.objClone() }), migration, at('h1', true)), 'small')
})

test('a live migration holds the one flavor at the end where the guest is not', () => {
  const instance = instanceWith({ task_state: 'migrating', old_flavor: null, new_flavor: null })
  const migration = migrationWith({ migration_type: 'live-migration' })
  assert.equal(held(instance, migration, at('h2', false)), 'small')
  assert.equal(held(instance, migration, at('h1', true)), null)
  assert.equal(held(instance, migration, at('h1', false)), 'small')
})

test('a host is not an end of a migration by its name alone', () => {
  assert.equal(held(instanceWith({}), migrationWith(), { host: 'h2', node: 'another', hasGuest: false }), null)
  assert.equal(held(instanceWith({}), migrationWith(), at('h3', false)), null)
})

test('an instance moves while it is resized, rebuilt or live-migrated, and while a resize waits to be confirmed', () => {
  const moves = (vm_state: string, task_state: string | null) => {
    const instance = instanceWith({ vm_state, task_state })
    return latestMigrations([migrationWith()], new Map([[uuid, instance]])).size === 1
  }
  const yes: readonly [string, string | null][] = [
    ['resized', null],
    ['resized', 'resize_reverting'],
    ['active', 'resize_prep'],
    ['stopped', 'resize_migrating'],
    ['active', 'resize_migrated'],
    ['stopped', 'resize_finish'],
    ['active', 'rebuilding'],
    ['active', 'rebuild_block_device_mapping'],
    ['stopped', 'rebuild_spawning'],
    ['active', 'migrating'],
    ['paused', 'migrating'],
  ]
  const no: readonly [string, string | null][] = [
    ['active', null],
    ['active', 'rebooting'],
    ['paused', 'resize_prep'],
    ['stopped', 'migrating'],
    ['error', 'resize_migrating'],
    ['deleted', null],
  ]
  for (const [vmState, taskState] of yes) assert.ok(moves(vmState, taskState), `${vmState} ${taskState}`)
  for (const [vmState, taskState] of no) assert.ok(!moves(vmState, taskState), `${vmState} ${taskState}`)
})

test('of several migrations of an instance the one touched last counts; one without an instance does not', () => {
  const first = migrationWith({ id: 1, created_at: new Date(1000), updated_at: new Date(5000) })
  const second = migrationWith({ id: 2, created_at: new Date(4000) })
  const lost = migrationWith({ id: 3, instance_uuid: '00000000-0000-4000-8000-000000000099' })
  const instance = instanceWith({})
  for (const order of [
    [first, second, lost],
    [lost, second, first],
  ])
    assert.deepEqual([...latestMigrations(order, new Map([[uuid, instance]])).values()], [first])
})

test('a migration is stale if its instance is in another one', () => {
  const context = (migration_id: number) => MigrationContext.objStored({ instance_uuid: uuid, migration_id })
  assert.ok(!isStale(migrationWith({ id: 7 }), instanceWith({ migration_context: null })))
  assert.ok(!isStale(migrationWith({ id: 7 }), instanceWith({ migration_context: context(7) })))
  assert.ok(isStale(migrationWith({ id: 7 }), instanceWith({ migration_context: context(8) })))
})
