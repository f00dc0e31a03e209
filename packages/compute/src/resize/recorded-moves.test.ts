import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nullLogger } from '@micronova/log'
import type { Instance, MigrationContext } from '@micronova/model'
import { FakeDriver } from '@micronova/virt'
import { computeFixture, forever, type Sent } from '../../test/support/compute-fixture.js'
import { ownCalls, type PeerCall, recordedCallsWithin } from '../../test/support/conductor-calls.js'
import { recordedArguments, seedRecorded } from '../../test/support/recorded-message.js'
import { operations } from '../operations/index.js'
import { runOperation } from '../run-operation.js'

const confirmed = 'wire/06-resize-confirm.jsonl'
const reverted = 'wire/06b-resize-revert.jsonl'
const migrated = 'wire/15-cold-migrate.jsonl'

/** What our tracker asks, and in which order, has tests of its own. */
const ofTracker = new Set(['blockDeviceMappings.mapByInstanceUuids'])

interface Replayed {
  readonly ours: readonly PeerCall[]
  readonly sent: readonly Sent[]
}

async function replay(recording: string, method: string, host: string): Promise<Replayed> {
  const driver = new FakeDriver({ log: nullLogger })
  const fixture = computeFixture({ driver, host })
  const args = await recordedArguments(recording, method)
  const instance = args.instance as Instance
  await seedRecorded(fixture, args, instance.objIsSet('migration_context') ? null : await contextIn(recording))
  await driver.spawn(fixture.ctx, { instance, network: [], blockDevices: [], image: {}, injectedFiles: [], adminPassword: null }, forever)
  const { system_metadata: metadata } = instance
  const operation = operations.find((one) => one.method === method)!
  fixture.calls.length = 0
  await runOperation(fixture.parts, operation, fixture.ctx, args, forever)
  return { ours: ownCalls(fixture.calls, { ...metadata }).filter(({ call }) => !ofTracker.has(call)), sent: fixture.sent }
}

async function contextIn(recording: string): Promise<MigrationContext | null> {
  return ((await recordedArguments(recording, 'resize_instance')).instance as Instance).migration_context
}

for (const [recording, method, host] of [
  [confirmed, 'prep_resize', 'compute1'],
  [confirmed, 'resize_instance', 'compute1'],
  [confirmed, 'finish_resize', 'compute1'],
  [confirmed, 'confirm_resize', 'compute1'],
  [reverted, 'revert_resize', 'compute1'],
  [reverted, 'finish_revert_resize', 'compute1'],
  [migrated, 'prep_resize', 'compute2'],
  [migrated, 'resize_instance', 'compute1'],
  [migrated, 'finish_resize', 'compute2'],
  [migrated, 'confirm_resize', 'compute1'],
] as const) {
  test(`what ${method} of ${recording} sends is what a Python nova-compute sent, in its order`, async () => {
    const { ours } = await replay(recording, method, host)
    assert.deepEqual(ours, recordedCallsWithin(recording, method))
  })
}

for (const [recording, method, host, next] of [
  [confirmed, 'prep_resize', 'compute1', 'resize_instance'],
  [migrated, 'prep_resize', 'compute2', 'resize_instance'],
  [migrated, 'resize_instance', 'compute1', 'finish_resize'],
  [reverted, 'revert_resize', 'compute1', 'finish_revert_resize'],
] as const) {
  test(`${method} of ${recording} hands on what a Python nova-compute handed on to ${next}`, async () => {
    const { sent } = await replay(recording, method, host)
    const ours = sent.find((one) => one.method === next)?.args ?? {}
    const theirs = await recordedArguments(recording, next)
    const names = Object.keys(theirs)
    assert.deepEqual(
      names.filter((name) => !(camelCase(name) in ours)),
      [],
    )
    for (const name of names) assert.deepEqual(plain(ours[camelCase(name)]), plain(theirs[name]), name)
  })
}

function camelCase(name: string): string {
  return name.replace(/_(.)/g, (_match, letter: string) => letter.toUpperCase())
}

/** Without what the stores of the test decide, and what a sender of upstream happens to have loaded. */
function plain(value: unknown): unknown {
  const text = JSON.stringify(value, (key, part) => (ownNames.has(key) ? undefined : (part?.objToPrimitive?.() ?? part)))
  return text === undefined ? undefined : JSON.parse(text)
}

const ownNames = new Set([
  'id',
  'migration_id',
  'created_at',
  'updated_at',
  'launched_at',
  'services',
  'tags',
  'keypairs',
  'security_groups',
  'fault',
  'nova_object.changes',
])
