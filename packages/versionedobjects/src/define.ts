import { type Declaration, type FamilyTraits, ObjectDefinition, type ObjectTraits, type WireKeys, wireKeys } from './definition.js'
import { type Field, fieldOf } from './field.js'
import { listType } from './fields/collections.js'
import { objectType } from './fields/object-type.js'
import {
  type AnyObjectClass,
  assign,
  blank,
  type FieldMap,
  type LineageOf,
  type ObjectClass,
  type ObjectOf,
  read,
  VersionedObject,
} from './object.js'

/** Declares an object. */
export interface ObjectDeclaration<N extends string, F extends FieldMap> extends ObjectTraits<keyof F & string> {
  readonly name: N
  readonly version: string
  readonly fields: F
}

/** Declares an object that is derived from another one, whose fields it has too. */
export interface DerivedDeclaration<N extends string, F extends FieldMap, P extends AnyObjectClass> extends ObjectDeclaration<N, F> {
  readonly parent: P
}

/** Declares a list of objects. */
export interface ListDeclaration<N extends string, C extends AnyObjectClass> extends Omit<ObjectTraits, 'tracked' | 'compatChildren'> {
  readonly name: N
  readonly version: string
  readonly of: C
}

type FieldsOf<P> = P extends { readonly fields: infer F extends FieldMap } ? F : never
type ListFields<C extends AnyObjectClass> = { readonly objects: Field<ObjectOf<C>[], false> }

/** Declares objects that share their namespaces. */
export interface ObjectFamily {
  defineObject<const N extends string, F extends FieldMap>(declaration: ObjectDeclaration<N, F>): ObjectClass<N, F>
  defineDerived<const N extends string, F extends FieldMap, P extends AnyObjectClass>(
    declaration: DerivedDeclaration<N, F, P>,
  ): ObjectClass<N | LineageOf<ObjectOf<P>>, FieldsOf<P> & F>
  /** A list has one field, `objects`, which is empty at first. */
  defineList<const N extends string, C extends AnyObjectClass>(declaration: ListDeclaration<N, C>): ObjectClass<N, ListFields<C>>
}

/** A family of objects: those of one project on one wire. */
export function objectFamily(family: FamilyTraits): ObjectFamily {
  const keys = wireKeys(family.serialNamespace)
  return {
    defineObject: (declaration) => typed(makeClass(declaration, family, keys)),
    defineDerived: (declaration) => typed(makeClass(declaration, family, keys)),
    defineList(declaration) {
      const objects = fieldOf(listType(fieldOf(objectType(declaration.of), {})), {})
      return typed(makeClass({ ...declaration, fields: { objects }, isList: true }, family, keys))
    },
  }
}

/** The class is built from what the declaration says at run time; that its type says the same is known here only. */
function typed<N extends string, F extends FieldMap>(made: unknown): ObjectClass<N, F> {
  return made as ObjectClass<N, F>
}

function makeClass(declaration: Declaration, family: FamilyTraits, keys: WireKeys): unknown {
  const base: abstract new (...args: never[]) => VersionedObject = declaration.parent ?? VersionedObject
  const made = class extends base {}
  const value = new ObjectDefinition(declaration, family, keys, (layout) => {
    layout.names.forEach((name, position) => {
      defineAccessor(made.prototype, name, position)
    })
  })
  Object.defineProperties(made, { objDefinition: { value }, ...statics })
  Object.defineProperty(made.prototype, 'objDefinition', { value })
  return made
}

/** The static members of every class. */
const statics: PropertyDescriptorMap & ThisType<AnyObjectClass> = {
  objName: {
    get() {
      return this.objDefinition.name
    },
  },
  objVersion: {
    get() {
      return this.objDefinition.version
    },
  },
  fields: {
    get() {
      return this.objDefinition.fields
    },
  },
  remotable: {
    get() {
      return this.objDefinition.remotable
    },
  },
  objStored: {
    value(values: Readonly<Record<string, unknown>>): VersionedObject {
      const object = blank(this.prototype)
      object.objSetStored(values)
      return object
    },
  },
}

/** On the prototype, and not as a proxy: reading a field costs what reading a property costs. */
function defineAccessor(prototype: VersionedObject, name: string, position: number): void {
  Object.defineProperty(prototype, name, {
    get(this: VersionedObject) {
      return read(this, position)
    },
    set(this: VersionedObject, value: unknown) {
      assign(this, position, value)
    },
    configurable: true,
    enumerable: true,
  })
}
