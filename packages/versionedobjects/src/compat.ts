import { objectActionError } from './errors.js'
import type { Json } from './json.js'
import type { VersionedObject } from './object.js'
import { compareVersions, isBelow, parseVersion, type VersionParts } from './version.js'

/** A primitive that is being built and may still be changed. */
export interface Primitive {
  [key: string]: Json
}

/** One thing that an older receiver needs. */
export interface CompatStep {
  /** Done for receivers older than this version. */
  readonly below: string
  /** Fields that the receiver does not know. */
  readonly removes?: readonly string[]
  /** Anything else: rewrites data, or throws if the receiver could not understand a value. */
  readonly change?: (data: Primitive, target: VersionParts) => void
}

type Manifest = Readonly<Record<string, string>>
type Relationships = readonly (readonly [own: string, child: string])[]

/**
 * Bring the data of `object` into the form of an older version, the objects in it included.
 *
 * @throws VersionedObjectError `ObjectActionError` if nothing says which version an object in it should have, or what a step throws
 * @see oslo.versionedobjects 3.0.1, `obj_make_compatible_from_manifest`
 */
export function makeCompatible(object: VersionedObject, data: Primitive, version: string, manifest: Manifest | undefined): void {
  const { compat, compatChildren, isList } = object.objDefinition
  const target = parseVersion(version)
  if (isList) backportItems(object, data, version, manifest)
  else if (compatChildren) backportChildren(object, data, version, manifest)
  for (const step of compat) {
    if (!isBelow(target, step.below)) continue
    for (const name of step.removes ?? []) delete data[name]
    step.change?.(data, target)
  }
}

function backportChildren(object: VersionedObject, data: Primitive, version: string, manifest: Manifest | undefined): void {
  const { relationships, layout } = object.objDefinition
  for (const position of layout.children) {
    const name = layout.names[position]!
    if (object.objSlots[position] === undefined) continue
    const known = manifest ? fromManifest(object, name, version, manifest) : relationships[name]
    if (known === undefined && manifest === undefined) throw objectActionError('obj_make_compatible', `No rule for ${name}`)
    if (known !== undefined) backportField(object, data, name, version, known, manifest)
  }
}

/** Items of a list for which nothing says a version become 1.0: upstream's choice. */
function backportItems(object: VersionedObject, data: Primitive, version: string, manifest: Manifest | undefined): void {
  const { childVersions, relationships } = object.objDefinition
  const declared = Object.entries(childVersions)
  const rules = declared.length > 0 ? declared : manifest ? fromManifest(object, 'objects', version, manifest) : relationships.objects
  backportField(object, data, 'objects', version, rules ?? [[version, '1.0']], manifest)
}

function fromManifest(object: VersionedObject, field: string, version: string, manifest: Manifest): Relationships | undefined {
  const wanted = manifest[object.objFields[field]!.type.child!.objectClass.objName]
  return wanted === undefined ? undefined : [[version, wanted]]
}

/** Give the objects in a field the version that goes with `version`, or remove the field if it was not there yet. */
function backportField(
  object: VersionedObject,
  data: Primitive,
  field: string,
  version: string,
  relationships: Relationships,
  manifest: Manifest | undefined,
): void {
  const target = parseVersion(version)
  const next = relationships.findIndex(([own]) => compareVersions(target, parseVersion(own)) <= 0)
  if (next === -1) return
  const isExact = compareVersions(target, parseVersion(relationships[next]![0])) === 0
  if (!isExact && next === 0) {
    delete data[field]
    return
  }
  const wanted = relationships[isExact ? next : next - 1]![1]
  const children = listed(object.objGet(field)) as readonly VersionedObject[]
  const primitives = listed(data[field]) as readonly Primitive[]
  children.forEach((child, at) => {
    backportObject(child, primitives[at]!, wanted, manifest)
  })
}

/** What a field with objects holds: none, one or many. */
function listed(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  return value === null || value === undefined ? [] : [value]
}

function backportObject(child: VersionedObject, primitive: Primitive, version: string, manifest: Manifest | undefined): void {
  const { keys } = child.objDefinition
  makeCompatible(child, primitive[keys.data] as Primitive, version, manifest)
  primitive[keys.version] = version
}
