import { PythonError } from '@micronova/messaging'
import type { RequestContext } from '@micronova/model'
import type { AnyObjectClass, ObjectOf, VersionedObject } from '@micronova/versionedobjects'
import type { MethodArguments } from './arguments.js'

/** What the conductor does for a remotable method. */
export type ObjectMethod =
  | { readonly kind: 'class'; run(ctx: RequestContext, args: MethodArguments): Promise<unknown> }
  | { readonly kind: 'instance'; run(ctx: RequestContext, object: VersionedObject, args: MethodArguments): Promise<unknown> }

/** By object and method: `Instance.save`. */
export type MethodTable = Readonly<Record<string, ObjectMethod>>

/** A method that is called on a class. */
export function onClass(run: (ctx: RequestContext, args: MethodArguments) => Promise<unknown>): ObjectMethod {
  return { kind: 'class', run }
}

/** A method that is called on an object; what it changes in the object goes back to the caller. */
export function onObject<C extends AnyObjectClass>(
  objectClass: C,
  run: (ctx: RequestContext, object: ObjectOf<C>, args: MethodArguments) => Promise<unknown>,
): ObjectMethod {
  return {
    kind: 'instance',
    run(ctx, object: VersionedObject, args) {
      if (object.objName !== objectClass.objName) throw new PythonError('TypeError', `${object.objName} is no ${objectClass.objName}`)
      return run(ctx, object as ObjectOf<C>, args)
    },
  }
}
