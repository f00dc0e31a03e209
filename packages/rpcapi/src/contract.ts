import type { NovaErrorKind } from '@micronova/model'

/**
 * What a service offers over RPC, seen from its callers: data from which the client stubs and their types follow.
 *
 * Names in a contract are wire names (`clean_shutdown`); a stub has the same names in camel case (`cleanShutdown`).
 */
export interface RpcContract<M extends Readonly<Record<string, MethodContract>> = Readonly<Record<string, MethodContract>>> {
  readonly topic: string
  readonly namespace?: string
  /** Sent where a form names none; upstream's client target. */
  readonly version: string
  /** Release names that `[upgrade_levels]` may hold in place of a version. */
  readonly aliases: Readonly<Record<string, string>>
  readonly methods: M
}

/** Whom a message goes to. */
export type ServerRule =
  /** One of the servers of the topic. */
  | 'any'
  /** Each of them. */
  | 'fanout'
  /** The server named by the stub's argument `host`, which is not sent. */
  | 'host'
  /** `instance.host`. */
  | 'instance'
  /** `host` where the caller gives one, else `instance.host` (of `instances`: the first). */
  | 'host_or_instance'
  /** `migration.source_compute`. */
  | 'migration_source'
  /** `migration.dest_compute`. */
  | 'migration_dest'

/** How a method is sent to a peer that knows at most `version`. */
export interface MethodForm {
  readonly version: string
  /** Arguments that this form does not have. */
  readonly omit?: readonly string[]
  /** Arguments that have another name here. */
  readonly rename?: Readonly<Record<string, string>>
  /** Arguments whose value cannot get lost: if one is set, the call is refused with this error of Nova. */
  readonly refuse?: { readonly arguments: readonly string[]; readonly kind: NovaErrorKind; readonly message?: string }
  /**
   * Arguments that this form has as dicts of the time before versioned objects. Such a form is known and never sent:
   * no service of a release that can work with this one takes it.
   */
  readonly legacyArguments?: readonly string[]
}

/** An argument of a stub. `T` is the type of its value, `R` whether it must be given. */
export interface Argument<T = unknown, R extends boolean = boolean> {
  readonly required: R
  readonly default?: T
}

export interface MethodContract<
  A extends Readonly<Record<string, Argument>> = Readonly<Record<string, Argument>>,
  S extends ServerRule = ServerRule,
  Result = unknown,
> {
  readonly kind: 'call' | 'cast'
  readonly server: S
  /** In the order in which they are sent. */
  readonly args: A
  /** Newest first. The first that the version cap allows is sent; if none is, the last one, which the client then refuses. */
  readonly forms: readonly MethodForm[]
  /** Waits `long_rpc_timeout`, and the server shows that it is alive meanwhile. */
  readonly long?: true
  /** A boolean argument that is not sent: true for a cast, false for a call. */
  readonly castFlag?: { readonly name: string; readonly default: boolean }
  /** Error of Nova in place of the client's, if no form is allowed. */
  readonly tooOld?: { readonly kind: NovaErrorKind; readonly message?: string; readonly kwargs?: Readonly<Record<string, string>> }
  /** Carries the type of the result; never set. */
  readonly result?: Result
}

/** An argument that must be given. */
export function arg<T>(): Argument<T, true> {
  return { required: true }
}

/** An argument that may be left out; `value` is sent then. */
export function optional<T>(value: T): Argument<T, false> {
  return { required: false, default: value }
}

/** What a method answers. */
export function returns<T>(): { readonly result?: T } {
  return {}
}

type MethodExtras = Pick<MethodContract, 'forms' | 'long' | 'castFlag' | 'tooOld'>

/** A method whose caller waits for the result. */
export function call<S extends ServerRule, A extends Readonly<Record<string, Argument>>, Result, const E extends MethodExtras>(
  server: S,
  args: A,
  { result }: { readonly result?: Result },
  extras: E,
): MethodContract<A, S, Result> & { readonly kind: 'call' } & E {
  return { kind: 'call', server, args, result, ...extras }
}

/** A method that answers nothing and whose caller does not wait. */
export function cast<S extends ServerRule, A extends Readonly<Record<string, Argument>>, const E extends MethodExtras>(
  server: S,
  args: A,
  extras: E,
): MethodContract<A, S, void> & { readonly kind: 'cast' } & E {
  return { kind: 'cast', server, args, ...extras }
}

/** `stop_instance` as a type: `stopInstance`. */
export type CamelCase<S extends string> = S extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<CamelCase<Tail>>}` : S

/** `stop_instance` -> `stopInstance`. */
export function camelCase(wireName: string): string {
  return wireName.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

/** A stub's arguments: those of the contract, and `host` where the rule asks for it. */
export type StubArguments<M> =
  M extends MethodContract<infer A, infer S>
    ? { readonly [K in keyof A & string as A[K]['required'] extends true ? CamelCase<K> : never]: ValueOf<A[K]> } & {
        readonly [K in keyof A & string as A[K]['required'] extends true ? never : CamelCase<K>]?: ValueOf<A[K]>
      } & HostOf<S> &
        CastFlagOf<M>
    : never

type ValueOf<A> = A extends Argument<infer T> ? T : never
type HostOf<S> = S extends 'host' ? { readonly host: string } : S extends 'host_or_instance' ? { readonly host?: string | null } : unknown
type CastFlagOf<M> = M extends { readonly castFlag: { readonly name: infer N extends string } }
  ? { readonly [K in N as CamelCase<K>]?: boolean }
  : unknown
