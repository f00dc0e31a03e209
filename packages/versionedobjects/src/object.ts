import { makeCompatible, type Primitive } from './compat.js'
import type { ObjectDefinition } from './definition.js'
import { ObjectFieldNotSet, VersionedObjectError } from './errors.js'
import type { Field } from './field.js'
import type { RemotableMethod } from './remotable.js'
import { compareVersions, parseVersion } from './version.js'

export type FieldMap = Readonly<Record<string, Field<unknown>>>
type ValueOf<F> = F extends Field<infer T> ? T : never
type ReadOnlyKeys<F> = { [K in keyof F]: F[K] extends Field<unknown, true> ? K : never }[keyof F]

/** The properties that fields declare. */
export type Values<F extends FieldMap> = { -readonly [K in Exclude<keyof F, ReadOnlyKeys<F>>]: ValueOf<F[K]> } & {
  readonly [K in ReadOnlyKeys<F>]: ValueOf<F[K]>
}

/** Exists for the compiler only: an object is of its class and of those that it is derived from, whatever their fields look like. */
declare const lineage: unique symbol

/** The names of an object's class and of those that it is derived from. */
export type LineageOf<O> = O extends { readonly [lineage]: infer L } ? keyof L & string : never

type FieldName<F extends FieldMap> = keyof F & string

/** Those members of an object whose types follow from its fields; what they do is said at `VersionedObject`. */
export interface TypedMembers<F extends FieldMap> {
  readonly objFields: F
  objGet<K extends keyof Values<F>>(name: K): Values<F>[K]
  objSet(name: FieldName<F>, value: unknown): void
  objIsSet(name: FieldName<F>): boolean
  objGetChanges(): Partial<Values<F>>
  objGetSet(): Partial<Values<F>>
  objResetChanges(names?: Iterable<FieldName<F>>, options?: { readonly recursive?: boolean }): void
  objSetDefaults(...names: FieldName<F>[]): void
  objSetStored(values: Partial<Values<F>>): void
  objClone(): this
}

/** An object of the classes named `N`: its fields as properties, and what every object can do. */
export type ObjectInstance<N extends string, F extends FieldMap> = Omit<VersionedObject, keyof TypedMembers<FieldMap>> &
  TypedMembers<F> &
  Values<F> & { readonly [lineage]: { readonly [K in N]: true } }

/** What the framework needs to know of a class. */
export interface AnyObjectClass {
  new (...args: never[]): VersionedObject
  readonly objName: string
  readonly objVersion: string
  readonly objDefinition: ObjectDefinition
  readonly prototype: VersionedObject
  readonly fields: FieldMap
  readonly remotable: Readonly<Record<string, RemotableMethod>>
}

/** A class made by `defineObject`. */
export interface ObjectClass<N extends string, F extends FieldMap> {
  /** The fields that are given are set and marked as changed. @throws VersionedObjectError `ValueError` */
  new (values?: Partial<Values<F>>): ObjectInstance<N, F>
  readonly objName: string
  readonly objVersion: string
  readonly objDefinition: ObjectDefinition
  readonly fields: F
  /** What a service without a database calls through the conductor, by Python name. */
  readonly remotable: Readonly<Record<string, RemotableMethod>>
  /** An object as read from a store: the given fields are set, none is changed. @throws VersionedObjectError `ValueError` */
  objStored<T>(this: abstract new (...args: never[]) => T, values: Partial<Values<F>>): T
}

/** The objects that a class makes. */
export type ObjectOf<C extends AnyObjectClass> = InstanceType<C>

export interface PrimitiveOptions {
  /** Version that the receiver wants; default: the object's own. */
  readonly version?: string
  /** Versions that the receiver knows of this object and those in it. */
  readonly manifest?: Readonly<Record<string, string>>
}

/**
 * Base of all objects: fields with types, of which each is set or not, and a list of those that were changed.
 * Its members begin with `obj`, so that no field has the name of one.
 */
export abstract class VersionedObject {
  /** Version of the data: the class's own, or an older one that came off the wire. */
  objVersion: string
  /** Values by position of their field; undefined: not set. An array, because objects of 70 properties are slow maps to V8. */
  readonly objSlots: unknown[]
  /** Names of fields that were assigned since the last reset. */
  readonly objChanged: Set<string>
  /** What the `tracked` fields held at the last reset. */
  readonly objOriginals: Map<string, unknown> | undefined

  /** Handed in by `defineObject`, on the prototype: what the class was declared to be. */
  declare readonly objDefinition: ObjectDefinition

  constructor(values: Readonly<Record<string, unknown>> = {}) {
    const definition = this.objDefinition
    this.objVersion = definition.version
    this.objSlots = new Array(definition.layout.names.length)
    this.objChanged = new Set()
    this.objOriginals = definition.layout.tracked.length === 0 ? undefined : new Map()
    if (definition.isList) this.objSlots[0] = []
    for (const [name, value] of Object.entries(values)) if (value !== undefined) this.objSet(name, value)
    if (definition.construct === 'defaults') this.objSetDefaults()
    if (definition.construct === 'unchanged') this.objResetChanges()
    else rememberOriginals(this)
  }

  get objName(): string {
    return this.objDefinition.name
  }

  get objFields(): FieldMap {
    return this.objDefinition.fields
  }

  /** The names of its class and of those that it is derived from. */
  get objLineage(): readonly string[] {
    const { name, parent } = this.objDefinition
    return parent ? [name, ...parent.prototype.objLineage] : [name]
  }

  /** The value of a field by its name. @throws ObjectFieldNotSet */
  objGet(name: string): unknown {
    return read(this, positionOf(this, name))
  }

  /** Assign a field by its name: what `object[name] = value` does. @throws VersionedObjectError `ValueError`, `ReadOnlyFieldError` */
  objSet(name: string, value: unknown): void {
    assign(this, positionOf(this, name), value)
  }

  /** Has the field a value? Null is one. @throws VersionedObjectError `AttributeError` for a name that is no field */
  objIsSet(name: string): boolean {
    return this.objSlots[positionOf(this, name)] !== undefined
  }

  /** Fields that were assigned, or hold an object with changes, or are tracked and differ from what they were. */
  objWhatChanged(): Set<string> {
    const changed = new Set(this.objChanged)
    const { names, fields, children, tracked } = this.objDefinition.layout
    for (const position of children) {
      const value = this.objSlots[position]
      if (value instanceof VersionedObject ? value.objHasChanges() : this.objDefinition.isList && hasChangedItem(value))
        changed.add(names[position]!)
    }
    for (const position of tracked) {
      const value = this.objSlots[position]
      if (value !== undefined && !fields[position]!.equals(value, this.objOriginals?.get(names[position]!))) changed.add(names[position]!)
    }
    return changed
  }

  objHasChanges(): boolean {
    return this.objWhatChanged().size > 0
  }

  /** The changed fields with their values. */
  objGetChanges(): Record<string, unknown> {
    const changes = [...this.objWhatChanged()].filter((name) => this.objIsSet(name)).map((name) => [name, this.objGet(name)])
    return Object.fromEntries(changes)
  }

  /** The fields that are set, with their values. */
  objGetSet(): Record<string, unknown> {
    const { names } = this.objDefinition.layout
    const set = names.map((name, position) => [name, this.objSlots[position]]).filter(([, value]) => value !== undefined)
    return Object.fromEntries(set)
  }

  /**
   * Forget that fields were changed; their values stay.
   *
   * @param names default: all
   * @param options `recursive`: also the objects in the changed ones of these fields, wholly
   */
  objResetChanges(names?: Iterable<string>, { recursive = false } = {}): void {
    const wanted = names === undefined ? undefined : new Set<string>(names)
    if (recursive)
      for (const name of this.objWhatChanged()) if (wanted?.has(name) ?? true) resetWithin(this.objSlots[positionOf(this, name)])
    if (wanted === undefined) this.objChanged.clear()
    else for (const name of wanted) this.objChanged.delete(name)
    rememberOriginals(this, wanted)
  }

  /** Give fields that are not set their default. @param names default: all that have one */
  objSetDefaults(...names: string[]): void {
    const { names: all, fields } = this.objDefinition.layout
    const wanted = names.length > 0 ? names : all.filter((_, position) => fields[position]!.hasDefault)
    for (const name of wanted) {
      const field = fields[positionOf(this, name)]!
      if (!field.hasDefault || !this.objIsSet(name)) this.objSet(name, field.defaultFor(name))
    }
  }

  /** Set fields as the store has them: also read-only ones, and without marking them as changed. */
  objSetStored(values: Readonly<Record<string, unknown>>): void {
    const { fields } = this.objDefinition.layout
    const entries = Object.entries(values).filter(([, value]) => value !== undefined)
    for (const [name, value] of entries) {
      const position = positionOf(this, name)
      this.objSlots[position] = fields[position]!.coerce(value, name)
    }
    rememberOriginals(this, new Set(entries.map(([name]) => name)))
  }

  /** A copy with the same changes that shares nothing with this one. */
  objClone(): this {
    const { fields } = this.objDefinition.layout
    const copy: this = blank(Object.getPrototypeOf(this))
    copy.objVersion = this.objVersion
    this.objSlots.forEach((value, position) => {
      copy.objSlots[position] = fields[position]!.clone(value)
    })
    for (const name of this.objChanged) copy.objChanged.add(name)
    this.objOriginals?.forEach((value, name) => {
      copy.objOriginals?.set(name, fields[positionOf(this, name)]!.clone(value))
    })
    return copy
  }

  /** The same class and fields with the same values; changes do not count. */
  objEquals(other: VersionedObject): boolean {
    const { fields } = this.objDefinition.layout
    return this.objDefinition === other.objDefinition && fields.every((field, at) => field.equals(this.objSlots[at], other.objSlots[at]))
  }

  /**
   * The wire form: name, namespace, version, data and, if there are any, changes.
   *
   * @throws VersionedObjectError `InvalidTargetVersion` for a version newer than the object's, or what a compat step throws
   */
  objToPrimitive(options: PrimitiveOptions = {}): Primitive {
    const definition = this.objDefinition
    const version = options.version ?? this.objVersion
    if (version !== this.objVersion && compareVersions(parseVersion(version), parseVersion(this.objVersion)) > 0)
      throw new VersionedObjectError('InvalidTargetVersion', `Invalid target version ${version}`, { version })
    const data = encodeFields(this)
    if (version !== this.objVersion || options.manifest) makeCompatible(this, data, version, options.manifest)
    const { keys } = definition
    const primitive: Primitive = {
      [keys.name]: definition.name,
      [keys.namespace]: definition.projectNamespace,
      [keys.version]: version,
      [keys.data]: data,
    }
    const changes = [...this.objWhatChanged()].filter((name) => data[name] !== undefined)
    if (changes.length > 0) primitive[keys.changes] = changes
    return primitive
  }

  /** For `console.log` and `util.inspect`. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }

  /** As Python prints it; passwords are masked. */
  toString(): string {
    const { names, fields } = this.objDefinition.layout
    const shown = names.map((name, position): [string, string] => {
      const value = this.objSlots[position]
      return [name, value === undefined ? '<?>' : fields[position]!.stringify(value)]
    })
    shown.sort(([a], [b]) => (a < b ? -1 : 1))
    return `${this.objName}(${shown.map(([name, text]) => `${name}=${text}`).join(',')})`
  }
}

function positionOf(object: VersionedObject, name: string): number {
  const position = object.objDefinition.layout.positions.get(name)
  if (position === undefined) throw new VersionedObjectError('AttributeError', `${object.objName} object has no attribute '${name}'`)
  return position
}

/** An object without values, of the class whose prototype this is. No constructor runs: what comes from a store or a peer gets no defaults. */
export function blank<T extends VersionedObject>(prototype: T): T {
  const { version, layout, isList } = prototype.objDefinition
  const object = Object.create(prototype) as { -readonly [K in keyof VersionedObject]: VersionedObject[K] }
  object.objVersion = version
  object.objSlots = new Array(layout.names.length)
  object.objChanged = new Set()
  object.objOriginals = layout.tracked.length === 0 ? undefined : new Map()
  if (isList) object.objSlots[0] = []
  const made: unknown = object
  return made as T
}

/** What a field's getter does. */
export function read(object: VersionedObject, position: number): unknown {
  const value = object.objSlots[position]
  if (value !== undefined) return value
  const name = object.objDefinition.layout.names[position]!
  object.objDefinition.load?.(object, name)
  const loaded = object.objSlots[position]
  if (loaded === undefined) throw new ObjectFieldNotSet(object.objName, name)
  return loaded
}

/** What a field's setter does. */
export function assign(object: VersionedObject, position: number, value: unknown): void {
  const { names, fields } = object.objDefinition.layout
  const name = names[position]!
  const field = fields[position]!
  const coerced = field.coerce(value, name)
  if (field.readOnly && object.objSlots[position] !== undefined) {
    if (field.equals(object.objSlots[position], coerced)) return
    throw new VersionedObjectError('ReadOnlyFieldError', `Cannot modify readonly field ${name}`, { field: name })
  }
  object.objSlots[position] = coerced
  object.objChanged.add(name)
}

/** Keep what the tracked fields hold now, to see later whether somebody changed them in place. */
export function rememberOriginals(object: VersionedObject, only?: ReadonlySet<string>): void {
  const { names, fields, tracked } = object.objDefinition.layout
  for (const position of tracked) {
    const name = names[position]!
    if (only !== undefined && !only.has(name)) continue
    const value = object.objSlots[position]
    if (value === undefined) object.objOriginals?.delete(name)
    else object.objOriginals?.set(name, fields[position]!.clone(value))
  }
}

function encodeFields(object: VersionedObject): Primitive {
  const { names, fields } = object.objDefinition.layout
  const data: Primitive = {}
  for (let position = 0; position < names.length; position++) {
    const value = object.objSlots[position]
    if (value !== undefined) data[names[position]!] = fields[position]!.toPrimitive(value)
  }
  return data
}

function hasChangedItem(items: unknown): boolean {
  return Array.isArray(items) && items.some((item) => item instanceof VersionedObject && item.objHasChanges())
}

function resetWithin(value: unknown): void {
  const items: readonly unknown[] = Array.isArray(value) ? value : [value]
  for (const item of items) if (item instanceof VersionedObject) item.objResetChanges(undefined, { recursive: true })
}
