import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Alarm, Animal, AnimalList, Bird, Cage, Keeper, zoo } from '../test/support/zoo.js'
import { f, type Json, type JsonObject, ObjectRegistry, objectFamily, VersionedObjectError } from './index.js'

const registry = new ObjectRegistry(zoo)

function keeperPrimitive(overrides: Readonly<Record<string, Json>> = {}): JsonObject {
  return {
    'versioned_object.name': 'Keeper',
    'versioned_object.namespace': 'zoo',
    'versioned_object.version': '1.2',
    'versioned_object.data': { id: 1, name: 'Ann' },
    ...overrides,
  }
}

function fails(kind: string, message?: string): (err: unknown) => boolean {
  return (err) => err instanceof VersionedObjectError && err.kind === kind && (message === undefined || err.message === message)
}

/** Classes of one name in several versions, as a program has them while it is upgraded. */
function versionsOf(...versions: string[]): ObjectRegistry {
  const { defineObject } = objectFamily({ serialNamespace: 'versioned_object', projectNamespace: 'zoo' })
  return new ObjectRegistry(versions.map((version) => defineObject({ name: 'Keeper', version, fields: { name: f.string() } })))
}

test('the wire form of an object has name, namespace, version, data and what changed', () => {
  const animal = Animal.objStored({
    legs: 4,
    born_at: new Date('2023-01-31T23:59:59.123Z'),
    scars: new Set([2, 1]),
    keeper: Keeper.objStored({ name: 'Ann' }),
  })
  animal.weight = 1.5
  assert.deepEqual(registry.toPrimitive(animal), {
    'versioned_object.name': 'Animal',
    'versioned_object.namespace': 'zoo',
    'versioned_object.version': '2.3',
    'versioned_object.data': {
      legs: 4,
      weight: 1.5,
      born_at: '2023-01-31T23:59:59Z',
      scars: [2, 1],
      keeper: {
        'versioned_object.name': 'Keeper',
        'versioned_object.namespace': 'zoo',
        'versioned_object.version': '1.2',
        'versioned_object.data': { name: 'Ann' },
      },
    },
    'versioned_object.changes': ['weight'],
  })
})

test('an object comes back as the class it was, with its changes', () => {
  const keeper = registry.fromPrimitive(keeperPrimitive({ 'versioned_object.changes': ['name', 'unknown'] }))
  assert.ok(keeper instanceof Keeper)
  assert.equal(keeper.name, 'Ann')
  assert.deepEqual([...keeper.objWhatChanged()], ['name'])
  assert.equal(keeper.objIsSet('phone'), false)
})

test('objects of both serial namespaces live in one registry, also inside each other', () => {
  const alarm = new Alarm({ loud: true })
  const primitive = registry.toPrimitive(alarm)
  assert.equal(primitive['zoo_object.name'], 'Alarm')
  const animal = registry.toPrimitive(Animal.objStored({ legs: 3 }))
  const both = registry.fromPrimitive({ ...primitive, 'zoo_object.data': { loud: true, animal } })
  assert.ok(both instanceof Alarm)
  assert.equal(both.animal.legs, 3)
})

test('a derived object comes back as itself where the field takes derived ones', () => {
  const cage = registry.fromPrimitive(registry.toPrimitive(new Cage({ resident: new Bird({ wings: 2 }) })))
  assert.ok(cage instanceof Cage && cage.resident instanceof Bird)
})

test('an unknown object is refused by name', () => {
  assert.throws(
    () => registry.fromPrimitive(keeperPrimitive({ 'versioned_object.name': 'Ghost' })),
    fails('UnsupportedObjectError', 'Unsupported object type Ghost'),
  )
  assert.throws(
    () => registry.fromPrimitive(keeperPrimitive({ 'versioned_object.namespace': 'circus' })),
    fails('UnsupportedObjectError', 'Unsupported object type circus.Keeper'),
  )
})

test('an older version of the same major is read, and keeps its version', () => {
  const keeper = registry.fromPrimitive(keeperPrimitive({ 'versioned_object.version': '1.0' }))
  assert.equal(keeper.objVersion, '1.0')
  assert.equal(registry.toPrimitive(keeper)['versioned_object.version'], '1.0')
})

test('a newer version or another major is refused with the version that is supported', () => {
  const message = 'Version 1.3 of Keeper is not supported, supported version is 1.2'
  assert.throws(
    () => registry.fromPrimitive(keeperPrimitive({ 'versioned_object.version': '1.3' })),
    fails('IncompatibleObjectVersion', message),
  )
  for (const version of ['2.0', '0.9', '1.10'])
    assert.throws(() => registry.classFor('Keeper', version), fails('IncompatibleObjectVersion'))
})

test('the exact version wins, then the newest one that is compatible', () => {
  const several = versionsOf('1.1', '2.0', '1.4')
  assert.equal(several.classFor('Keeper', '1.1').objVersion, '1.1')
  assert.equal(several.classFor('Keeper', '1.2').objVersion, '1.4')
  assert.equal(several.classFor('Keeper', '2.0').objVersion, '2.0')
  assert.equal(several.get('Keeper')?.objVersion, '2.0')
  assert.throws(
    () => several.classFor('Keeper', '1.5'),
    fails('IncompatibleObjectVersion', 'Version 1.5 of Keeper is not supported, supported version is 2.0'),
  )
})

test('the third part of a version needs no newer class', () => {
  const keeper = registry.fromPrimitive(keeperPrimitive({ 'versioned_object.version': '1.2.5' }))
  assert.equal(keeper.objVersion, '1.2')
  assert.throws(() => registry.fromPrimitive(keeperPrimitive({ 'versioned_object.version': '1.3.1' })), fails('IncompatibleObjectVersion'))
})

test('fields that the class does not know are left out, whatever their name', () => {
  const data = JSON.parse('{"id": 1, "colour": "red", "__proto__": {"name": "evil"}, "constructor": 1}') as JsonObject
  const keeper = registry.fromPrimitive(keeperPrimitive({ 'versioned_object.data': data }))
  assert.equal(keeper.objIsSet('name'), false)
  assert.ok(keeper instanceof Keeper)
})

test('a key __proto__ of a dict is a mere key', () => {
  const notes = JSON.parse('{"__proto__": "x", "a": "b"}') as JsonObject
  const primitive = { ...registry.toPrimitive(new Animal()), 'versioned_object.data': { notes } }
  const animal = registry.fromPrimitive(primitive)
  assert.ok(animal instanceof Animal)
  assert.equal(Object.getPrototypeOf(animal.notes), Object.prototype)
  assert.deepEqual(Object.entries(animal.notes), [
    ['__proto__', 'x'],
    ['a', 'b'],
  ])
  assert.equal(JSON.stringify(registry.toPrimitive(animal.objClone())), JSON.stringify(primitive))
})

test('what is no object, or lacks a part, is refused in one sentence', () => {
  const others: Json[] = [null, 5, 'text', [], {}, { a: 1 }]
  for (const value of others)
    assert.throws(() => registry.fromPrimitive(value), fails('ValueError', 'This is not the wire form of an object'))
  for (const key of ['versioned_object.version', 'versioned_object.data'])
    assert.throws(() => registry.fromPrimitive(keeperPrimitive({ [key]: null })), fails('ValueError'))
  assert.throws(
    () => registry.fromPrimitive(keeperPrimitive({ 'versioned_object.version': 'one' })),
    fails('ValueError', 'Version "one" is invalid.'),
  )
  assert.throws(() => registry.fromPrimitive(keeperPrimitive({ 'versioned_object.data': { name: [] } })), fails('ValueError'))
})

test('an object that is nested too deep is refused, and does not exhaust the stack', () => {
  const { defineObject } = objectFamily({ serialNamespace: 'versioned_object', projectNamespace: 'zoo' })
  class Doll extends defineObject({ name: 'Doll', version: '1.0', fields: { inner: f.object(Keeper) } }) {}
  let primitive: JsonObject = keeperPrimitive()
  for (let depth = 0; depth < 100_000; depth++)
    primitive = keeperPrimitive({
      'versioned_object.name': 'Doll',
      'versioned_object.version': '1.0',
      'versioned_object.data': { inner: primitive },
    })
  assert.throws(() => new ObjectRegistry([Doll]).fromPrimitive(primitive), fails('ValueError', 'An object is nested more than 64 deep'))
})

test('a list of 100,000 objects is read and written', () => {
  const objects = Array.from({ length: 100_000 }, () => registry.toPrimitive(Animal.objStored({ legs: 4 })))
  const primitive = { ...registry.toPrimitive(new AnimalList()), 'versioned_object.data': { objects } }
  assert.deepEqual(registry.toPrimitive(registry.fromPrimitive(primitive)), primitive)
})

test('an object says the versions of all that can be in it', () => {
  assert.deepEqual(registry.treeVersions('AnimalList'), { AnimalList: '1.5', Animal: '2.3', Keeper: '1.2' })
  assert.deepEqual(registry.treeVersions('Cage'), { Cage: '1.0', Animal: '2.3', Keeper: '1.2' })
  assert.throws(() => registry.treeVersions('Ghost'), fails('UnsupportedObjectError'))
})

test('whatever an animal holds survives the wire', () => {
  const text = fc.string({ unit: 'binary' })
  const values = fc.record(
    {
      uuid: fc.uuid(),
      legs: fc.maxSafeInteger(),
      weight: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
      born_at: fc.option(fc.date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true })),
      diet: fc.constantFrom('plants', 'meat', null),
      names: fc.array(text),
      scars: fc.uniqueArray(fc.integer()).map((items) => new Set(items)),
      notes: fc.dictionary(text, fc.option(text)),
      keeper: fc.option(fc.record({ name: text }).map((keeper) => new Keeper(keeper))),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(values, (given) => {
      const animal = new Animal(given as never)
      const primitive = registry.toPrimitive(animal)
      const back = registry.fromPrimitive(JSON.parse(JSON.stringify(primitive)) as JsonObject)
      assert.deepEqual(JSON.stringify(registry.toPrimitive(back)), JSON.stringify(primitive))
      assert.deepEqual(back.objWhatChanged(), animal.objWhatChanged())
    }),
  )
})

test('no JSON makes the registry do anything but answer or refuse', () => {
  const json = fc.jsonValue()
  const data = fc.record(
    { uuid: json, legs: json, weight: json, born_at: json, diet: json, names: json, scars: json, notes: json, keeper: json, helpers: json },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(data, (fields) => {
      const primitive = { ...registry.toPrimitive(new Animal()), 'versioned_object.data': fields as JsonObject }
      try {
        const animal = registry.fromPrimitive(primitive)
        assert.deepEqual(registry.toPrimitive(registry.fromPrimitive(registry.toPrimitive(animal))), registry.toPrimitive(animal))
      } catch (err) {
        assert.ok(err instanceof VersionedObjectError, String(err))
      }
    }),
    { numRuns: 500 },
  )
})
