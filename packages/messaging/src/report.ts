/** A request that a server works on. */
export interface RequestInHand {
  readonly method: string
  readonly requestId: string | null
  /** Wall time, milliseconds since 1970, as all times in here. */
  readonly sinceMs: number
}

export interface ConnectionReport {
  readonly purpose: 'listen' | 'send'
  /** `host:port` of the broker that it is connected to, or tries next; `memory` within a process. */
  readonly address: string
  readonly state: 'unused' | 'connecting' | 'up' | 'closed'
  /** When it came into that state; null before its first use. */
  readonly sinceMs: number | null
  /** How often it was up again after a loss. */
  readonly reconnects: number
  /** The broker takes nothing from us for the moment, for want of memory or disk space. */
  readonly isBlocked: boolean
  /** Those it consumes. */
  readonly queues: readonly string[]
}

export interface RpcServerReport {
  readonly topic: string
  readonly server: string
  readonly state: string
  /** Oldest first. */
  readonly inHand: readonly RequestInHand[]
  /** Requests that have come and wait for a free hand, unacknowledged. */
  readonly waiting: number
}

/** A call that waits for its reply. */
export interface OutstandingCall {
  /** Routing key: `conductor`, `compute.host1`. */
  readonly to: string
  readonly method: string
  /** Of the request on whose behalf it was made. */
  readonly requestId: string | null
  readonly sinceMs: number
}

/** What a transport is doing. */
export interface TransportReport {
  readonly connections: readonly ConnectionReport[]
  /** Those that have not been stopped. */
  readonly servers: readonly RpcServerReport[]
  /** Oldest first. */
  readonly calls: readonly OutstandingCall[]
  /** Publications that wait for a connection, or for their confirm. */
  readonly unsent: number
}

/** A request that a server has worked on. */
export interface HandledRequest {
  readonly topic: string
  readonly namespace: string | null
  /** Null for one that no endpoint has: what a peer may make up is no name to count by. */
  readonly method: string | null
  readonly durationMs: number
  readonly outcome: 'done' | 'failed'
}

/** A call that has ended. */
export interface EndedCall {
  /** Without the name of the server. */
  readonly topic: string
  readonly method: string
  readonly durationMs: number
  readonly outcome: 'done' | 'failed' | 'timeout'
}

/** Told of what goes over a transport, within the turn in which it happens: it returns at once and does not throw. */
export interface RpcObserver {
  handled(request: HandledRequest): void
  called(call: EndedCall): void
}
