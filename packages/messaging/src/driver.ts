import type { ConnectionReport } from './report.js'

/** Where a publication goes. */
export type Destination =
  | { readonly kind: 'topic'; readonly exchange: string; readonly routingKey: string }
  /** Every server of the topic. */
  | { readonly kind: 'fanout'; readonly topic: string }
  /** The default exchange: a reply queue by its name. */
  | { readonly kind: 'queue'; readonly queue: string }
  /** A topic whose queue is made first, so that nothing is lost while nobody consumes yet. */
  | { readonly kind: 'notification'; readonly exchange: string; readonly routingKey: string }

/** What a listener consumes. The queue of a topic is called as its routing key. */
export type Subscription =
  | { readonly kind: 'topic'; readonly exchange: string; readonly routingKey: string }
  | { readonly kind: 'fanout'; readonly topic: string; readonly queue: string }
  | { readonly kind: 'queue'; readonly queue: string }

export interface Publication {
  readonly destination: Destination
  readonly body: string
  /** Milliseconds after which the broker may drop it. */
  readonly expirationMs?: number
  /** Reject with MessageUndeliverable if no queue takes it. */
  readonly mandatory: boolean
  /** -1: as long as it takes; 0: one try; n: n further tries. */
  readonly retry: number
  /** Asked before each try: true once nobody wants it any more. It then resolves without having been sent. */
  readonly isCancelled?: () => boolean
}

/** A message taken off a queue. Settle it exactly once. */
export interface Delivery {
  /** Length of the body. */
  readonly bytes: number
  readonly redelivered: boolean
  body(): string
  /** False if the broker can no longer be told: it will deliver the message again. */
  acknowledge(): boolean
  /** Back to the queue. */
  requeue(): void
  /** Dropped, or dead-lettered where the operator has set that up. */
  reject(): void
}

export interface ListenOptions {
  /** Messages that may be unsettled at once, of each queue; 0: no limit. */
  readonly prefetch: number
  /**
   * Acknowledgements may be gathered over some milliseconds. For messages that do no harm when they come again:
   * an acknowledgement costs the broker about as much as a message.
   */
  readonly lazyAcknowledgements?: boolean
}

/** Consumes until it is closed, through every loss of the connection. */
export interface Listener {
  /** No further deliveries; those not settled yet can still be settled. Idempotent. */
  pause(): Promise<void>
  /** Fanout queues are deleted, what is not settled goes back to the others. Idempotent. */
  close(): Promise<void>
}

/** Moves texts; knows queues but no RPC. `rabbit` and `memory` behave alike: `test/contract` holds them to it. */
export interface Driver {
  /**
   * Resolves when the broker has the message.
   *
   * @throws MessageUndeliverable, MessageDeliveryFailure
   */
  publish(publication: Publication): Promise<void>
  /** Resolves when consuming. `signal` gives up the wait. */
  listen(
    subscriptions: readonly Subscription[],
    options: ListenOptions,
    onDelivery: (delivery: Delivery) => void,
    signal?: AbortSignal,
  ): Promise<Listener>
  /** As `Transport.stalledMs`. */
  stalledMs(): number
  connections(): readonly ConnectionReport[]
  /** Publications that wait for a connection, or for their confirm. */
  unsent(): number
  /** Publications that still wait are rejected with MessageDeliveryFailure. */
  stop(deadline: AbortSignal): Promise<void>
}
