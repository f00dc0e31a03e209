import { randomBytes } from 'node:crypto'
import { doneOrAborted } from '@micronova/lifecycle'
import type { Channel, ChannelModel } from 'amqplib'
import type { TransportOptions } from '../create-transport.js'
import { rabbitOptionsOfQuery } from '../read-options.js'
import type { BrokerHost, RabbitUrl } from '../transport-url.js'
import { createDial, describeDialFailure, isLoginRefused, isUnreachable } from './dial.js'
import { defaultRabbitOptions, type RabbitOptions } from './rabbit-options.js'

/** What came of trying one host of a `transport_url`. */
export interface BrokerProbe {
  /** `host:port` */
  readonly address: string
  readonly username: string
  readonly outcome:
    | 'ok'
    /** Nothing listens there, or the name is not known. */
    | 'unreachable'
    /** It took the connection and said nothing until the signal aborted. */
    | 'silent'
    | 'login_refused'
    /** The virtual host is not there, or not for this user. */
    | 'virtual_host_refused'
    /** The user may not do there what a service does. */
    | 'not_permitted'
    /** The exchange was declared with other properties than the options ask for. */
    | 'mismatch'
    /** Anything else: TLS, another protocol. */
    | 'failed'
  /** What the broker or the system said; one line, without secrets. */
  readonly message: string
}

/** A probe that is killed half way leaves its queue for so long. */
const probeQueueTtlMs = 60_000

/**
 * Log in at each host of a `transport_url`, side by side, and do what a service does there: declare a queue, bind it, publish, get. The
 * control exchange is used if it is there and never made; what is made is gone afterwards.
 */
export function probeBrokers(
  { hosts, virtualHost, query }: RabbitUrl,
  { controlExchange = 'nova', clientName = 'micronova', rabbit }: TransportOptions,
  signal: AbortSignal,
): Promise<readonly BrokerProbe[]> {
  const options = { ...defaultRabbitOptions, ...rabbit, ...rabbitOptionsOfQuery(query) }
  const dial = createDial(virtualHost, options)
  return Promise.all(
    hosts.map(async (host) => {
      const address = `${host.hostname.includes(':') ? `[${host.hostname}]` : host.hostname}:${host.port}`
      const result = await probeHost(host, () => dial(host, clientName), { exchange: controlExchange, options }, signal)
      return { address, username: host.username, ...result }
    }),
  )
}

type Outcome = Pick<BrokerProbe, 'outcome' | 'message'>

async function probeHost(
  host: BrokerHost,
  dial: () => Promise<ChannelModel>,
  use: { readonly exchange: string; readonly options: RabbitOptions },
  signal: AbortSignal,
): Promise<Outcome> {
  const dialled = dial()
  await doneOrAborted(
    dialled.catch(() => {}),
    signal,
  )
  if (signal.aborted) {
    dialled.then((connection) => connection.close()).catch(() => {})
    return { outcome: 'silent', message: 'it did not answer in time' }
  }
  let connection: ChannelModel
  try {
    connection = await dialled
  } catch (err) {
    const outcome = dialOutcome(err)
    const isRefused = outcome === 'virtual_host_refused'
    return { outcome, message: isRefused ? 'the broker closes the connection that asks for it' : describeDialFailure(err, host) }
  }
  connection.on('error', () => {}) // what it ends is told to whoever waits
  try {
    const using = useAsService(connection, use).catch((err: unknown) => ({ outcome: useOutcome(err), message: oneLine(err) }))
    await doneOrAborted(using, signal)
    return signal.aborted ? { outcome: 'silent', message: 'it did not answer in time' } : await using
  } finally {
    await doneOrAborted(
      connection.close().catch(() => {}),
      signal,
    )
  }
}

async function useAsService(
  connection: ChannelModel,
  { exchange, options }: { readonly exchange: string; readonly options: RabbitOptions },
): Promise<Outcome> {
  const isThere = await exchangeExists(connection, exchange)
  const channel = await connection.createConfirmChannel()
  channel.on('error', () => {})
  if (isThere) {
    const durable = options.durableQueues || options.quorumQueue
    await channel.assertExchange(exchange, 'topic', { durable, autoDelete: options.autoDelete })
  }
  const id = randomBytes(16).toString('hex')
  const own = isThere ? exchange : `micronova_${id}_fanout`
  const queue = `reply_${id}`
  if (!isThere) await channel.assertExchange(own, 'fanout', { durable: false, autoDelete: true })
  await channel.assertQueue(queue, { durable: false, exclusive: true, arguments: { 'x-expires': probeQueueTtlMs } })
  await channel.bindQueue(queue, own, queue)
  channel.publish(own, queue, Buffer.from('{}'))
  await channel.waitForConfirms()
  const message = await channel.get(queue, { noAck: true })
  await channel.deleteQueue(queue) // takes an exchange of ours with it
  if (message === false) return { outcome: 'failed', message: 'a message that was published did not arrive' }
  return { outcome: 'ok', message: '' }
}

/** On a channel of its own: the broker closes it if there is none. */
async function exchangeExists(connection: ChannelModel, name: string): Promise<boolean> {
  const channel: Channel = await connection.createChannel()
  channel.on('error', () => {})
  try {
    await channel.checkExchange(name)
    await channel.close()
    return true
  } catch (err) {
    if (replyCode(err) === 404) return false
    throw err
  }
}

function dialOutcome(err: unknown): BrokerProbe['outcome'] {
  if (isUnreachable(err)) return 'unreachable'
  const text = oneLine(err)
  // amqplib does not pass on the broker's reason (530); nothing else is asked of it at this step of the handshake.
  if (/Expected ConnectionOpenOk; got <ConnectionClose/.test(text)) return 'virtual_host_refused'
  if (isLoginRefused(err)) return 'login_refused'
  return /ETIMEDOUT/.test(text) ? 'silent' : 'failed'
}

function useOutcome(err: unknown): BrokerProbe['outcome'] {
  const code = replyCode(err)
  if (code === 403) return 'not_permitted'
  return code === 406 ? 'mismatch' : 'failed'
}

/** AMQP's number of the reason for which a channel was closed. */
function replyCode(err: unknown): unknown {
  return typeof err === 'object' && err !== null && 'code' in err ? err.code : undefined
}

function oneLine(err: unknown): string {
  return String(err instanceof Error ? err.message : err).split('\n', 1)[0] ?? ''
}
