import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Animal, AnimalList, Cage, Keeper } from '../test/support/zoo.js'
import { type JsonObject, type VersionedObject, VersionedObjectError } from './index.js'

function data(primitive: JsonObject): JsonObject {
  return primitive['versioned_object.data'] as JsonObject
}

const keeper = (): Keeper => Keeper.objStored({ name: 'Ann', phone: '7' })

function written(object: VersionedObject, version: string, manifest?: Readonly<Record<string, string>>): JsonObject {
  return object.objToPrimitive({ version, ...(manifest ? { manifest } : {}) })
}

test('an older receiver gets its version, without the fields that it does not know', () => {
  const primitive = written(keeper(), '1.0')
  assert.equal(primitive['versioned_object.version'], '1.0')
  assert.deepEqual(data(primitive), { name: 'Ann' })
  assert.deepEqual(data(written(keeper(), '1.1')), { name: 'Ann', phone: '7' })
})

test('a field that is left out is not among the changes', () => {
  const changed = new Keeper({ name: 'Ann', phone: '7' })
  assert.deepEqual(written(changed, '1.0')['versioned_object.changes'], ['name'])
})

test('writing for an older receiver leaves the object as it is', () => {
  const animal = Animal.objStored({ keeper: keeper() })
  written(animal, '2.2')
  assert.equal(animal.objVersion, '2.3')
  assert.equal(animal.keeper?.phone, '7')
})

test('a newer version than its own is refused', () => {
  assert.throws(
    () => written(keeper(), '1.3'),
    (err) => err instanceof VersionedObjectError && err.kind === 'InvalidTargetVersion' && err.message === 'Invalid target version 1.3',
  )
})

test('without a manifest the relationships say the version of an object inside', () => {
  const animal = Animal.objStored({ keeper: keeper() })
  const inner = (version: string): JsonObject => data(written(animal, version)).keeper as JsonObject
  assert.equal(inner('2.2')['versioned_object.version'], '1.0', 'between two rules the older one holds')
  assert.deepEqual(data(inner('2.1')), { name: 'Ann' })
  assert.deepEqual(data(written(animal, '2.0')), {}, 'before the first rule there was no such object')
})

test('lists of objects inside become older too', () => {
  const animal = Animal.objStored({ helpers: [keeper(), keeper()] })
  assert.deepEqual(data(written(animal, '2.2')), {})
  const primitive = written(animal, '2.2', { Animal: '2.2', Keeper: '1.0' })
  assert.deepEqual(
    (data(primitive).helpers as JsonObject[]).map((helper) => data(helper)),
    [{ name: 'Ann' }, { name: 'Ann' }],
  )
})

test('a manifest goes before the relationships, and objects that it does not name stay as they are', () => {
  const animal = Animal.objStored({ keeper: keeper() })
  const inner = (manifest: Record<string, string>): unknown =>
    (data(written(animal, '2.3', manifest)).keeper as JsonObject)['versioned_object.version']
  assert.equal(inner({ Animal: '2.3', Keeper: '1.1' }), '1.1')
  assert.equal(inner({ Animal: '2.3' }), '1.2')
})

test('an object inside of which nothing is known cannot be made older', () => {
  const cage = Cage.objStored({ resident: null })
  assert.throws(
    () => written(cage, '0.9'),
    (err) =>
      err instanceof VersionedObjectError && err.message === 'Object action obj_make_compatible failed because: No rule for resident',
  )
  assert.deepEqual(data(written(cage, '0.9', { Cage: '0.9', Animal: '2.0' })), { resident: null })
})

test('items of a list follow its child versions', () => {
  const list = AnimalList.objStored({ objects: [Animal.objStored({ keeper: keeper() })] })
  const item = (data(written(list, '1.4')).objects as JsonObject[])[0]!
  assert.equal(item['versioned_object.version'], '2.1')
  assert.equal((data(item).keeper as JsonObject)['versioned_object.version'], '1.0')
  assert.deepEqual(data(written(list, '1.3')), {})
})
