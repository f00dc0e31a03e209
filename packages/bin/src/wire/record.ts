import { execFile } from 'node:child_process'
import { type FileHandle, open } from 'node:fs/promises'
import { promisify } from 'node:util'
import { aborted, type Clock, follow } from '@micronova/lifecycle'
import { formatJson, type Json, type JsonObject, parseJson } from '@micronova/messaging'
import { type Channel, type ChannelModel, type ConsumeMessage, connect } from 'amqplib'
import { CommandFailed, UsageError } from '../usage-error.js'
import { formatLine, isObject } from './recording.js'
import { redactObject } from './redact.js'

export interface RecordDeps {
  readonly clock: Clock
  /** Called when every further message will be in the file. */
  onReady(): void
}

export interface RecordOptions {
  readonly file: string
  /** `amqp://user:password@host:port/vhost`; `rabbit://`, as in a transport_url, is the same. */
  readonly url: string
  /** Stop after so many messages. */
  readonly count?: number
}

/** Where RabbitMQ's firehose puts a copy of every message published, if tracing is on for the virtual host. */
const traceExchange = 'amq.rabbitmq.trace'
/** A copy of a probe comes at once or never. */
const probeMs = 2000

/**
 * Record every message published on a broker into `file`, one line each, until `signal` aborts or `count` is reached.
 * Passwords and tokens are replaced by `REDACTED`. Resolves with the number of messages.
 *
 * @throws CommandFailed if the broker cannot be reached or its tracing is off and cannot be turned on from here
 */
export async function record(options: RecordOptions, deps: RecordDeps, signal: AbortSignal): Promise<number> {
  const url = options.url.replace(/^rabbit:/, 'amqp:')
  if (!URL.canParse(url)) throw new UsageError('--url is not a URL of the form amqp://user:password@host:port/vhost')
  const vhost = decodeURIComponent(new URL(url).pathname.slice(1)) || '/'
  const connection = await connectTo(url)
  const closers: (() => Promise<unknown>)[] = [() => connection.close()]
  try {
    const recorder = new Recorder(await open(options.file, 'w', 0o600), options, deps)
    closers.push(() => recorder.close())
    const channel = await connection.createChannel()
    channel.on('error', () => {})
    await consumeTrace(channel, (message) => recorder.take(message))
    if (!(await isTraced(connection, recorder, deps.clock))) {
      await turnTracingOn(vhost)
      closers.push(() => rabbitmqctl('trace_off', '-p', vhost))
      if (!(await isTraced(connection, recorder, deps.clock))) throw tracingIsOff(vhost)
    }
    deps.onReady()
    await recorder.finished(signal)
    return recorder.count
  } finally {
    for (const close of closers.reverse()) await close().catch(() => {})
  }
}

async function connectTo(url: string): Promise<ChannelModel> {
  const { host } = new URL(url)
  try {
    const connection = await connect(url, { clientProperties: { connection_name: `micronova-wire:${process.pid}` } })
    connection.on('error', () => {})
    return connection
  } catch (err) {
    throw new CommandFailed(`the broker at ${host} cannot be reached: ${(err as Error).message}`)
  }
}

async function consumeTrace(channel: Channel, take: (message: ConsumeMessage) => void): Promise<void> {
  const { queue } = await channel.assertQueue('', { exclusive: true })
  await channel.bindQueue(queue, traceExchange, 'publish.#')
  await channel.consume(queue, (message) => message !== null && take(message), { noAck: true })
}

/** Publishes a message that no queue takes, and waits for its copy. */
async function isTraced(connection: ChannelModel, recorder: Recorder, clock: Clock): Promise<boolean> {
  const channel = await connection.createChannel()
  channel.on('error', () => {})
  const probe = `micronova-wire-probe-${process.pid}`
  const seen = recorder.expect(probe)
  channel.publish('', probe, Buffer.from('{}'))
  const answer = await Promise.race([seen.then(() => true), clock.sleep(probeMs).then(() => false)])
  await channel.close()
  return answer
}

async function turnTracingOn(vhost: string): Promise<void> {
  try {
    await rabbitmqctl('trace_on', '-p', vhost)
  } catch {
    throw tracingIsOff(vhost)
  }
}

function tracingIsOff(vhost: string): CommandFailed {
  return new CommandFailed(`tracing is off for virtual host ${vhost}: run "rabbitmqctl trace_on -p ${vhost}" on the broker first`)
}

async function rabbitmqctl(...args: readonly string[]): Promise<string> {
  return (await promisify(execFile)('rabbitmqctl', ['-q', ...args])).stdout
}

/** Turns copies of messages into lines, in the order in which the broker traced them. */
class Recorder {
  readonly #file: FileHandle
  readonly #limit: number
  readonly #clock: Clock
  readonly #begunMs: number
  readonly #senders = new Map<string, string | null>()
  readonly #probes = new Map<string, () => void>()
  readonly #reached = new AbortController()
  #ownConnection: string | null = null
  #work: Promise<void> = Promise.resolve()
  #failure: unknown = null
  #count = 0

  constructor(file: FileHandle, { count }: RecordOptions, { clock }: RecordDeps) {
    this.#file = file
    this.#limit = count ?? Number.POSITIVE_INFINITY
    this.#clock = clock
    this.#begunMs = clock.monotonicMs()
  }

  get count(): number {
    return this.#count
  }

  /** Resolves when the copy of a message to the queue `probe` has come. */
  expect(probe: string): Promise<void> {
    return new Promise((resolve) => this.#probes.set(probe, resolve))
  }

  take({ properties, content }: ConsumeMessage): void {
    const headers = plain(properties.headers) as JsonObject
    const routingKeys = (headers['routing_keys'] ?? ['']) as readonly string[]
    const connection = String(headers['connection'] ?? '')
    const probe = this.#probes.get(routingKeys[0] ?? '')
    if (probe !== undefined) {
      this.#ownConnection = connection
      probe()
      return
    }
    if (connection === this.#ownConnection || this.#count >= this.#limit) return
    const seq = ++this.#count
    const t = Math.round(this.#clock.monotonicMs() - this.#begunMs) / 1000
    this.#work = this.#work.then(() => this.#write(seq, t, connection, headers, routingKeys, content)).catch((err) => this.#fail(err))
    if (this.#count >= this.#limit) this.#reached.abort()
  }

  /** Resolves when the limit is reached or `signal` aborts, and everything is written. */
  async finished(signal: AbortSignal): Promise<void> {
    const unfollow = follow(this.#reached, signal)
    await aborted(this.#reached.signal)
    unfollow()
    await this.#work
    if (this.#failure !== null) throw new CommandFailed(`the recording cannot be written: ${(this.#failure as Error).message}`)
  }

  close(): Promise<void> {
    return this.#file.close()
  }

  #fail(err: unknown): void {
    this.#failure ??= err
    this.#reached.abort()
  }

  async #write(
    seq: number,
    t: number,
    connection: string,
    headers: JsonObject,
    routingKeys: readonly string[],
    content: Buffer,
  ): Promise<void> {
    const entry: JsonObject = {
      seq,
      t,
      sender: await this.#senderOf(connection),
      connection,
      channel: headers['channel'] ?? null,
      exchange: headers['exchange_name'] ?? '',
      routing_key: routingKeys[0] ?? '',
      routed_queues: headers['routed_queues'] ?? [],
      properties: headers['properties'] ?? {},
      ...decodeBody(content.toString('utf8')),
      body_bytes: content.length,
    }
    await this.#file.write(formatLine(entry))
  }

  /** The program at the other end: the first part of its connection's name. Null where the broker cannot be asked. */
  async #senderOf(connection: string): Promise<string | null> {
    if (!this.#senders.has(connection)) {
      for (const [name, program] of await listPrograms()) this.#senders.set(name, program)
      if (!this.#senders.has(connection)) this.#senders.set(connection, null)
    }
    return this.#senders.get(connection) ?? null
  }
}

async function listPrograms(): Promise<readonly (readonly [string, string | null])[]> {
  try {
    const list = JSON.parse(await rabbitmqctl('--formatter=json', 'list_connections', 'name', 'client_properties')) as Record<
      string,
      unknown
    >[]
    return list.map(({ name, client_properties: properties }) => [String(name), programIn(properties)])
  } catch {
    return []
  }
}

/** `connection_name` is `<program>:<pid>:<uuid>`. @param properties `[[name, type, value], ...]`, or an object in later RabbitMQs */
function programIn(properties: unknown): string | null {
  const entries = Array.isArray(properties) ? properties.map(([name, , value]) => [name, value]) : Object.entries(properties ?? {})
  const name: unknown = Object.fromEntries(entries).connection_name
  return typeof name === 'string' ? (name.split(':')[0] ?? null) : null
}

/** The body as a recording holds it: unwrapped and without secrets, or as base64 if it is not JSON. */
function decodeBody(text: string): JsonObject {
  try {
    const body = parseJson(text)
    const inner = isObject(body) ? body['oslo.message'] : undefined
    if (!isObject(body) || typeof inner !== 'string') return { body: isObject(body) ? redactObject(body) : body }
    const message = parseJson(inner)
    if (!isObject(message)) return { body: redactObject(body) }
    const redacted = redactObject(message)
    return { envelope: { ...body, 'oslo.message': formatJson(redacted) }, message: redacted }
  } catch {
    return { body_base64: Buffer.from(text).toString('base64') }
  }
}

/** AMQP's tables may hold buffers and dates; a recording holds JSON. */
function plain(value: unknown): Json {
  if (Buffer.isBuffer(value)) return value.toString('utf8')
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return (value ?? null) as Json
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
}
