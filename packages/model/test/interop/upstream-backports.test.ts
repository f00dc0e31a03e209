import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readFixtureJson } from '@micronova/testing'
import type { JsonObject, VersionedObject } from '@micronova/versionedobjects'
import { novaErrorCatalogue, novaRegistry } from '../../src/index.js'
import { comparable } from '../support/comparable.js'

type Answer = { readonly result: JsonObject } | { readonly error: string; readonly module: string; readonly message: string }

interface Sample {
  readonly name: string
  readonly primitive: JsonObject
  readonly manifests: Readonly<Record<'older' | 'oldest', Readonly<Record<string, string>>>>
  readonly cases: readonly (Answer & { readonly version: string; readonly manifest: string })[]
}

/** Nova 26.2.2 made these: each object with a value in every field, and what it becomes for older receivers. */
const { objects: samples } = readFixtureJson<{ objects: readonly Sample[] }>('upstream/objects-backports.json')
const registry = novaRegistry()

test('there is a sample of every object', () => {
  assert.deepEqual([...new Set(samples.map((sample) => sample.name))].sort(), registry.classes.map((known) => known.objName).sort())
})

samples.forEach(({ name, primitive, manifests, cases }, index) => {
  test(`${name} (sample ${index}) of a Python peer is read, written, and made older as upstream does it`, () => {
    const object = registry.fromPrimitive(primitive)
    assert.deepEqual(comparable(object.objToPrimitive()), comparable(primitive))
    const tree = registry.treeVersions(name)
    const byName: Readonly<Record<string, Readonly<Record<string, string>> | undefined>> = {
      ...manifests,
      tree,
      partial: { [name]: tree[name]! },
    }
    for (const { version, manifest, ...expected } of cases)
      assert.deepEqual(answer(object, version, byName[manifest]), normalized(expected), `${version} with manifest ${manifest}`)
  })
})

function answer(object: VersionedObject, version: string, manifest: Readonly<Record<string, string>> | undefined): unknown {
  try {
    return normalized({ result: object.objToPrimitive({ version, ...(manifest ? { manifest } : {}) }) })
  } catch (err) {
    const failure = novaErrorCatalogue.toFailure(err)
    assert.ok(failure, String(err))
    return normalized({ error: failure.class, module: failure.module, message: failure.message })
  }
}

/** Without a manifest the first object without a rule is named; which one is first depends on the order of declaration. */
function normalized(given: Answer): unknown {
  if ('result' in given) return { result: comparable(given.result) }
  return { ...given, message: given.message.replace(/No rule for \w+/, 'No rule for a field') }
}
