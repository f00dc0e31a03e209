import { NoSuchMethod, UnsupportedVersion } from '../errors.js'
import type { Json } from '../json.js'
import type { RequestMessage } from '../message.js'
import type { Serializer } from '../serializer.js'
import type { Endpoint, RemoteMethod } from '../transport.js'
import { isVersionCompatible } from '../version.js'
import { checkArguments } from './bind-arguments.js'

const defaultVersion = '1.0'

/**
 * Find the method that a request names: of the first endpoint with its namespace and a compatible version that has it.
 *
 * @throws NoSuchMethod if compatible endpoints lack the method, or it is private (`_name`)
 * @throws UnsupportedVersion if no endpoint is compatible
 * @see oslo.messaging 14.0.3, `rpc/dispatcher.py`, `dispatch`
 */
export function findMethod<C>(endpoints: readonly Endpoint<C>[], request: RequestMessage): RemoteMethod<C> {
  const version = request.version ?? defaultVersion
  const method = request.method ?? 'None'
  let isCompatible = false
  for (const { target, methods } of endpoints) {
    if ((target.namespace ?? null) !== request.namespace) continue
    if (!isVersionCompatible(target.version ?? defaultVersion, version)) continue
    isCompatible = true
    const found = Object.hasOwn(methods, method) ? methods[method] : undefined
    if (found !== undefined && !method.startsWith('_')) return found
  }
  throw isCompatible ? new NoSuchMethod(method) : new UnsupportedVersion(version, method)
}

/** Run `method` for a request and return its serialised result. */
export async function runMethod<C>(
  method: RemoteMethod<C>,
  request: RequestMessage,
  serializer: Serializer<C>,
  signal: AbortSignal,
): Promise<Json> {
  const ctx = serializer.deserializeContext(request.context)
  const args: Record<string, unknown> = {}
  for (const name in request.args) {
    const value = serializer.deserializeEntity(ctx, request.args[name] as Json)
    args[name] = value instanceof Promise ? await value : value
  }
  checkArguments(request.method ?? 'None', method.parameters, request.args)
  for (const { name, default: value } of method.parameters) if (!Object.hasOwn(args, name)) args[name] = value
  return serializer.serializeEntity(ctx, (await method.run(ctx, args, signal)) ?? null)
}
