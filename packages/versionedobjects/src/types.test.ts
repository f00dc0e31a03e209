import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Animal, AnimalList, Bird, type Cage, Keeper } from '../test/support/zoo.js'
import { f, type ObjectOf, type VersionedObject } from './index.js'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** Compiles only if the two types are the same. */
function same<A, B>(..._: Equal<A, B> extends true ? [] : ['the types differ']): void {}

/** Type-checked, never run. */
function notRun(_: () => void): void {}

test('the type of a property follows from the declaration of its field', () => {
  same<Animal['legs'], number>()
  same<Animal['weight'], number | null>()
  same<Animal['born_at'], Date | null>()
  same<Animal['diet'], 'plants' | 'meat' | null>()
  same<Animal['names'], string[]>()
  same<Animal['scars'], Set<number>>()
  same<Animal['notes'], Record<string, string | null>>()
  same<Animal['keeper'], Keeper | null>()
  same<Animal['helpers'], Keeper[]>()
  same<AnimalList['objects'], Animal[]>()
  same<Cage['resident'], Animal | null>()
  same<Bird['legs'], number>()
  same<ObjectOf<typeof Animal>, Animal>()
  assert.ok(true)
})

test('wrong use of an object is a compile error', () => {
  notRun(() => {
    const animal = new Animal({ legs: 4 })
    const keeper = Keeper.objStored({ id: 1 })
    // @ts-expect-error: a number, not text
    animal.legs = 'four'
    // @ts-expect-error: cannot be null
    animal.legs = null
    // @ts-expect-error: no word of the enum
    animal.diet = 'fish'
    // @ts-expect-error: no such field
    animal.wheels = 4
    // @ts-expect-error: no such field
    new Animal({ wheels: 4 })
    // @ts-expect-error: of another type
    new Animal({ legs: 'four' })
    // @ts-expect-error: no such field
    animal.objIsSet('wheels')
    // @ts-expect-error: read-only
    keeper.id = 2
    // @ts-expect-error: another object
    animal.keeper = animal
    // @ts-expect-error: a list of another object
    new AnimalList({ objects: [keeper] })
    // @ts-expect-error: not every animal is a bird
    const bird: Bird = animal
    // @ts-expect-error: the default is of another type
    f.integer({ default: 'none' })
    // @ts-expect-error: no word of the enum
    f.words(['a', 'b'], { default: 'c' })
    return bird
  })
  assert.ok(true)
})

test('what a method answers has the types of the fields', () => {
  const animal = Animal.objStored({ legs: 4 })
  same<ReturnType<typeof animal.objClone>, Animal>()
  const { legs } = animal.objGetSet()
  same<typeof legs, number | undefined>()
  const anyObject: VersionedObject = new Bird()
  const asAnimal: Animal = new Bird()
  assert.equal(anyObject.objName, asAnimal.objName)
})
