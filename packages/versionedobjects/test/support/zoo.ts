import { enumType, f, objectFamily } from '../../src/index.js'

const { defineObject, defineDerived, defineList } = objectFamily({ serialNamespace: 'versioned_object', projectNamespace: 'zoo' })
const ephemeral = objectFamily({ serialNamespace: 'zoo_object', projectNamespace: 'zoo', construct: 'defaults' })
const notice = objectFamily({ serialNamespace: 'zoo_object', projectNamespace: 'zoo', construct: 'unchanged' })

export const Diet = enumType('Diet', ['plants', 'meat'], (word) => (typeof word === 'string' ? word.toLowerCase() : word))

export class Keeper extends defineObject({
  name: 'Keeper',
  version: '1.2',
  fields: { id: f.integer({ readOnly: true }), name: f.string(), phone: f.string({ nullable: true }) },
  compat: [{ below: '1.1', removes: ['phone'] }],
}) {}

export class Animal extends defineObject({
  name: 'Animal',
  version: '2.3',
  fields: {
    uuid: f.uuid(),
    legs: f.integer({ default: 4 }),
    weight: f.float({ nullable: true }),
    born_at: f.dateTime({ nullable: true }),
    diet: f.enum(Diet, { nullable: true }),
    names: f.list(f.string()),
    scars: f.set(f.integer(), { default: () => new Set<number>() }),
    notes: f.dict(f.string({ nullable: true })),
    keeper: f.object(Keeper, { nullable: true }),
    helpers: f.list(f.object(Keeper)),
    secret: f.sensitiveString({ nullable: true }),
  },
  tracked: ['notes'],
  relationships: {
    keeper: [
      ['2.1', '1.0'],
      ['2.3', '1.2'],
    ],
    helpers: [['2.3', '1.2']],
  },
}) {}

/** A class may do more than its declaration says. */
export class Bird extends defineDerived({ name: 'Bird', version: '1.0', parent: Animal, fields: { wings: f.integer() } }) {
  get limbs(): number {
    return this.legs + this.wings
  }
}

export class Cage extends defineObject({
  name: 'Cage',
  version: '1.0',
  fields: { resident: f.object(Animal, { subclasses: true, nullable: true }), bars: f.integer() },
  load: (cage, name) => {
    if (name === 'bars') cage.objSet('bars', 10)
  },
}) {}

export class AnimalList extends defineList({
  name: 'AnimalList',
  version: '1.5',
  of: Animal,
  childVersions: { '1.4': '2.1', '1.5': '2.3' },
}) {}

export class Ticket extends ephemeral.defineObject({
  name: 'Ticket',
  version: '1.0',
  fields: { price: f.integer({ default: 5 }), holder: f.string() },
}) {}

export class Alarm extends notice.defineObject({
  name: 'Alarm',
  version: '1.0',
  fields: { animal: f.object(Animal), loud: f.boolean() },
}) {}

export const zoo = [Keeper, Animal, Bird, Cage, AnimalList, Ticket, Alarm] as const
