import { type Clock, doneOrAborted, type Random } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import type { Channel, ChannelModel } from 'amqplib'
import type { ConnectionReport } from '../report.js'
import type { BrokerHost } from '../transport-url.js'
import { type Dial, describeDialFailure, isUnreachable } from './dial.js'
import type { RabbitOptions } from './rabbit-options.js'
import { ReconnectSchedule } from './reconnect-schedule.js'

export interface LinkDeps {
  readonly dial: Dial
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
}

export interface LinkOptions {
  /** In the order in which they are tried. */
  readonly hosts: readonly BrokerHost[]
  /** `<program>:<pid>`; each connection adds a UUID. */
  readonly clientName: string
  readonly rabbit: RabbitOptions
}

/** What a link is for. `C` is the kind of its one channel. */
export interface LinkUser<C extends Channel> {
  /** For log lines. */
  readonly purpose: 'listen' | 'send'
  open(connection: ChannelModel): Promise<C>
  /** Declare what is needed on a new channel. The link is up when it resolves. */
  setUp(channel: C): Promise<void>
  onUp(channel: C): void
  /** The channel is gone; what was not settled on it is lost. */
  onDown(): void
  /** No host could be reached, once more. */
  onAttemptFailed(err: unknown): void
  onBlocked(isBlocked: boolean): void
}

/** How long a connection that is being closed may take; what is left of it then ends with the process, or for want of heartbeats. */
const goodbyeMs = 3000

/**
 * One connection with one channel, made again whenever it breaks, until it is closed.
 *
 *   connecting --(every host failed: wait)--> connecting
 *      |
 *      v                channel closed, connection fine
 *   setting up <------------------------------+
 *      |                                      |
 *      v                                      |
 *      up ------------------------------------+---(connection lost: short wait)--> connecting
 */
export class Link<C extends Channel> {
  readonly #deps: LinkDeps
  readonly #options: LinkOptions
  readonly #user: LinkUser<C>
  readonly #schedule: ReconnectSchedule
  readonly #halt = new AbortController()
  readonly #hosts: BrokerHost[]
  #connection: ChannelModel | null = null
  #running: Promise<void> | null = null
  #timesUp = 0
  #isUp = false
  #isBlocked = false
  /** Wall time of the last change between up and not up. */
  #sinceMs: number | null = null
  /** When the last step towards being up was made, or the next one will be; monotonic. */
  #nextStepMs = 0
  #ready = deferred()

  constructor(deps: LinkDeps, options: LinkOptions, user: LinkUser<C>) {
    this.#deps = deps
    this.#options = options
    this.#user = user
    this.#schedule = new ReconnectSchedule(options.rabbit, deps.random)
    this.#hosts = [...options.hosts]
  }

  /** Resolves when the link is up for the first time; starts it if it is not. Rejects if the link is closed before. */
  ready(): Promise<void> {
    this.#running ??= this.#begin()
    return this.#ready.promise
  }

  /** How long the link has been neither up nor trying, in milliseconds; 0 while it is up, and before and after its life. */
  stalledMs(): number {
    if (this.#isUp || this.#running === null || this.#halt.signal.aborted) return 0
    return Math.max(0, this.#deps.clock.monotonicMs() - this.#nextStepMs)
  }

  report(): Omit<ConnectionReport, 'purpose' | 'queues'> {
    return {
      address: where(this.#hosts[0] as BrokerHost),
      state: this.#stateName(),
      sinceMs: this.#sinceMs,
      reconnects: Math.max(0, this.#timesUp - 1),
      isBlocked: this.#isBlocked,
    }
  }

  /** Says goodbye to the broker; does not wait long for one that does not answer. */
  async close(): Promise<void> {
    this.#halt.abort()
    this.#ready.reject(new Error('the connection was closed'))
    if (this.#connection !== null) sayGoodbye(this.#connection)
    if (this.#running === null) return
    const late = new AbortController()
    const timer = this.#deps.clock.setTimer(goodbyeMs, () => late.abort())
    await doneOrAborted(this.#running, late.signal)
    timer.cancel()
  }

  #begin(): Promise<void> {
    this.#sinceMs = this.#deps.clock.now()
    return this.#run()
  }

  async #run(): Promise<void> {
    while (!this.#halt.signal.aborted) {
      const connection = await this.#connect()
      if (connection === null) return
      await this.#use(connection)
      if (!this.#halt.signal.aborted) await this.#sleep(this.#schedule.afterLossMs())
    }
  }

  /** `null` if the link was closed before a host answered. */
  async #connect(): Promise<ChannelModel | null> {
    for (let failures = 1; !this.#halt.signal.aborted; failures++) {
      const host = this.#hosts[0] as BrokerHost
      this.#step()
      try {
        return await this.#dial(host)
      } catch (err) {
        this.#hosts.push(this.#hosts.shift() as BrokerHost)
        const isLast = failures % this.#hosts.length === 0
        const waitMs = isLast ? this.#schedule.afterFailureMs(isUnreachable(err)) : 0
        this.#logFailure(`AMQP server on ${where(host)} is unreachable: ${describeDialFailure(err, host)}`, waitMs)
        if (!isLast) continue
        if (this.#options.rabbit.failoverStrategy === 'shuffle') shuffle(this.#hosts, this.#deps.random)
        this.#user.onAttemptFailed(err)
        await this.#sleep(waitMs)
      }
    }
    return null
  }

  async #dial(host: BrokerHost): Promise<ChannelModel> {
    const connection = await this.#deps.dial(host, `${this.#options.clientName}:${this.#deps.random.uuid()}`)
    connection.on('error', () => {}) // 'close' follows and tells why
    connection.on('blocked', (reason) => {
      this.#deps.log.error(`The broker has blocked the connection: ${reason}`)
      this.#blocked(true)
    })
    connection.on('unblocked', () => {
      this.#deps.log.info('The broker has unblocked the connection')
      this.#blocked(false)
    })
    return connection
  }

  /** Resolves when the connection is lost or closed. */
  async #use(connection: ChannelModel): Promise<void> {
    const host = this.#hosts[0] as BrokerHost
    let isOpen = true
    let reason: unknown
    const closed = new Promise<void>((resolve) => {
      connection.on('close', (err) => {
        isOpen = false
        reason = err
        resolve()
      })
    })
    this.#connection = connection
    if (this.#halt.signal.aborted) sayGoodbye(connection)
    while (isOpen && !this.#halt.signal.aborted) await Promise.race([closed, this.#useChannel(connection, host)])
    await closed
    this.#down()
    this.#connection = null
    this.#blocked(false)
    if (this.#halt.signal.aborted) return
    this.#deps.log.error(`Lost the connection to the AMQP server on ${where(host)} (${this.#user.purpose}): ${oneLine(reason)}`)
  }

  /** Resolves when the channel is closed, or after a wait if it could not be set up. */
  async #useChannel(connection: ChannelModel, host: BrokerHost): Promise<void> {
    this.#step()
    try {
      const channel = await this.#user.open(connection)
      channel.on('error', (err) => this.#deps.log.error(`The AMQP server on ${where(host)} closed the channel: ${oneLine(err)}`))
      const closed = new Promise<void>((resolve) => channel.on('close', resolve))
      await this.#user.setUp(channel)
      this.#up(channel, host)
      await closed
      this.#down()
      this.#user.onDown()
      await this.#sleep(this.#schedule.afterLossMs()) // a channel that fails at once must not fail in a tight loop
    } catch (err) {
      if (this.#halt.signal.aborted) return
      const waitMs = this.#schedule.afterFailureMs(false)
      this.#logFailure(`AMQP server on ${where(host)} refuses what we need to ${this.#user.purpose}: ${oneLine(err)}`, waitMs)
      this.#user.onAttemptFailed(err)
      await this.#sleep(waitMs)
    }
  }

  /** One more step towards being up, in `waitMs`. */
  #step(waitMs = 0): void {
    this.#nextStepMs = this.#deps.clock.monotonicMs() + waitMs
  }

  #up(channel: C, host: BrokerHost): void {
    this.#isUp = true
    this.#sinceMs = this.#deps.clock.now()
    this.#schedule.succeeded()
    if (this.#timesUp++ > 0) this.#deps.log.info(`Reconnected to the AMQP server on ${where(host)} (${this.#user.purpose})`)
    else this.#deps.log.debug(`Connected to the AMQP server on ${where(host)} (${this.#user.purpose})`)
    this.#user.onUp(channel)
    this.#ready.resolve()
  }

  #down(): void {
    if (this.#isUp) this.#sinceMs = this.#deps.clock.now()
    this.#isUp = false
  }

  #blocked(isBlocked: boolean): void {
    this.#isBlocked = isBlocked
    this.#user.onBlocked(isBlocked)
  }

  #stateName(): ConnectionReport['state'] {
    if (this.#halt.signal.aborted) return 'closed'
    if (this.#running === null) return 'unused'
    return this.#isUp ? 'up' : 'connecting'
  }

  #logFailure(what: string, waitMs: number): void {
    const next = waitMs > 0 ? `Trying again in ${(waitMs / 1000).toFixed(1)} seconds.` : 'Trying the next one.'
    this.#deps.log.error(`${what}. ${next}`)
  }

  #sleep(ms: number): Promise<void> {
    this.#step(ms)
    return this.#deps.clock.sleep(ms, this.#halt.signal).catch(() => {}) // closed: the loops see it
  }
}

/** amqplib's promise of the end is not kept if the socket breaks meanwhile; the event 'close' comes in any case. */
function sayGoodbye(connection: ChannelModel): void {
  connection.close().catch(() => {}) // lost already
}

export function shuffle<T>(items: T[], random: Random): void {
  for (let last = items.length - 1; last > 0; last--) {
    const other = Math.floor(random.next() * (last + 1))
    ;[items[last], items[other]] = [items[other] as T, items[last] as T]
  }
}

function where(host: BrokerHost): string {
  return host.hostname.includes(':') ? `[${host.hostname}]:${host.port}` : `${host.hostname}:${host.port}`
}

function oneLine(err: unknown): string {
  return err === undefined ? 'it was closed' : ((err instanceof Error ? err.message : String(err)).split('\n', 1)[0] as string)
}

function deferred(): { readonly promise: Promise<void>; resolve(): void; reject(err: Error): void } {
  let resolve = () => {}
  let reject = (_err: Error) => {}
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  promise.catch(() => {}) // whoever waits sees it
  return { promise, resolve, reject }
}
