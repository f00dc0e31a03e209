import type { CompatStep } from './compat.js'
import type { Field } from './field.js'
import type { AnyObjectClass, FieldMap, VersionedObject } from './object.js'
import type { RemotableMethod } from './remotable.js'

/** What a declaration may say beside name, version and fields. */
export interface ObjectTraits<K extends string = string> {
  /** By Python name. Not inherited. */
  readonly remotable?: Readonly<Record<string, RemotableMethod>>
  /** What is done to the data for a receiver of an older version, in this order. */
  readonly compat?: readonly CompatStep[]
  /** False: objects in the data stay as they are (upstream's method does not reach them). */
  readonly compatChildren?: boolean
  /** By field: from which version of this object on the object in it has which version, oldest first. Without a manifest these decide. */
  readonly relationships?: Readonly<Record<string, readonly (readonly [own: string, child: string])[]>>
  /** Of a list: the same for its items. A part of the fingerprint. */
  readonly childVersions?: Readonly<Record<string, string>>
  /** Of a notification payload: field to source object and its field. A part of the fingerprint. */
  readonly schema?: Readonly<Record<string, readonly [source: string, field: string]>>
  /** Fields whose content is compared to see whether it was changed in place. */
  readonly tracked?: readonly K[]
  /** Called when a field is read that is not set. If it sets the field, that is what the reader gets. */
  readonly load?: (object: VersionedObject, name: string) => void
  /** `defaults`: a new object has its defaults set. `unchanged`: the fields of a new object do not count as changed. */
  readonly construct?: 'defaults' | 'unchanged'
}

/** What all objects of a family have in common. */
export interface FamilyTraits {
  /** First word of the wire keys, `nova_object`. */
  readonly serialNamespace: string
  /** Value of the `namespace` key, `nova`. */
  readonly projectNamespace: string
  readonly construct?: ObjectTraits['construct']
}

/** What a declaration says in the end, for any kind of object. */
export interface Declaration extends ObjectTraits {
  readonly name: string
  readonly version: string
  /** Its own ones. */
  readonly fields: FieldMap
  readonly parent?: AnyObjectClass
  readonly isList?: boolean
}

/** Where an object keeps its values: one position for each field. */
export interface ObjectLayout {
  readonly names: readonly string[]
  readonly fields: readonly Field<unknown>[]
  readonly positions: ReadonlyMap<string, number>
  /** Positions of fields that hold an object or a list of objects. */
  readonly children: readonly number[]
  readonly tracked: readonly number[]
}

/**
 * A declaration, completed.
 *
 * Nova has 168 objects with 1,600 fields, of which a program uses a few: fields and layout are made when they are first needed.
 */
export class ObjectDefinition implements ObjectTraits {
  readonly name: string
  readonly version: string
  readonly parent: AnyObjectClass | undefined
  readonly isList: boolean
  readonly serialNamespace: string
  readonly projectNamespace: string
  readonly keys: WireKeys
  readonly construct: ObjectTraits['construct']
  readonly #declaration: Declaration
  readonly #onLayout: (layout: ObjectLayout) => void
  #fields: FieldMap | undefined
  #layout: ObjectLayout | undefined

  /** @param onLayout called once, before the first object exists */
  constructor(declaration: Declaration, family: FamilyTraits, keys: WireKeys, onLayout: (layout: ObjectLayout) => void) {
    this.name = declaration.name
    this.version = declaration.version
    this.parent = declaration.parent
    this.isList = declaration.isList === true
    this.serialNamespace = family.serialNamespace
    this.projectNamespace = family.projectNamespace
    this.keys = keys
    this.construct = declaration.construct ?? family.construct
    this.#declaration = declaration
    this.#onLayout = onLayout
  }

  get remotable(): Readonly<Record<string, RemotableMethod>> {
    return this.#declaration.remotable ?? {}
  }

  get compat(): readonly CompatStep[] {
    return this.#declaration.compat ?? []
  }

  get compatChildren(): boolean {
    return this.#declaration.compatChildren ?? true
  }

  get relationships(): NonNullable<ObjectTraits['relationships']> {
    return this.#declaration.relationships ?? {}
  }

  get childVersions(): NonNullable<ObjectTraits['childVersions']> {
    return this.#declaration.childVersions ?? {}
  }

  /** Inherited, as upstream's. */
  get schema(): ObjectTraits['schema'] {
    return this.#declaration.schema ?? this.parent?.objDefinition.schema
  }

  /** Inherited, as upstream's. */
  get load(): ObjectTraits['load'] {
    return this.#declaration.load ?? this.parent?.objDefinition.load
  }

  /** Those of the parent come first. */
  get fields(): FieldMap {
    this.#fields ??= this.parent ? { ...this.parent.fields, ...this.#declaration.fields } : this.#declaration.fields
    return this.#fields
  }

  get layout(): ObjectLayout {
    if (this.#layout === undefined) {
      this.#layout = layoutOf(this.fields, this.#declaration.tracked ?? [])
      this.#onLayout(this.#layout)
    }
    return this.#layout
  }
}

function layoutOf(fields: FieldMap, tracked: readonly string[]): ObjectLayout {
  const names = Object.keys(fields)
  const list = names.map((name) => fields[name]!)
  const positions = new Map(names.map((name, position) => [name, position]))
  return {
    names,
    fields: list,
    positions,
    children: list.flatMap((field, position) => (field.type.child ? [position] : [])),
    tracked: tracked.flatMap((name) => positions.get(name) ?? []),
  }
}

/** Keys of the wire form: `nova_object.name` and so on. */
export interface WireKeys {
  readonly name: string
  readonly namespace: string
  readonly version: string
  readonly data: string
  readonly changes: string
}

export function wireKeys(serialNamespace: string): WireKeys {
  return {
    name: `${serialNamespace}.name`,
    namespace: `${serialNamespace}.namespace`,
    version: `${serialNamespace}.version`,
    data: `${serialNamespace}.data`,
    changes: `${serialNamespace}.changes`,
  }
}
