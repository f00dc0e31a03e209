import { systemClock, systemRandom } from '@micronova/lifecycle'
import { type CallOptions, formatJson, type Json, type JsonObject, parseJson, type Serializer } from '@micronova/messaging'
import { adminContext, contextToDict } from '@micronova/model'
import {
  baseContract,
  computeContract,
  computeTaskContract,
  conductorContract,
  type RpcContract,
  schedulerContract,
} from '@micronova/rpcapi'
import { UsageError } from '../usage-error.js'
import type { Reached } from './reach.js'

export interface RpcOptions {
  readonly namespace?: string
  /** Default: what a Nova peer would send. */
  readonly version?: string
  readonly server?: string
  readonly fanout?: boolean
  readonly timeoutSeconds: number
}

/** Values stay as they were typed: objects are written in their wire form. */
const asTyped: Serializer<JsonObject> = {
  serializeEntity: (_ctx, value) => value as Json,
  deserializeEntity: (_ctx, value) => value,
  serializeContext: (ctx) => ctx,
  deserializeContext: (context) => context,
}

const contracts: readonly RpcContract[] = [computeContract, conductorContract, computeTaskContract, schedulerContract]

/**
 * One RPC, as an administrator.
 *
 * @returns the result of a call as indented JSON; the empty text for a cast
 */
export async function runRpc(
  reached: Reached,
  kind: 'call' | 'cast',
  topic: string,
  method: string,
  args: JsonObject,
  options: RpcOptions,
): Promise<string> {
  const context = contextToDict(adminContext({ clock: systemClock, random: systemRandom }))
  const target = targetOf(topic, method, options)
  const client = reached.transport.client(target, { serializer: asTyped }).prepare(target)
  if (kind === 'call') return `${indented(await client.call<Json>(context, method, args))}\n`
  await client.cast(context, method, args)
  return ''
}

/** `{"name": value}` from the command line. @throws UsageError */
export function readArguments(text: string | undefined): JsonObject {
  if (text === undefined) return {}
  let value: Json
  try {
    value = parseJson(text)
  } catch {
    throw new UsageError(`the arguments are not JSON: ${text}`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UsageError('the arguments must be a JSON object, as {"name": 1}')
  return value as JsonObject
}

function targetOf(topic: string, method: string, { namespace, version, server, fanout, timeoutSeconds }: RpcOptions): CallOptions {
  const contract = contractOf(topic, method, namespace)
  const space = namespace ?? contract?.namespace
  const form = version ?? contract?.methods[method]?.forms[0]?.version ?? contract?.version
  return {
    topic,
    timeoutSeconds,
    ...(space !== undefined && { namespace: space }),
    ...(form !== undefined && { version: form }),
    ...(server !== undefined && { server }),
    ...(fanout === true && { fanout }),
  }
}

/** The API that has the method: that of the namespace, or the only one of the topic that knows it. */
function contractOf(topic: string, method: string, namespace: string | undefined): RpcContract | undefined {
  const candidates = [...contracts, baseContract(topic)].filter((contract) => contract.topic === topic)
  if (namespace !== undefined) return candidates.find((contract) => contract.namespace === namespace)
  const wireName = (contract: RpcContract) => Object.hasOwn(contract.methods, method)
  return candidates.find(wireName) ?? candidates.find((contract) => contract.namespace === undefined)
}

/** JSON for reading. Not JSON.stringify's, which has no integers beyond 2^53. */
function indented(value: Json, margin = ''): string {
  if (typeof value !== 'object' || value === null) return formatJson(value)
  const inner = `${margin}  `
  const [open, close, lines] = isList(value)
    ? ['[', ']', value.map((item) => indented(item, inner))]
    : ['{', '}', Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${indented(item, inner)}`)]
  return lines.length === 0 ? `${open}${close}` : `${open}\n${lines.map((line) => inner + line).join(',\n')}\n${margin}${close}`
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
