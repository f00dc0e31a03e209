import type { Lifecycle } from '@micronova/lifecycle'
import type { Json } from './json.js'
import type { RequestInHand, TransportReport } from './report.js'
import type { ErrorCatalogue, Serializer } from './serializer.js'
import type { Target } from './target.js'

/** A parameter of a remote method, in the order of the Python signature. */
export interface Parameter {
  /** Wire name. */
  readonly name: string
  /** Given: the argument may be left out and then has this value. */
  readonly default?: Json
}

/** A method that a peer may call. */
export interface RemoteMethod<C> {
  /** Arguments that are missing or unknown are answered as Python answers them: with a `TypeError`. */
  readonly parameters: readonly Parameter[]
  /** True for a failure that the caller expects: it is answered as it is and logged at DEBUG only. */
  readonly isExpected?: (err: unknown) => boolean
  /** `args` holds every declared parameter, deserialized. `signal` aborts when the server's stop has run out of patience. */
  run(ctx: C, args: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<unknown>
}

/** An object with remote methods. */
export interface Endpoint<C> {
  readonly target: Pick<Target, 'namespace' | 'version'>
  /** By wire name. */
  readonly methods: Readonly<Record<string, RemoteMethod<C>>>
}

/** A request that has arrived and is not acknowledged yet. */
export interface ReceivedWork {
  readonly method: string
  readonly namespace: string | null
  readonly version: string
  readonly uniqueId: string
  /** A peer waits for the result. */
  readonly isCall: boolean
  /** The inner message (`oslo.message`), as it came. */
  readonly text: string
}

/**
 * Asked before a request is acknowledged. The acknowledgement waits for the promise; if it rejects, the message
 * is not acknowledged and goes back to the queue. `null`: nothing was written, acknowledge at once.
 */
export interface WorkJournal {
  accept(work: ReceivedWork): Promise<{ finished(): void } | null> | null
}

export interface RpcServerOptions<C> {
  readonly serializer: Serializer<C>
  readonly journal?: WorkJournal
  /**
   * What an earlier process accepted and did not finish: the texts of its journal. The broker may never have got their
   * acknowledgements and deliver them again; then they are acknowledged and not run. `replay` is for running them.
   */
  readonly acceptedBefore?: readonly string[]
  /** Requests worked on at once; further ones wait in the broker. Default `executor_thread_pool_size`, 64. */
  readonly maxInHand?: number
}

/** Consumes `<topic>`, `<topic>.<server>` and the fanout of the topic, and dispatches to its endpoints. */
export interface RpcServer extends Lifecycle {
  /** Requests being worked on now, oldest first. */
  readonly inHand: readonly RequestInHand[]
  /** Run a request that did not come off a queue just now: an entry of the journal. Nothing is replied. Resolves when it has run, whatever came of it. */
  replay(text: string): Promise<void>
}

export interface RpcClientOptions<C> {
  readonly serializer: Serializer<C>
  /** Highest version that may be sent, from `[upgrade_levels]`. */
  readonly versionCap?: string
}

/** What `prepare` may change for one call. */
export interface CallOptions extends Target {
  /** Seconds to wait for the reply; default `rpc_response_timeout`. */
  readonly timeoutSeconds?: number
  /** Given: the server sends heartbeats while it works, and silence of this many seconds ends the call. */
  readonly callMonitorTimeoutSeconds?: number
  /** Reject a message that no queue takes, with `MessageUndeliverable`. */
  readonly atLeastOnce?: boolean
}

export interface RpcClient<C> {
  /** A client with the same options and another target. Cheap: make one for each call. */
  prepare(options: CallOptions): RpcClient<C>
  canSendVersion(version?: string): boolean
  /**
   * Send a request and wait for its result.
   *
   * @throws RpcVersionCapError, MessagingTimeout, MessageDeliveryFailure, RemoteError, or the error that the catalogue rebuilds
   */
  call<R = unknown>(ctx: C, method: string, args: Readonly<Record<string, unknown>>, signal?: AbortSignal): Promise<R>
  /** Send a request; resolves when the broker has it. */
  cast(ctx: C, method: string, args: Readonly<Record<string, unknown>>): Promise<void>
}

/** `AUDIT` ... as oslo.messaging's Notifier has methods. */
export type NotificationPriority = 'audit' | 'debug' | 'info' | 'warn' | 'error' | 'critical' | 'sample'

export interface Notifier<C> {
  /** Never rejects: a notification that cannot be sent is logged. */
  notify(ctx: C, priority: NotificationPriority, eventType: string, payload: unknown): Promise<void>
}

export interface NotifierOptions<C> {
  readonly serializer: Serializer<C>
  readonly publisherId: string
  readonly topics: readonly string[]
  /** `messaging` (v1, bare body), `messagingv2` (enveloped), `log`, `noop`; several at once. */
  readonly drivers: readonly ('messaging' | 'messagingv2' | 'log' | 'noop')[]
  /** -1: for ever; 0: not at all; n: n tries. */
  readonly retry?: number
}

/** One way to the peers: a broker (`rabbit://`) or this process (`memory://`). Connects at the first use. */
export interface Transport {
  client<C>(target: Target, options: RpcClientOptions<C>): RpcClient<C>
  server<C>(
    target: Target & { readonly topic: string; readonly server: string },
    endpoints: readonly Endpoint<C>[],
    options: RpcServerOptions<C>,
  ): RpcServer
  notifier<C>(options: NotifierOptions<C>): Notifier<C>
  /**
   * Milliseconds for which one of its connections has been neither there nor tried; the longest of them, 0 if all is well. A broker that
   * is away is tried over and over, and so does not count.
   */
  stalledMs(): number
  report(): TransportReport
  /** Closes the connections. Servers are stopped by who made them, before. */
  stop(deadline: AbortSignal): Promise<void>
}

export type { ErrorCatalogue }
