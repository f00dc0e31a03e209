import { doneOrAborted } from '@micronova/lifecycle'
import type { ChannelModel, ConfirmChannel, Message, Options } from 'amqplib'
import type { Publication } from '../driver.js'
import { MessageDeliveryFailure, MessageUndeliverable } from '../errors.js'
import type { ConnectionReport } from '../report.js'
import { compress, compressedHeaders } from './compression.js'
import { Link, type LinkDeps, type LinkOptions, type LinkUser } from './link.js'
import { type Address, addressOf, declarationKey, declareDestination } from './topology.js'
import { WriteBatch } from './write-batch.js'

/** A publication on its way: waiting for a channel, for its exchange, or for its confirm. */
interface Entry {
  readonly publication: Publication
  readonly address: Address
  readonly resolve: () => void
  readonly reject: (err: Error) => void
  triesLeft: number
  /** What the broker returns if no queue takes it; kept for mandatory ones alone. */
  content: Buffer | null
  isReturned: boolean
}

/** As kombu sets them (wire/14-amqp-frames.jsonl). The broker keeps persistent messages of transient queues in memory. */
const properties: Options.Publish = { contentType: 'application/json', contentEncoding: 'utf-8', headers: {}, deliveryMode: 2, priority: 0 }

/** amqplib writes a message of about this size in two pieces. */
const severalFramesBytes = 1900

/**
 * Publishes over one connection, with confirms. A publication waits while there is no channel, while the broker blocks
 * us, and while the socket is full; what was not confirmed when a channel broke is sent again.
 *
 * @see oslo.messaging 14.0.3, `_drivers/impl_rabbit.py`, `_ensure_publishing`
 */
export class Publisher implements LinkUser<ConfirmChannel> {
  readonly purpose = 'send'
  readonly #options: LinkOptions
  readonly #link: Link<ConfirmChannel>
  readonly #plainProperties: Options.Publish
  readonly #mandatoryProperties: Options.Publish
  #channel: ConfirmChannel | null = null
  #batch: WriteBatch | null = null
  #isBlocked = false
  #isSocketFull = false
  #isStopped = false
  #waiting: Entry[] = []
  readonly #unconfirmed = new Set<Entry>()
  #whenDrained: (() => void) | null = null
  /** Of the present channel: `true` once declared, a promise while that is under way. */
  #declared = new Map<string, true | Promise<void>>()

  constructor(deps: LinkDeps, options: LinkOptions) {
    this.#options = options
    this.#plainProperties = { ...properties, ...(options.rabbit.compression !== null && { headers: compressedHeaders }) }
    this.#mandatoryProperties = { ...this.#plainProperties, mandatory: true }
    this.#link = new Link(deps, options, this)
  }

  publish(publication: Publication): Promise<void> {
    if (this.#isStopped) return Promise.reject(stoppedError())
    return new Promise((resolve, reject) => {
      const address = addressOf(publication.destination)
      this.#send({ publication, address, resolve, reject, triesLeft: publication.retry, content: null, isReturned: false })
    })
  }

  stalledMs(): number {
    return this.#link.stalledMs()
  }

  report(): ConnectionReport {
    return { purpose: this.purpose, ...this.#link.report(), queues: [] }
  }

  unsent(): number {
    return this.#waiting.length + this.#unconfirmed.size
  }

  /** Waits for confirms until the deadline; what has not been sent is rejected. */
  async stop(deadline: AbortSignal): Promise<void> {
    this.#isStopped = true
    for (const entry of this.#takeWaiting()) entry.reject(stoppedError())
    await doneOrAborted(this.#drained(), deadline)
    await this.#link.close()
    for (const entry of [...this.#takeWaiting(), ...this.#unconfirmed]) entry.reject(stoppedError())
  }

  open(connection: ChannelModel): Promise<ConfirmChannel> {
    this.#batch = new WriteBatch(connection)
    return connection.createConfirmChannel()
  }

  async setUp(channel: ConfirmChannel): Promise<void> {
    // Before amqplib's own listener, which fails what is unconfirmed: so a lost channel can be told from a refusal.
    channel.prependListener('close', () => this.onDown())
    channel.on('return', (message) => this.#returned(message))
    channel.on('drain', () => {
      this.#isSocketFull = false
      this.#flush()
    })
  }

  onUp(channel: ConfirmChannel): void {
    this.#channel = channel
    this.#isSocketFull = false
    this.#declared = new Map()
    this.#flush()
  }

  onDown(): void {
    this.#channel = null
  }

  onAttemptFailed(err: unknown): void {
    for (const entry of this.#takeWaiting()) this.#tryAgain(entry, err)
  }

  onBlocked(isBlocked: boolean): void {
    this.#isBlocked = isBlocked
    this.#flush()
  }

  get #isFlowing(): boolean {
    return this.#channel !== null && !this.#isBlocked && !this.#isSocketFull
  }

  #flush(): void {
    if (this.#isFlowing) for (const entry of this.#takeWaiting()) this.#send(entry)
  }

  #takeWaiting(): Entry[] {
    const entries = this.#waiting
    this.#waiting = []
    return entries
  }

  #send(entry: Entry): void {
    const channel = this.#channel
    if (entry.publication.isCancelled?.()) entry.resolve()
    else if (channel === null || !this.#isFlowing) this.#wait(entry)
    else this.#sendOn(channel, entry)
  }

  #sendOn(channel: ConfirmChannel, entry: Entry): void {
    const declaring = this.#declare(channel, entry.publication)
    if (declaring === null) {
      this.#write(channel, entry)
      return
    }
    const onDeclared = () => this.#send(entry)
    const onFailed = (err: unknown) => this.#declareFailed(entry, err)
    declaring.then(onDeclared, onFailed)
  }

  #wait(entry: Entry): void {
    this.#waiting.push(entry)
    this.#link.ready().catch(() => {}) // starts it; when it is closed, stop() rejects what waits
  }

  /** `null` if everything is there. Publications that need the same wait for the same promise, and so keep their order. */
  #declare(channel: ConfirmChannel, { destination }: Publication): Promise<void> | null {
    const key = declarationKey(destination)
    if (key === null) return null
    const known = this.#declared.get(key)
    if (known !== undefined) return known === true ? null : known
    const declared = this.#declared
    const declaring = declareDestination(channel, destination, this.#options.rabbit).then(() => void declared.set(key, true))
    declared.set(key, declaring)
    return declaring
  }

  /** An exchange or queue of that name with other properties, or one that we may not touch: trying again would not help. */
  #declareFailed(entry: Entry, err: unknown): void {
    if (err instanceof Error && 'code' in err && typeof err.code === 'number')
      entry.reject(new MessageDeliveryFailure(`exchange '${entry.address.exchange}' cannot be declared: ${err.message}`, { cause: err }))
    else this.#tryAgain(entry, err)
  }

  #write(channel: ConfirmChannel, entry: Entry): void {
    const { publication, address } = entry
    const { compression } = this.#options.rabbit
    const body = Buffer.from(publication.body)
    const content = compression === null ? body : compress(body)
    if (publication.mandatory) entry.content = content
    this.#unconfirmed.add(entry)
    try {
      const hasRoom = channel.publish(address.exchange, address.routingKey, content, this.#properties(publication), (err) =>
        this.#confirmed(channel, entry, err),
      )
      if (this.#unconfirmed.size > 1 || content.length >= severalFramesBytes) this.#batch?.gather()
      if (!hasRoom) this.#isSocketFull = true
    } catch {
      this.#unconfirmed.delete(entry)
      this.#wait(entry) // the channel is closing; onUp follows
    }
  }

  #properties({ expirationMs, mandatory }: Publication): Options.Publish {
    const base = mandatory ? this.#mandatoryProperties : this.#plainProperties
    return expirationMs === undefined ? base : { ...base, expiration: String(Math.trunc(expirationMs)) }
  }

  #confirmed(channel: ConfirmChannel, entry: Entry, err: unknown): void {
    this.#unconfirmed.delete(entry)
    if (err && channel !== this.#channel) this.#tryAgain(entry, err)
    else if (err) entry.reject(new MessageDeliveryFailure(`the broker refused a message ${describe(entry)}`, { cause: err }))
    else if (entry.isReturned) entry.reject(new MessageUndeliverable(entry.address.exchange, entry.address.routingKey))
    else entry.resolve()
    if (this.#unconfirmed.size === 0) this.#whenDrained?.()
  }

  /** RabbitMQ returns a message before it confirms it. It says which by its content alone: we set no message id, as upstream does not. */
  #returned({ fields, content }: Message): void {
    for (const entry of this.#unconfirmed) {
      if (entry.isReturned || entry.address.routingKey !== fields.routingKey || !entry.content?.equals(content)) continue
      entry.isReturned = true
      return
    }
  }

  #tryAgain(entry: Entry, err: unknown): void {
    if (entry.triesLeft === 0) {
      entry.reject(new MessageDeliveryFailure(`a message ${describe(entry)} could not be sent`, { cause: err }))
    } else if (this.#isStopped) entry.reject(stoppedError())
    else {
      if (entry.triesLeft > 0) entry.triesLeft--
      entry.isReturned = false
      this.#wait(entry)
    }
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#whenDrained = resolve
      if (this.#unconfirmed.size === 0 || this.#channel === null) resolve()
    })
  }
}

function describe({ address }: Entry): string {
  return `to exchange '${address.exchange}' with key '${address.routingKey}'`
}

function stoppedError(): MessageDeliveryFailure {
  return new MessageDeliveryFailure('the transport is stopped')
}
