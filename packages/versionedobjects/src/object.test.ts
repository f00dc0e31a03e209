import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { Alarm, Animal, AnimalList, Bird, Cage, Keeper, Ticket } from '../test/support/zoo.js'
import { ObjectFieldNotSet, VersionedObjectError, type VersionedObjectErrorKind } from './index.js'

const uuid = '8b3fd0c2-1f4a-4ba8-9a5b-4f7d7f1f0a11'

function fails(kind: VersionedObjectErrorKind, message?: string): (err: unknown) => boolean {
  return (err) => err instanceof VersionedObjectError && err.kind === kind && (message === undefined || err.message === message)
}

/** Hands over what the compiler would refuse. */
function anything(value: unknown): never {
  return value as never
}

test('what the constructor gets is set, coerced and changed; the rest is not set', () => {
  const animal = new Animal({ uuid, legs: anything('3'), diet: anything('MEAT') })
  assert.equal(animal.legs, 3)
  assert.equal(animal.diet, 'meat')
  assert.deepEqual([...animal.objWhatChanged()].sort(), ['diet', 'legs', 'uuid'])
  assert.equal(animal.objIsSet('weight'), false)
  assert.throws(
    () => animal.weight,
    (err) => err instanceof ObjectFieldNotSet && err.field === 'weight' && err.message === "Cannot load 'weight' in the base class",
  )
})

test('null is a value where the field allows it, the default where there is one, and refused elsewhere', () => {
  const animal = new Animal({ weight: null })
  assert.equal(animal.weight, null)
  assert.equal(animal.objIsSet('weight'), true)
  animal.legs = anything(null)
  assert.equal(animal.legs, 4)
  assert.throws(() => new Animal({ uuid: anything(null) }), fails('ValueError', "Field `uuid' cannot be None"))
})

test('a value that does not fit is refused and changes nothing', () => {
  const animal = Animal.objStored({ legs: 4 })
  assert.throws(
    () => {
      animal.legs = anything('many')
    },
    fails('ValueError', "invalid literal for int() with base 10: 'many'"),
  )
  assert.equal(animal.legs, 4)
  assert.equal(animal.objHasChanges(), false)
})

test('a name that is no field is refused', () => {
  const animal = new Animal()
  assert.throws(() => animal.objIsSet(anything('wheels')), fails('AttributeError', "Animal object has no attribute 'wheels'"))
  assert.throws(() => animal.objSet(anything('__proto__'), {}), fails('AttributeError'))
})

test('a read-only field can be set once', () => {
  const keeper = new Keeper({ id: 1 })
  keeper.objSet('id', 1)
  assert.throws(() => keeper.objSet('id', 2), fails('ReadOnlyFieldError', 'Cannot modify readonly field id'))
  keeper.objSetStored({ id: 2 })
  assert.equal(keeper.id, 2)
})

test('an object from a store has no changes, and what the store adds is no change', () => {
  const keeper = Keeper.objStored({ id: 1, name: 'Ann' })
  assert.ok(keeper instanceof Keeper)
  keeper.name = 'Bob'
  keeper.objSetStored({ phone: '7' })
  assert.deepEqual(keeper.objGetChanges(), { name: 'Bob' })
  keeper.objResetChanges()
  assert.deepEqual(keeper.objGetChanges(), {})
  assert.deepEqual(keeper.objGetSet(), { id: 1, name: 'Bob', phone: '7' })
})

test('an object in a field that changed makes the field changed; one in a list of a plain object does not', () => {
  const animal = Animal.objStored({ keeper: Keeper.objStored({ name: 'Ann' }), helpers: [Keeper.objStored({ name: 'Cid' })] })
  animal.helpers[0]!.name = 'Dan'
  assert.deepEqual([...animal.objWhatChanged()], [])
  animal.keeper!.name = 'Bob'
  assert.deepEqual([...animal.objWhatChanged()], ['keeper'])
})

test('resetting leaves objects inside alone, unless it is recursive', () => {
  const animal = Animal.objStored({ keeper: Keeper.objStored({ name: 'Ann' }) })
  animal.keeper!.name = 'Bob'
  animal.objResetChanges()
  assert.deepEqual([...animal.objWhatChanged()], ['keeper'])
  animal.objResetChanges(undefined, { recursive: true })
  assert.equal(animal.objHasChanges(), false)
})

test('resetting named fields leaves the others changed', () => {
  const animal = new Animal({ legs: 3, weight: 1.5, keeper: new Keeper({ name: 'Ann' }) })
  animal.objResetChanges(['legs'], { recursive: true })
  assert.deepEqual([...animal.objWhatChanged()].sort(), ['keeper', 'weight'])
})

test('a list has changed if one of its objects has', () => {
  const list = new AnimalList()
  assert.equal(list.objects.length, 0)
  assert.equal(list.objHasChanges(), false)
  list.objSetStored({ objects: [Animal.objStored({ legs: 4 })] })
  assert.equal(list.objHasChanges(), false)
  list.objects[0]!.legs = 3
  assert.deepEqual([...list.objWhatChanged()], ['objects'])
})

test('a tracked dict is changed when its content is, also in place, and only then', () => {
  const animal = Animal.objStored({ notes: { mood: 'good' } })
  animal.notes.mood = 'bad'
  assert.deepEqual([...animal.objWhatChanged()], ['notes'])
  animal.notes.mood = 'good'
  assert.equal(animal.objHasChanges(), false)
  animal.notes.food = null
  animal.objResetChanges(['legs'])
  assert.deepEqual([...animal.objWhatChanged()], ['notes'])
  animal.objResetChanges()
  assert.equal(animal.objHasChanges(), false)
})

test('a copy has the same values and changes and shares nothing', () => {
  const animal = Animal.objStored({
    uuid,
    names: ['Tom'],
    notes: { a: 'b' },
    scars: new Set([1]),
    keeper: Keeper.objStored({ name: 'Ann' }),
  })
  animal.legs = 3
  animal.notes.a = 'c'
  const copy = animal.objClone()
  assert.ok(copy instanceof Animal)
  assert.ok(copy.objEquals(animal))
  assert.deepEqual([...copy.objWhatChanged()].sort(), ['legs', 'notes'])
  copy.names.push('Tim')
  copy.scars.add(2)
  copy.notes.a = 'b'
  copy.keeper!.name = 'Bob'
  assert.deepEqual(animal.names, ['Tom'])
  assert.deepEqual(animal.scars, new Set([1]))
  assert.equal(animal.keeper!.name, 'Ann')
  assert.deepEqual([...copy.objWhatChanged()].sort(), ['keeper', 'legs'])
  assert.equal(copy.objEquals(animal), false)
})

test('defaults are set where nothing is, each object with its own copy', () => {
  const [one, other] = [new Animal({ legs: 3 }), new Animal()]
  one.objSetDefaults()
  other.objSetDefaults('scars')
  assert.equal(one.legs, 3)
  one.scars.add(1)
  assert.deepEqual(other.scars, new Set())
  assert.equal(other.objIsSet('legs'), false)
  assert.throws(
    () => one.objSetDefaults('weight'),
    fails('ObjectActionError', 'Object action set_defaults failed because: No default set for field weight'),
  )
})

test('a family decides whether new objects have their defaults and whether they count as changed', () => {
  assert.equal(new Ticket().price, 5)
  assert.deepEqual([...new Ticket().objWhatChanged()], ['price'])
  assert.equal(new Alarm({ loud: true }).objHasChanges(), false)
})

test('a class can make a value when a field is read that is not set', () => {
  const cage = new Cage()
  assert.equal(cage.bars, 10)
  assert.throws(() => cage.resident, ObjectFieldNotSet)
})

test('an object field takes objects of just its class, or of derived ones if it says so', () => {
  const bird = new Bird({ legs: 2, wings: 2 })
  assert.equal(new Cage({ resident: bird }).resident, bird)
  assert.equal(bird.limbs, 4)
  assert.ok(bird instanceof Animal)
  assert.throws(() => new Alarm({ animal: bird }), fails('ValueError', 'An object of type Animal is required in field animal, not a Bird'))
  assert.throws(
    () => new Animal({ keeper: anything({ name: 'Ann' }) }),
    fails('ValueError', 'An object of type Keeper is required in field keeper, not a dict'),
  )
  assert.throws(() => new AnimalList({ objects: [anything(null)] }), fails('ValueError', "Field `objects[0]' cannot be None"))
})

test('collections are copied when they are assigned', () => {
  const names = ['Tom']
  const animal = new Animal({ names })
  names.push('Tim')
  assert.deepEqual(animal.names, ['Tom'])
})

test('an object prints as in Python, with secrets masked', () => {
  const text = "Keeper(id=<?>,name='Ann',phone=None)"
  assert.equal(String(new Keeper({ name: 'Ann', phone: null })), text)
  assert.equal(inspect(new Keeper({ name: 'Ann', phone: null })), text)
  assert.match(String(new Animal({ secret: 'hunter2', keeper: new Keeper({ id: 7 }) })), /keeper=Keeper\(7\).*secret='\*\*\*'/)
})

test('deepEqual of two objects looks at their fields and changes', () => {
  assert.deepEqual(new Keeper({ name: 'Ann' }), new Keeper({ name: 'Ann' }))
  assert.notDeepEqual(new Keeper({ name: 'Ann' }), new Keeper({ name: 'Bob' }))
  assert.notDeepEqual(new Keeper({ name: 'Ann' }), Keeper.objStored({ name: 'Ann' }))
})
