import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hydrateVif, Instance } from '@micronova/model'
import { readFixtureJson } from '@micronova/testing'
import { type JsonObject, ObjectRegistry } from '@micronova/versionedobjects'
import { osVifObjects } from '@micronova/vif'
import { novaToOsVif, osVifInstanceInfo } from '../../src/index.js'

type Answer = { readonly result: JsonObject | null } | { readonly error: string }

interface Case {
  readonly name: string
  readonly vif: unknown
  readonly older?: readonly (Answer & { readonly object: string; readonly version: string; readonly primitive: JsonObject })[]
}

/** nova 26.2.2 with os-vif 3.0.0 made these. */
const { cases } = readFixtureJson<{ readonly cases: readonly (Case & Answer)[] }>('upstream/os-vif-conversions.json')
const registry = new ObjectRegistry(osVifObjects)

const isOf = (kind: string, err: unknown) => err instanceof Error && 'kind' in err && err.kind === kind

/** The order of changes means nothing. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, inner]) =>
    key.endsWith('.changes') ? [key, [...(inner as string[])].sort()] : [key, comparable(inner)],
  )
  return Object.fromEntries(entries)
}

for (const answer of cases) {
  test(`the interface "${answer.name}" becomes what upstream makes of it`, () => {
    const convert = () => novaToOsVif(hydrateVif(answer.vif))
    if ('error' in answer) {
      assert.throws(convert, (err) => isOf(answer.error, err))
      return
    }
    const found = convert()
    assert.deepEqual(comparable(found === null ? null : registry.toPrimitive(found)), comparable(answer.result))
    if (answer.result !== null)
      assert.deepEqual(comparable(registry.toPrimitive(registry.fromPrimitive(answer.result))), comparable(answer.result))
  })

  for (const [index, older] of (answer.older ?? []).entries())
    test(`"${answer.name}" (${index}): ${older.object} goes out at ${older.version} as upstream's`, () => {
      const object = registry.fromPrimitive(older.primitive)
      const answer = () => registry.toPrimitive(object, { version: older.version })
      if ('error' in older) assert.throws(answer, (err) => isOf(older.error, err))
      else assert.deepEqual(comparable(answer()), comparable(older.result))
    })
}

test('the plugs learn uuid, name and project of an instance', () => {
  const info = osVifInstanceInfo(Instance.objStored({ id: 26, uuid: 'u', project_id: 'p' }), 'vm-%08x')
  assert.deepEqual([info.uuid, info.name, info.project_id], ['u', 'vm-0000001a', 'p'])
  assert.equal(osVifInstanceInfo(Instance.objStored({ id: 1, uuid: 'u', project_id: null })).objIsSet('project_id'), false)
})
