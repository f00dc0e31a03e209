import type { WireKeys } from './definition.js'
import { incompatibleVersion, unsupportedObject, VersionedObjectError, valueError } from './errors.js'
import type { ObjectDecoder } from './field.js'
import { isJsonObject, type Json, type JsonObject } from './json.js'
import { type AnyObjectClass, blank, type PrimitiveOptions, rememberOriginals, type VersionedObject } from './object.js'
import { compareVersions, isCompatible, parseVersion } from './version.js'

/** Real objects nest 6 deep. One that nests deeper is refused, before it can exhaust the stack. */
const maxDepth = 64

/**
 * The objects that one side knows, by name and version.
 *
 * Handed to whoever decodes; two of them do not know of each other.
 */
export class ObjectRegistry {
  /** Of each name the versions known, newest first. */
  readonly #classes = new Map<string, AnyObjectClass[]>()
  /** By serial namespace: its keys and its projects. */
  readonly #families = new Map<string, { readonly keys: WireKeys; readonly projects: Set<string> }>()
  readonly #trees = new Map<string, Readonly<Record<string, string>>>()

  constructor(classes: Iterable<AnyObjectClass>) {
    for (const objectClass of classes) this.#add(objectClass)
  }

  /** The newest class of each name. */
  get classes(): AnyObjectClass[] {
    return [...this.#classes.values()].map((versions) => versions[0]!)
  }

  /** The newest class of this name. */
  get(name: string): AnyObjectClass | undefined {
    return this.#classes.get(name)?.[0]
  }

  /**
   * The class for `version` of an object: just that one, or else the newest of the same major that is not older.
   *
   * @throws VersionedObjectError `UnsupportedObjectError` for an unknown name, `IncompatibleObjectVersion` if every class is too old
   * @see oslo.versionedobjects 3.0.1, `obj_class_from_name`
   */
  classFor(name: string, version: string): AnyObjectClass {
    const versions = this.#classes.get(name)
    if (versions === undefined) throw unsupportedObject(name)
    const exact = versions.find((objectClass) => objectClass.objVersion === version)
    if (exact !== undefined) return exact
    const asked = parseVersion(version)
    const fit = versions.find((objectClass) => isCompatible(asked, parseVersion(objectClass.objVersion)))
    if (fit === undefined) throw incompatibleVersion(name, version, versions[0]!.objVersion)
    return fit
  }

  /** Is this the wire form of an object, of whatever name? */
  isPrimitive(value: Json): value is JsonObject {
    return isJsonObject(value) && this.#keysOf(value) !== undefined
  }

  /** The keys of the wire form, if `primitive` is one. */
  #keysOf(primitive: JsonObject): WireKeys | undefined {
    for (const { keys } of this.#families.values()) if (primitive[keys.name] !== undefined) return keys
    return undefined
  }

  /**
   * The object whose wire form `primitive` is. Fields that the class does not know are left out.
   *
   * The third part of a version (1.22.1) is for changes that every 1.22 understands: such an object becomes a 1.22.
   *
   * @throws VersionedObjectError `UnsupportedObjectError`, `IncompatibleObjectVersion`, or `ValueError` for data that does not fit
   */
  fromPrimitive(primitive: Json): VersionedObject {
    return this.#decode(primitive, 0)
  }

  /** The wire form of an object. @see VersionedObject.objToPrimitive */
  toPrimitive(object: VersionedObject, options?: PrimitiveOptions): JsonObject {
    return object.objToPrimitive(options)
  }

  /**
   * The version of this object and of all that can be in it: what a peer is told so that it answers with what we understand.
   *
   * @throws VersionedObjectError `UnsupportedObjectError`
   * @see oslo.versionedobjects 3.0.1, `obj_tree_get_versions`
   */
  treeVersions(name: string): Readonly<Record<string, string>> {
    const known = this.#trees.get(name)
    if (known !== undefined) return known
    const tree: Record<string, string> = {}
    this.#collectVersions(name, tree)
    this.#trees.set(name, tree)
    return tree
  }

  #collectVersions(name: string, tree: Record<string, string>): void {
    if (tree[name] !== undefined) return
    const objectClass = this.get(name)
    if (objectClass === undefined) throw unsupportedObject(name)
    tree[name] = objectClass.objVersion
    for (const field of objectClass.objDefinition.layout.fields)
      if (field.type.child) this.#collectVersions(field.type.child.objectClass.objName, tree)
  }

  #add(objectClass: AnyObjectClass): void {
    const { name, keys, serialNamespace, projectNamespace } = objectClass.objDefinition
    const others = (this.#classes.get(name) ?? []).filter((other) => other.objVersion !== objectClass.objVersion)
    const newestFirst = [...others, objectClass].sort((a, b) => compareVersions(parseVersion(b.objVersion), parseVersion(a.objVersion)))
    this.#classes.set(name, newestFirst)
    const family = this.#families.get(serialNamespace) ?? { keys, projects: new Set() }
    family.projects.add(projectNamespace)
    this.#families.set(serialNamespace, family)
  }

  #decode(primitive: Json, depth: number): VersionedObject {
    if (depth > maxDepth) throw valueError(`An object is nested more than ${maxDepth} deep`)
    const parts = this.#parts(primitive)
    const objectClass = this.#classForWire(parts)
    const object = blank(objectClass.prototype)
    object.objVersion = parts.version
    const { names, fields } = objectClass.objDefinition.layout
    const decoder: ObjectDecoder = { object: (nested) => this.#decode(nested, depth + 1) }
    for (let position = 0; position < names.length; position++) {
      const value = parts.data[names[position]!]
      if (value !== undefined) object.objSlots[position] = fields[position]!.fromPrimitive(value, names[position]!, decoder)
    }
    for (const name of parts.changes)
      if (typeof name === 'string' && object.objDefinition.layout.positions.has(name)) object.objChanged.add(name)
    rememberOriginals(object)
    return object
  }

  #classForWire(parts: WireParts): AnyObjectClass {
    try {
      return this.classFor(parts.name, parts.version)
    } catch (err) {
      const release = parts.version.split('.')
      if (!(err instanceof VersionedObjectError && err.kind === 'IncompatibleObjectVersion' && release.length === 3)) throw err
      parts.version = release.slice(0, 2).join('.')
      return this.classFor(parts.name, parts.version)
    }
  }

  #parts(primitive: Json): WireParts {
    const keys = isJsonObject(primitive) ? this.#keysOf(primitive) : undefined
    if (!isJsonObject(primitive) || keys === undefined) throw valueError('This is not the wire form of an object')
    const {
      [keys.name]: name,
      [keys.namespace]: namespace,
      [keys.version]: version,
      [keys.data]: data,
      [keys.changes]: changes,
    } = primitive
    if (typeof name !== 'string' || typeof version !== 'string' || !isJsonObject(data))
      throw valueError(`An object on the wire needs ${keys.name}, ${keys.version} and ${keys.data}`)
    const projects = this.#families.get(keys.name.slice(0, -'.name'.length))?.projects
    if (typeof namespace !== 'string' || !projects?.has(namespace)) throw unsupportedObject(`${String(namespace)}.${name}`)
    return { name, version, data, changes: Array.isArray(changes) ? changes : [] }
  }
}

interface WireParts {
  readonly name: string
  version: string
  readonly data: JsonObject
  readonly changes: readonly Json[]
}
