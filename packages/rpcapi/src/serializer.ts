import type { Json, JsonObject, Serializer } from '@micronova/messaging'
import { contextFromDict, contextToDict, type RequestContext } from '@micronova/model'
import { type ObjectRegistry, VersionedObject, VersionedObjectError } from '@micronova/versionedobjects'
import type { VersionManifest } from './contracts/conductor.js'

/** Asks for an object at the versions of `manifest`: `ConductorApi.objectBackportVersions`. */
export type Backport = (ctx: RequestContext, primitive: JsonObject, manifest: VersionManifest) => Promise<unknown>

export interface NovaSerializerDeps {
  readonly registry: ObjectRegistry
  /** Absent in the conductor, where an object that is too new is an error. */
  readonly backport?: Backport
}

/**
 * The serializer of Nova's services: versioned objects, also inside lists and dicts, become primitives and come back as objects.
 * The promise that deserializing may answer is there only if an object is newer than ours: the conductor is asked for an older form.
 *
 * @see nova 26.2.2, `objects/base.py`, `NovaObjectSerializer`; `rpc.py`, `RequestContextSerializer`
 */
export function createNovaSerializer({ registry, backport }: NovaSerializerDeps): Serializer<RequestContext> {
  const hydrate = (ctx: RequestContext, primitive: JsonObject): unknown => {
    try {
      return registry.fromPrimitive(primitive)
    } catch (err) {
      if (!(err instanceof VersionedObjectError) || err.kind !== 'IncompatibleObjectVersion') throw err
      if (backport === undefined) throw err
      return backport(ctx, primitive, registry.treeVersions(String(primitive['nova_object.name'])))
    }
  }
  const deserialize = (ctx: RequestContext, value: Json): unknown => {
    if (typeof value !== 'object' || value === null) return value
    if (isList(value)) return gathered(value.map((item) => deserialize(ctx, item)))
    if ('nova_object.name' in value) return hydrate(ctx, value)
    return deserializeDict(ctx, value)
  }
  const deserializeDict = (ctx: RequestContext, dict: JsonObject): unknown => {
    const keys = Object.keys(dict)
    const values = gathered(keys.map((key) => deserialize(ctx, dict[key]!)))
    return values instanceof Promise ? values.then((list) => zip(keys, list)) : zip(keys, values)
  }
  return {
    serializeEntity: (_ctx, value) => serialize(value),
    deserializeEntity: deserialize,
    serializeContext: contextToDict,
    deserializeContext: contextFromDict,
  }
}

/** For methods whose values are plain, such as `baseapi`: the context as Nova has it, values as they are. */
export const contextOnlySerializer: Serializer<RequestContext> = {
  serializeEntity: (_ctx, value) => value as Json,
  deserializeEntity: (_ctx, value) => value,
  serializeContext: contextToDict,
  deserializeContext: contextFromDict,
}

function serialize(value: unknown): Json {
  if (typeof value !== 'object' || value === null) return (value ?? null) as Json
  if (value instanceof VersionedObject) return value.objToPrimitive()
  if (Array.isArray(value)) return value.map(serialize)
  if (value instanceof Set) return Array.from(value, serialize)
  if (value instanceof Date) return pythonTime(value)
  return zip(Object.keys(value), Object.values(value).map(serialize))
}

/** `strtime` of nova's utils: UTC without a zone, six digits of a second. */
function pythonTime(at: Date): string {
  return `${at.toISOString().slice(0, -1)}000`
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

/** The values themselves, or a promise of them if one is a promise: the common case has no promise. */
function gathered(values: readonly unknown[]): readonly unknown[] | Promise<unknown[]> {
  return values.some((value) => value instanceof Promise) ? Promise.all(values) : values
}

function zip<T>(keys: readonly string[], values: readonly T[]): Record<string, T> {
  return Object.fromEntries(keys.map((key, index) => [key, values[index]!]))
}
