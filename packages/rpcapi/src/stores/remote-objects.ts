import type { RequestContext } from '@micronova/model'
import type { AnyObjectClass, ObjectRegistry, VersionedObject } from '@micronova/versionedobjects'
import type { ConductorApi } from '../apis.js'

type Kwargs = Readonly<Record<string, unknown>>

/**
 * Calls methods of versioned objects in the conductor, as upstream's `remotable` does where an indirection API is set.
 *
 * @see oslo.versionedobjects 3.0.1, `base.py`, `remotable` and `remotable_classmethod`
 */
export class RemoteObjects {
  readonly #conductor: ConductorApi
  readonly #registry: ObjectRegistry

  constructor(conductor: ConductorApi, registry: ObjectRegistry) {
    this.#conductor = conductor
    this.#registry = registry
  }

  /** A method of a class. `T` is what this method answers; the caller knows. */
  async classMethod<T>(
    ctx: RequestContext,
    objectClass: AnyObjectClass,
    method: string,
    args: readonly unknown[],
    kwargs: Kwargs = {},
  ): Promise<T> {
    const result = await this.#conductor.objectClassActionVersions(ctx, {
      objname: objectClass.objName,
      objmethod: method,
      objectVersions: this.#registry.treeVersions(objectClass.objName),
      args,
      kwargs,
    })
    return result as T
  }

  /**
   * A method of an object. What it changed is put into `object`, whose changes are then those that the conductor says are left.
   * If it fails, `object` stays as it was.
   */
  async method<T = void>(
    ctx: RequestContext,
    object: VersionedObject,
    method: string,
    args: readonly unknown[] = [],
    kwargs: Kwargs = {},
  ): Promise<T> {
    const [updates, result] = await this.#conductor.objectAction(ctx, { objinst: object, objmethod: method, args, kwargs })
    applyUpdates(object, updates)
    return result as T
  }
}

/** A time among the arguments of a method: `2026-11-01T00:00:00Z`. @see oslo.versionedobjects 3.0.1, `fixture.py`, `serialize_args` */
export function wholeSeconds(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`
}

/** Keys that are no field are left out: a newer conductor may send them. */
function applyUpdates(object: VersionedObject, { obj_what_changed: changed, ...updates }: Kwargs): void {
  const known = Object.entries(updates).filter(([name]) => name in object.objFields)
  object.objSetStored(Object.fromEntries(known))
  object.objResetChanges()
  for (const name of changed as readonly string[]) object.objChanged.add(name)
}
