import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DatabaseStores } from '@micronova/db'
import { systemClock, systemRandom } from '@micronova/lifecycle'
import { novaRegistry } from '@micronova/model'
import { FakeStores } from '@micronova/rpcapi'
import { readFixtureLines } from '@micronova/testing'
import { objectMethods } from './index.js'

const files = [
  '01-compute-startup',
  '02-compute-restart',
  '03-boot',
  '04-stop-start-reboot',
  '05-pause-suspend-resume',
  '06-resize-confirm',
  '06b-resize-revert',
  '07-snapshot',
  '08-delete',
  '09b-boot-fails',
  '09c-boot-rescheduled',
  '10-notifications',
  '11-console-and-actions',
  '12-interface-attach',
  '15-cold-migrate',
  '16-live-migrate',
]
interface Message {
  readonly method?: string
  readonly args?: { readonly objname?: string; readonly objmethod: string; readonly objinst?: Readonly<Record<string, unknown>> }
}

/** A table as a conductor beside a database has it; nothing of it is called. */
function methodsBesideDatabase() {
  const stores = new FakeStores({ clock: systemClock, random: systemRandom })
  const lookups = { services: { ...stores.services, getById: () => assert.fail() } }
  const beside: unknown = { ...stores, ...lookups }
  return objectMethods(beside as DatabaseStores, [])
}

test('every method of an object that a Python nova-compute called in the recordings is there', () => {
  const called = new Set<string>()
  for (const file of files) {
    for (const line of readFixtureLines(`wire/${file}.jsonl`)) {
      const { method = '', args } = (JSON.parse(line) as { readonly message: Message }).message
      if (method.startsWith('object_')) called.add(`${args?.objname ?? String(args?.objinst?.['nova_object.name'])}.${args?.objmethod}`)
    }
  }
  const methods = methodsBesideDatabase()
  const missing = [...called].filter((name) => methods[name] === undefined)
  assert.deepEqual(missing, [])
  assert.ok(called.size > 40)
})

test('every method in the table is one that Nova declares, of the same kind', () => {
  const registry = novaRegistry()
  for (const [name, { kind }] of Object.entries(methodsBesideDatabase())) {
    const [objectName = '', methodName = ''] = name.split('.')
    assert.equal(registry.get(objectName)?.objDefinition.remotable?.[methodName]?.kind, kind, name)
  }
})
