import { objectActionError, valueError } from './errors.js'
import type { Json, JsonObject } from './json.js'
import type { AnyObjectClass, VersionedObject } from './object.js'

/** Turns the primitive of a nested object into the object; knows the registry and how deep it is. */
export interface ObjectDecoder {
  object(primitive: JsonObject): VersionedObject
}

/**
 * What a field holds. `coerce` takes what users assign, `fromPrimitive` what the wire brings; both validate and answer the
 * value that is stored, or throw a `ValueError`. Null never reaches a type: the field deals with it.
 */
export interface FieldType<T> {
  /** Name of the Python class; a part of the fingerprint. */
  readonly name: string
  /** Of an enum, in the order of Python's tuple. */
  readonly validValues?: readonly string[]
  /** A field that holds one object, or a list of them. */
  readonly child?: { readonly objectClass: AnyObjectClass; readonly many: boolean; readonly subclasses: boolean }
  /** Of a collection: the field of what is in it. */
  readonly element?: Field<unknown>
  /** @param attr name of the field, `metadata[key]` for an element; goes into messages */
  coerce(value: unknown, attr: string): T
  /** Default: `coerce`. */
  fromPrimitive?(value: Json, attr: string, decoder: ObjectDecoder): T
  /** Default: the value itself. */
  toPrimitive?(value: T): Json
  /** A copy that shares nothing that can change. Default: the value itself, for immutable ones. */
  clone?(value: T): T
  /** Default: JavaScript's `===`. */
  equals?(a: T, b: T): boolean
  /** Short text for logs. */
  stringify(value: T): string
}

export interface FieldOptions<T> {
  readonly nullable?: boolean
  /** For `objSetDefaults`, and for null where the field is not nullable. A function if it must be made anew. */
  readonly default?: T | null | (() => T)
  /** May be set once. */
  readonly readOnly?: boolean
}

/** A field of an object: a type, and what holds for null, defaults and writing. `T` includes null if nullable. */
export class Field<T, ReadOnly extends boolean = boolean> {
  readonly type: FieldType<NonNullable<T>>
  readonly nullable: boolean
  readonly readOnly: ReadOnly
  readonly hasDefault: boolean
  readonly #default: FieldOptions<NonNullable<T>>['default']

  constructor(type: FieldType<NonNullable<T>>, options: FieldOptions<NonNullable<T>>, readOnly: ReadOnly) {
    this.type = type
    this.nullable = options.nullable === true
    this.readOnly = readOnly
    this.hasDefault = options.default !== undefined
    this.#default = options.default
  }

  /** A fresh copy of the default. @throws VersionedObjectError `ObjectActionError` without one */
  defaultFor(attr: string): T {
    const value = this.#default
    if (value === undefined) throw objectActionError('set_defaults', `No default set for field ${attr}`)
    if (value === null) return null as T
    const made = isMaker(value) ? value() : value
    return this.type.coerce(this.type.clone?.(made) ?? made, attr) as T
  }

  /** What is stored when `value` is assigned. @throws VersionedObjectError `ValueError` */
  coerce(value: unknown, attr: string): T {
    return value === null || value === undefined ? this.#null(attr) : (this.type.coerce(value, attr) as T)
  }

  /** What is stored for `value` off the wire. @throws VersionedObjectError `ValueError`, or of a nested object */
  fromPrimitive(value: Json, attr: string, decoder: ObjectDecoder): T {
    if (value === null) return this.#null(attr)
    return (this.type.fromPrimitive ? this.type.fromPrimitive(value, attr, decoder) : this.type.coerce(value, attr)) as T
  }

  toPrimitive(value: T): Json {
    if (value === null || value === undefined) return null
    return this.type.toPrimitive ? this.type.toPrimitive(value) : (value as Json)
  }

  clone(value: T): T {
    if (value === null || value === undefined || this.type.clone === undefined) return value
    return this.type.clone(value)
  }

  equals(a: T, b: T): boolean {
    if (a === b || a === null || b === null || a === undefined || b === undefined) return a === b
    return this.type.equals?.(a, b) ?? false
  }

  stringify(value: T): string {
    return value === null || value === undefined ? 'None' : this.type.stringify(value)
  }

  #null(attr: string): T {
    if (this.nullable) return null as T
    if (this.hasDefault) return this.defaultFor(attr)
    throw valueError(`Field \`${attr}' cannot be None`)
  }
}

/** No field holds functions, so one is always a maker. */
function isMaker<T>(value: T | (() => T)): value is () => T {
  return typeof value === 'function'
}

type OrNull<T, O> = O extends { readonly nullable: true } ? T | null : T
type IsReadOnly<O> = O extends { readonly readOnly: true } ? true : false

/** The field that `options` declare: nullable ones hold null, read-only ones are readonly properties. */
export type FieldOf<T, O> = Field<OrNull<T, O>, IsReadOnly<O>>

/** Declare a field of a type. The TypeScript type of the property follows from `type` and `options`. */
export function fieldOf<T, const O extends FieldOptions<T>>(type: FieldType<T>, options: O): FieldOf<T, O> {
  const field: unknown = new Field(type as FieldType<NonNullable<T>>, options as FieldOptions<NonNullable<T>>, options.readOnly === true)
  return field as FieldOf<T, O>
}

/** A function that declares fields of one type: `f.integer({ nullable: true })`. */
export type FieldMaker<T> = <const O extends FieldOptions<T> = Record<never, never>>(options?: O) => FieldOf<T, O>

export function fieldMaker<T>(type: FieldType<T>): FieldMaker<T> {
  return <const O extends FieldOptions<T>>(options?: O) => fieldOf(type, options ?? ({} as O))
}
