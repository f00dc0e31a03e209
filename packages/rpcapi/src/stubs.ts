import type { CallOptions, RpcClient } from '@micronova/messaging'
import type { RequestContext } from '@micronova/model'
import { type CamelCase, camelCase, type MethodContract, type MethodForm, type RpcContract, type StubArguments } from './contract.js'
import { legacyForm, noHost, refused } from './errors.js'

/** What one call may have of its own. */
export interface StubCallOptions {
  /** Seconds to wait for the result, instead of the contract's. */
  readonly timeoutSeconds?: number
  /** Gives up the waiting; the server may still do the work. */
  readonly signal?: AbortSignal
}

/** A typed function for each method of a contract. A call resolves with the result, a cast when the broker has the message. */
export type Stubs<C extends RpcContract> = {
  readonly [K in keyof C['methods'] & string as CamelCase<K>]: (
    ctx: RequestContext,
    args: StubArguments<C['methods'][K]>,
    options?: StubCallOptions,
  ) => Promise<ResultOf<C['methods'][K]>>
}

type ResultOf<M> = M extends { readonly result?: infer R } ? R : never

/** Seconds; Nova's options of these names. */
export interface StubTimeouts {
  /** `rpc_response_timeout`, default 60: an ordinary call, and the longest silence in a long one. */
  readonly responseSeconds?: number
  /** `long_rpc_timeout`, default 1800: methods that the contract marks as long. */
  readonly longSeconds?: number
}

export interface StubOptions extends StubTimeouts {
  /** Asked at each call that has no signal of its own: what gives up the waiting. */
  readonly signal?: () => AbortSignal | undefined
}

/** Silence that ends a call to a peer that sends heartbeats, where ordinary calls may take longer than this. */
const HEARTBEAT_THRESHOLD_SECONDS = 60

type WireArguments = Readonly<Record<string, unknown>>

/** A client, or who finds one for each message: where the version cap is looked up. */
export type ClientSource = RpcClient<RequestContext> | ((ctx: RequestContext) => Promise<RpcClient<RequestContext>>)

/**
 * The stubs of `contract` over `source`, whose client has the contract's target.
 *
 * A stub rejects with the errors of `RpcClient.call`; with a NovaError as upstream raises where a peer is too old for a method or
 * an argument, or a host is missing; with RpcapiError `legacy_form` where the version cap leaves only a form that is not spoken.
 */
export function createStubs<C extends RpcContract>(contract: C, source: ClientSource, stubOptions: StubOptions = {}): Stubs<C> {
  const stubs = Object.entries(contract.methods).map(([name, method]) => [
    camelCase(name),
    (ctx: RequestContext, args: WireArguments, options: StubCallOptions = {}) =>
      invoke(source, name, method, stubOptions, ctx, args, options),
  ])
  return Object.fromEntries(stubs) as Stubs<C>
}

async function invoke(
  source: ClientSource,
  name: string,
  method: MethodContract,
  stubOptions: StubOptions,
  ctx: RequestContext,
  args: WireArguments,
  options: StubCallOptions,
): Promise<unknown> {
  const client = typeof source === 'function' ? await source(ctx) : source
  const form = chooseForm(method, (version) => client.canSendVersion(version))
  if (form === undefined) throw refused(method.tooOld ?? { kind: 'NovaException' })
  if (form.legacyArguments) throw legacyForm(name, form.version)
  const message = wireArguments(method, form, args)
  const prepared = client.prepare({
    ...destination(method, args),
    ...patience(method, stubOptions),
    version: form.version,
    ...(options.timeoutSeconds === undefined ? {} : { timeoutSeconds: options.timeoutSeconds }),
  })
  return isCast(method, args)
    ? prepared.cast(ctx, name, message)
    : prepared.call(ctx, name, message, options.signal ?? stubOptions.signal?.())
}

/**
 * The newest form that `canSend` allows. If none is: the oldest, whose sending the client then refuses, unless the contract
 * names an error of its own, then `undefined`.
 */
export function chooseForm(method: MethodContract, canSend: (version: string) => boolean): MethodForm | undefined {
  const allowed = method.forms.find((form) => canSend(form.version))
  if (allowed) return allowed
  return method.tooOld ? undefined : method.forms.at(-1)
}

/** The arguments of a stub under their wire names, in the order of the contract. */
function wireArguments(method: MethodContract, form: MethodForm, args: WireArguments): WireArguments {
  const { refuse, omit, rename } = form
  if (refuse?.arguments.some((name) => isGiven(args[camelCase(name)]))) throw refused(refuse)
  const sent = Object.entries(method.args).filter(([name]) => !omit?.includes(name))
  return Object.fromEntries(
    sent.map(([name, argument]) => {
      const value = args[camelCase(name)]
      return [rename?.[name] ?? name, value === undefined ? argument.default : value]
    }),
  )
}

/** As Python judges a value to be true: an empty list is not given. */
function isGiven(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value)
}

function isCast(method: MethodContract, args: WireArguments): boolean {
  if (!method.castFlag) return method.kind === 'cast'
  return Boolean(args[camelCase(method.castFlag.name)] ?? method.castFlag.default)
}

function patience(method: MethodContract, { responseSeconds = 60, longSeconds = 1800 }: StubTimeouts): CallOptions {
  if (method.long) return { timeoutSeconds: longSeconds, callMonitorTimeoutSeconds: responseSeconds }
  if (responseSeconds > HEARTBEAT_THRESHOLD_SECONDS) return { callMonitorTimeoutSeconds: HEARTBEAT_THRESHOLD_SECONDS }
  return {}
}

/** What a server rule reads of an Instance or a Migration. */
interface Placed {
  readonly uuid: string
  readonly host?: string | null
  readonly source_compute?: string | null
  readonly dest_compute?: string | null
}

function destination(method: MethodContract, args: WireArguments): CallOptions {
  const host = args.host as string | null | undefined
  const instance = (args.instance ?? (args.instances as readonly Placed[] | undefined)?.[0]) as Placed | null | undefined
  const migration = args.migration as Placed | undefined
  switch (method.server) {
    case 'any':
      return {}
    case 'fanout':
      return { fanout: true }
    case 'host':
      return { server: hostOf(host, null) }
    case 'instance':
      return { server: hostOf(null, instance) }
    case 'host_or_instance':
      return { server: hostOf(host, instance) }
    case 'migration_source':
      return { server: hostOf(migration?.source_compute, instance) }
    case 'migration_dest':
      return { server: hostOf(migration?.dest_compute, instance) }
  }
}

function hostOf(host: string | null | undefined, instance: Placed | null | undefined): string {
  const server = host || instance?.host
  if (!server) throw noHost(instance?.uuid)
  return server
}
