import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readFixtureJson, readFixtureLines, recordings } from '@micronova/testing'
import type { JsonObject } from '@micronova/versionedobjects'
import { adminContext, contextFromDict, contextToDict, elevated, notificationContext } from './index.js'

const deps = { clock: { now: () => Date.UTC(2023, 0, 31, 23, 59, 59, 7) }, random: { uuid: () => '8b3fd0c2-1f4a-4ba8-9a5b-4f7d7f1f0a11' } }

interface Recorded {
  readonly isNotification: boolean
  readonly context: JsonObject
}

function recordedContexts(name: string): Recorded[] {
  return readFixtureLines(`wire/${name}.jsonl`).flatMap((line) => {
    const { message } = JSON.parse(line) as { message: JsonObject }
    const entries = Object.entries(message).filter(([key]) => key.startsWith('_context_'))
    const context = Object.fromEntries(entries.map(([key, value]) => [key.slice('_context_'.length), value]))
    return entries.length === 0 ? [] : [{ isNotification: 'event_type' in message, context }]
  })
}

test('every recorded context is read and written with the same keys in the same order', () => {
  const contexts = recordings.flatMap(recordedContexts)
  assert.equal(contexts.length, 758)
  for (const { context } of contexts) assert.equal(JSON.stringify(contextToDict(contextFromDict(context))), JSON.stringify(context))
})

test('the keys are those of the reference', () => {
  const wire = readFixtureJson<{ context: { nova_keys: string[] } }>('reference/oslo-messaging-wire.json')
  assert.deepEqual(Object.keys(contextToDict(adminContext(deps))), wire.context.nova_keys)
})

test('a context of our own is like the one that nova-compute starts with', () => {
  const recorded = recordedContexts('01-compute-startup')[0]!.context
  const own = contextToDict(adminContext(deps))
  const { request_id: requestId, timestamp, ...rest } = own
  assert.equal(requestId, 'req-8b3fd0c2-1f4a-4ba8-9a5b-4f7d7f1f0a11')
  assert.equal(timestamp, '2023-01-31T23:59:59.007000')
  const { request_id: _, timestamp: __, ...expected } = recorded
  assert.deepEqual(rest, expected)
})

test('a notification tells who asked, and neither token, services nor address', () => {
  const all = recordedContexts('10-notifications')
  const sent = all.find(({ isNotification }) => isNotification)!.context
  const asked = all.find(({ isNotification, context }) => !isNotification && context.request_id === sent.request_id)!.context
  assert.notEqual(asked.auth_token, null)
  const redacted = contextToDict(notificationContext(contextFromDict(asked), deps))
  assert.deepEqual({ ...redacted, timestamp: sent.timestamp }, sent)
  assert.equal(redacted.timestamp, '2023-01-31T23:59:59.007000')
})

test('an elevated context has all rights, and the one that it comes from stays as it was', () => {
  const user = { ...adminContext(deps), isAdmin: false, roles: ['member'], userId: 'u' }
  const admin = elevated(user, { readDeleted: 'yes' })
  assert.deepEqual([admin.isAdmin, admin.roles, admin.readDeleted, admin.userId], [true, ['member', 'admin'], 'yes', 'u'])
  assert.deepEqual([user.isAdmin, user.roles, user.readDeleted], [false, ['member'], 'no'])
  assert.deepEqual(elevated(admin).roles, ['member', 'admin'])
})

test('a message without a context is a request of nobody, without rights', () => {
  const nobody = contextFromDict({})
  assert.deepEqual([nobody.userId, nobody.isAdmin, nobody.readDeleted, nobody.isAdminProject], [null, false, 'no', true])
  assert.equal(contextToDict(nobody).user_identity, '- - - - -')
})

test('only the services that Nova asks are kept of a catalogue', () => {
  const kept = contextFromDict({ service_catalog: [{ type: 'network' }, { type: 'compute' }, 'junk', { type: 'volumev3' }] })
  assert.deepEqual(kept.serviceCatalog, [{ type: 'network' }, { type: 'volumev3' }])
})

test('a read_deleted that is none is refused', () => {
  assert.throws(() => contextFromDict({ read_deleted: 'maybe' }), /read_deleted can only be one of 'no', 'yes' or 'only'/)
})
