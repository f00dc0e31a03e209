import type { Clock, Timer } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import { type Instance, novaError } from '@micronova/model'
import { InstanceEventTimeout } from '../errors.js'

/** Something that another service will tell about an instance. `tag` says about which part: a port, a volume. */
export interface ExpectedEvent {
  /** `network-vif-plugged` ... */
  readonly name: string
  readonly tag: string | null
}

/** Something that was told. */
export interface ReceivedEvent extends ExpectedEvent {
  /** `completed`, `failed`, `in-progress`. */
  readonly status: string
}

export interface EventWaitOptions {
  /** Counted from the end of the body. */
  readonly timeoutSeconds: number
  /**
   * An event came that says something else than `completed`, or none can come any more: go on with the others, or stop waiting.
   * Default: NovaException, `Instance event failed`.
   */
  onFailure?(key: string): 'continue' | 'stop'
}

export interface InstanceEventsDeps {
  readonly clock: Clock
  readonly log: Logger
}

/** Those who wait for one event. */
interface Pending {
  readonly expected: ExpectedEvent
  readonly waiters: Set<(event: ReceivedEvent) => void>
}

/** How an event is named in logs. @see nova 26.2.2, `objects/external_event.py`, `make_key` */
export function eventKey({ name, tag }: ExpectedEvent): string {
  return tag === null ? name : `${name}-${tag}`
}

/**
 * The events that operations wait for. An event counts from the moment it is expected, so that one which comes before the waiting
 * begins is not lost; one that nobody expects is dropped.
 *
 * @see nova 26.2.2, `compute/manager.py`, `InstanceEvents` and `ComputeVirtAPI.wait_for_instance_event`
 */
export class InstanceEvents {
  readonly #clock: Clock
  readonly #log: Logger
  /** By instance uuid, then by key. */
  readonly #pending = new Map<string, Map<string, Pending>>()
  #isClosed = false

  constructor({ clock, log }: InstanceEventsDeps) {
    this.#clock = clock
    this.#log = log
  }

  /** Instances about which something is expected. */
  get size(): number {
    return this.#pending.size
  }

  /** What is expected about an instance, and has not come. */
  expected(instanceUuid: string): readonly string[] {
    return [...(this.#pending.get(instanceUuid)?.keys() ?? [])]
  }

  /**
   * Run `body`, which will make others send `expected`, then wait until all have come. Nothing is expected any more when this ends.
   *
   * @returns what `body` returned
   * @throws InstanceEventTimeout; what `body` or `onFailure` throws
   */
  async waitFor<T>(
    instance: Instance,
    expected: readonly ExpectedEvent[],
    { timeoutSeconds, onFailure = refuse }: EventWaitOptions,
    body: () => Promise<T>,
  ): Promise<T> {
    if (expected.length === 0) return body()
    const waits = expected.map((event) => this.#expect(instance.uuid, event))
    try {
      const result = await body()
      const began = this.#clock.monotonicMs()
      await this.#within(timeoutSeconds, waits, onFailure)
      const seconds = Math.floor((this.#clock.monotonicMs() - began) / 1000)
      this.#log.debug(`Waited ${seconds} seconds for ${waits.map(({ key }) => key).join(', ')}`, { instanceUuid: instance.uuid })
      return result
    } finally {
      for (const wait of waits) wait.forget()
    }
  }

  /**
   * Hand an event to those who wait for it.
   *
   * @returns false if nobody does
   */
  deliver(instanceUuid: string, event: ReceivedEvent): boolean {
    const events = this.#pending.get(instanceUuid)
    const pending = events?.get(eventKey(event))
    if (events === undefined || pending === undefined) return false
    this.#remove(instanceUuid, eventKey(event))
    for (const tell of pending.waiters) tell(event)
    return true
  }

  /** Nothing more comes for the instance: it is deleted, or has left. Who waits is told that the event failed. */
  clear(instanceUuid: string): void {
    const events = this.#pending.get(instanceUuid)
    if (events === undefined) return
    this.#log.debug(`Events are still expected: ${[...events.keys()].join(', ')}`, { instanceUuid })
    for (const { expected } of [...events.values()]) this.deliver(instanceUuid, { ...expected, status: 'failed' })
  }

  /** The service stops: nobody shall wait any more, nor begin to. */
  cancelAll(): void {
    this.#isClosed = true
    for (const instanceUuid of [...this.#pending.keys()]) this.clear(instanceUuid)
  }

  #expect(instanceUuid: string, expected: ExpectedEvent): EventWait {
    const key = eventKey(expected)
    const wait = new EventWait(key)
    if (this.#isClosed) {
      wait.tell({ ...expected, status: 'failed' })
      return wait
    }
    const events = this.#pending.get(instanceUuid) ?? new Map<string, Pending>()
    this.#pending.set(instanceUuid, events)
    const pending = events.get(key) ?? { expected, waiters: new Set() }
    events.set(key, pending)
    pending.waiters.add(wait.tell)
    wait.forget = () => {
      pending.waiters.delete(wait.tell)
      if (pending.waiters.size === 0 && events.get(key) === pending) this.#remove(instanceUuid, key)
    }
    return wait
  }

  #remove(instanceUuid: string, key: string): void {
    const events = this.#pending.get(instanceUuid)
    events?.delete(key)
    if (events?.size === 0) this.#pending.delete(instanceUuid)
  }

  async #within(timeoutSeconds: number, waits: readonly EventWait[], onFailure: (key: string) => 'continue' | 'stop'): Promise<void> {
    let timer: Timer | null = null
    const timeout = new Promise<null>((resolve) => {
      timer = this.#clock.setTimer(timeoutSeconds * 1000, () => resolve(null))
    })
    try {
      for (const { key, received } of waits) {
        const event = await Promise.race([received, timeout])
        if (event === null)
          throw new InstanceEventTimeout(
            waits.filter(({ isReceived }) => !isReceived).map((wait) => wait.key),
            timeoutSeconds,
          )
        if (event.status !== 'completed' && onFailure(key) === 'stop') return
      }
    } finally {
      ;(timer as Timer | null)?.cancel()
    }
  }
}

/** One operation's waiting for one event. */
class EventWait {
  readonly key: string
  readonly received: Promise<ReceivedEvent>
  isReceived = false
  tell: (event: ReceivedEvent) => void = () => {}
  /** Nobody waits any more. */
  forget: () => void = () => {}

  constructor(key: string) {
    this.key = key
    this.received = new Promise((resolve) => {
      this.tell = (event) => {
        this.isReceived = true
        resolve(event)
      }
    })
  }
}

function refuse(): never {
  throw novaError('NovaException', {}, 'Instance event failed')
}
