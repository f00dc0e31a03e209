import type { Stores } from '@micronova/model'
import { VersionedObject } from '@micronova/versionedobjects'

/** A call of a store, as it would go to the conductor: the object with its changes, or plain arguments. */
export interface StoreCall {
  /** `instances.save`. */
  readonly method: string
  /** What was changed in the object that is saved, created or destroyed; `{}` for other calls. */
  readonly changes: Readonly<Record<string, unknown>>
  /** The other arguments, without the context. */
  readonly args: readonly unknown[]
}

/** `stores`, with each call written down in `calls` before it is made. `fail` may make one reject, or wait, instead. */
export function recordingStores(stores: Stores, calls: StoreCall[], fail: (call: StoreCall) => unknown = () => undefined): Stores {
  return new Proxy(stores, {
    get: (all, name) => recordingStore(Reflect.get(all, name), String(name), calls, fail),
  })
}

function recordingStore(store: unknown, storeName: string, calls: StoreCall[], fail: (call: StoreCall) => unknown): unknown {
  if (typeof store !== 'object' || store === null) return store
  return new Proxy(store, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name)
      if (typeof method !== 'function') return method
      return async (ctx: unknown, ...args: unknown[]) => {
        const call = { method: `${storeName}.${String(name)}`, ...changesOf(args) }
        calls.push(call)
        const failure = await fail(call)
        if (failure !== undefined) throw failure
        return method.call(target, ctx, ...args)
      }
    },
  })
}

function changesOf([first, ...rest]: readonly unknown[]): Omit<StoreCall, 'method'> {
  if (!(first instanceof VersionedObject)) return { changes: {}, args: [first, ...rest] }
  return { changes: plain(first), args: rest }
}

/** The changed fields of an object in wire form, but only those that were changed themselves. */
function plain(object: VersionedObject): Readonly<Record<string, unknown>> {
  const { 'nova_object.data': data, 'nova_object.changes': changes = [] } = object.objToPrimitive() as {
    'nova_object.data': Readonly<Record<string, unknown>>
    'nova_object.changes'?: readonly string[]
  }
  return Object.fromEntries([...changes].sort().map((name) => [name, data[name]]))
}
