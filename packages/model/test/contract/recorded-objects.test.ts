import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readFixtureLines } from '@micronova/testing'
import { type Json, type JsonObject, VersionedObject } from '@micronova/versionedobjects'
import { novaRegistry } from '../../src/index.js'
import { comparable } from '../support/comparable.js'

/** Traffic of Nova 26.2.2; how many objects each holds, those inside others counted too. */
const recordings = {
  '01-compute-startup': 49,
  '02-compute-restart': 65,
  '03-boot': 178,
  '04-stop-start-reboot': 100,
  '05-pause-suspend-resume': 52,
  '06-resize-confirm': 379,
  '06b-resize-revert': 492,
  '07-snapshot': 33,
  '08-delete': 27,
  '09-errors': 2,
  '09b-boot-fails': 221,
  '09c-boot-rescheduled': 225,
  '10-notifications': 453,
  '11-console-and-actions': 332,
  '12-interface-attach': 32,
  '15-cold-migrate': 377,
  '16-live-migrate': 131,
} as const

const registry = novaRegistry()

for (const [name, expected] of Object.entries(recordings)) {
  test(`every object of ${name} becomes a typed object and the same JSON again`, () => {
    let count = 0
    for (const line of readFixtureLines(`wire/${name}.jsonl`)) {
      const { message, seq } = JSON.parse(line) as { message: Json; seq: number }
      for (const primitive of outermostObjects(message)) {
        const object = registry.fromPrimitive(primitive)
        assert.ok(object instanceof VersionedObject)
        assert.deepEqual(comparable(registry.toPrimitive(object)), comparable(primitive), `message ${seq}`)
        assert.deepEqual(comparable(registry.toPrimitive(object.objClone())), comparable(primitive), `clone of message ${seq}`)
        count += countObjects(primitive)
      }
    }
    assert.equal(count, expected)
  })
}

function* outermostObjects(value: Json): Generator<JsonObject> {
  if (registry.isPrimitive(value)) yield value
  else if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) yield* outermostObjects(item)
}

function countObjects(value: Json): number {
  if (typeof value !== 'object' || value === null) return 0
  const inside = Object.values(value).reduce<number>((sum, item) => sum + countObjects(item), 0)
  return inside + (registry.isPrimitive(value) ? 1 : 0)
}
