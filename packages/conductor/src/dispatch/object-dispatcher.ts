import type { Logger } from '@micronova/log'
import { PythonError } from '@micronova/messaging'
import type { RequestContext } from '@micronova/model'
import type { VersionManifest } from '@micronova/rpcapi'
import {
  type AnyObjectClass,
  compareVersions,
  type JsonObject,
  type ObjectRegistry,
  parseVersion,
  type RemotableMethod,
  VersionedObject,
} from '@micronova/versionedobjects'
import { bindArguments, type MethodArguments } from './arguments.js'
import type { MethodTable, ObjectMethod } from './method-table.js'
import { snapshotOf, updatesSince } from './object-updates.js'

type Kwargs = Readonly<Record<string, unknown>>

export interface ObjectDispatcherDeps {
  readonly registry: ObjectRegistry
  readonly methods: MethodTable
  readonly log: Logger
}

/**
 * Finds and runs methods of versioned objects.
 *
 * A name that no object has is answered with Python's `AttributeError`; a method that exists in Nova and not here with
 * `NotImplementedError`, and a line in the log.
 */
export class ObjectDispatcher {
  readonly #deps: ObjectDispatcherDeps

  constructor(deps: ObjectDispatcherDeps) {
    this.#deps = deps
  }

  /** @returns what the method answers, an object at the version that the caller's `manifest` names */
  async classAction(
    ctx: RequestContext,
    objectName: string,
    methodName: string,
    manifest: VersionManifest,
    args: readonly unknown[],
    kwargs: Kwargs,
  ): Promise<unknown> {
    const version = manifest[objectName]
    if (version === undefined) throw new PythonError('KeyError', objectName)
    const objectClass = this.#deps.registry.classFor(objectName, version)
    const declared = declaredMethod(objectClass, methodName)
    if (declared === undefined) throw new PythonError('AttributeError', `type object '${objectName}' has no attribute '${methodName}'`)
    const method = this.#find(objectClass, methodName, 'class')
    const result = await method.run(ctx, bind(objectClass, methodName, declared, args, kwargs))
    return result instanceof VersionedObject ? forCaller(result, version, manifest) : (result ?? null)
  }

  /** @returns what the method changed in `object`, and what it answers */
  async objectAction(
    ctx: RequestContext,
    object: VersionedObject,
    methodName: string,
    args: readonly unknown[],
    kwargs: Kwargs,
  ): Promise<readonly [updates: Kwargs, result: unknown]> {
    const { objName } = object
    const objectClass = this.#deps.registry.classFor(objName, object.objVersion)
    const declared = declaredMethod(objectClass, methodName)
    if (declared === undefined) throw new PythonError('AttributeError', `'${objName}' object has no attribute '${methodName}'`)
    const method = this.#find(objectClass, methodName, 'instance')
    const bound = bind(objectClass, methodName, declared, args, kwargs)
    const before = snapshotOf(object)
    const result = await method.run(ctx, object, bound)
    return [updatesSince(object, before), result ?? null]
  }

  #find<K extends ObjectMethod['kind']>(objectClass: AnyObjectClass, methodName: string, kind: K): Extract<ObjectMethod, { kind: K }> {
    const name = `${objectClass.objName}.${methodName}`
    const method = this.#deps.methods[name]
    if (method?.kind === kind) return method as Extract<ObjectMethod, { kind: K }>
    this.#deps.log.warning(`A peer called ${name}, which this conductor does not implement`)
    throw new PythonError('NotImplementedError', `${name} is not implemented by this conductor`)
  }
}

function declaredMethod(objectClass: AnyObjectClass, methodName: string): RemotableMethod | undefined {
  const { remotable = {} } = objectClass.objDefinition
  return Object.hasOwn(remotable, methodName) ? remotable[methodName] : undefined
}

function bind(
  objectClass: AnyObjectClass,
  methodName: string,
  method: RemotableMethod,
  args: readonly unknown[],
  kwargs: Kwargs,
): MethodArguments {
  return bindArguments(`${objectClass.objName}.${methodName}`, method, args, kwargs)
}

/** The object itself, or its older form where the caller knows an older version or another major one. */
function forCaller(object: VersionedObject, version: string, manifest: VersionManifest): VersionedObject | JsonObject {
  const wanted = parseVersion(version)
  const actual = parseVersion(object.objVersion)
  const isOlder = compareVersions(wanted, actual) < 0
  return isOlder || wanted[0] !== actual[0] ? object.objToPrimitive({ version, manifest }) : object
}
