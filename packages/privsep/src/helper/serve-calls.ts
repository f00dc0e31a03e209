import type { Readable, Writable } from 'node:stream'
import { type ArgumentSchema, type Arguments, refusalOf } from '../privileged/arguments.js'
import { type ChannelValue, findFunction, type HelperLog, type PrivsepContext } from '../privileged/definition.js'
import { CommandFailed } from '../privileged/run-command.js'
import { encodeFrame, FrameReader } from '../wire/frames.js'
import { type CallMessage, decodeCall, type FailureMessage, type HelperMessage, refused } from '../wire/messages.js'

/** Calls that may wait in the helper. The service sends fewer; one that sends more is not ours. */
const maxCallsInHand = 1024

export interface ServeOptions {
  readonly context: PrivsepContext
  /** Functions that run at once; the others wait, in the order in which they came. */
  readonly threads: number
}

/**
 * Run the calls that come in, until the service closes the channel or breaks its rules. What runs then is cancelled.
 *
 * @throws BadFrame if the rules were broken
 */
export async function serveCalls(input: Readable, output: Writable, options: ServeOptions): Promise<void> {
  const calls = new CallTable(options, (message) => send(output, message))
  const frames = new FrameReader()
  output.on('error', () => input.destroy()) // the service is gone
  try {
    for await (const chunk of input) for (const message of frames.push(chunk as Buffer)) calls.take(decodeCall(message))
  } catch (err) {
    if (!isGone(err)) throw err
  } finally {
    calls.cancelAll()
  }
}

/** A channel that ended because the other side died looks like this. */
function isGone(err: unknown): boolean {
  const code = err instanceof Error && 'code' in err ? err.code : undefined
  return code === 'ECONNRESET' || code === 'EPIPE' || code === 'ERR_STREAM_PREMATURE_CLOSE'
}

function send(output: Writable, message: HelperMessage): void {
  if (!output.writable) return
  let frame: Buffer
  try {
    frame = encodeFrame(message)
  } catch (err) {
    if (!('reply' in message)) return
    frame = encodeFrame(failure(message.reply, 'too_large', `its result cannot be sent: ${(err as Error).message}`))
  }
  output.write(frame)
}

function failure(
  reply: number,
  kind: string,
  message: string,
  { exitStatus = null, stderr = '' }: Partial<CommandFailed> = {},
): FailureMessage {
  return { reply, failure: { kind, message, exitStatus, stderr } }
}

class CallTable {
  readonly #options: ServeOptions
  readonly #send: (message: HelperMessage) => void
  readonly #waiting: CallMessage[] = []
  readonly #gone = new AbortController()
  readonly #log: HelperLog
  #running = 0

  constructor(options: ServeOptions, send: (message: HelperMessage) => void) {
    this.#options = options
    this.#send = send
    this.#log = {
      debug: (message) => send({ log: 'debug', message }),
      warning: (message) => send({ log: 'warning', message }),
    }
  }

  /** @throws Error if too many wait */
  take(call: CallMessage): void {
    if (this.#waiting.length >= maxCallsInHand) throw new Error(`more than ${maxCallsInHand} calls wait`)
    this.#waiting.push(call)
    this.#runNext()
  }

  cancelAll(): void {
    this.#waiting.length = 0
    this.#gone.abort()
  }

  #runNext(): void {
    if (this.#running >= this.#options.threads) return
    const call = this.#waiting.shift()
    if (call === undefined) return
    this.#running++
    void this.#run(call).then((message) => {
      this.#running--
      this.#send(message)
      this.#runNext()
    })
  }

  async #run({ call, name, args }: CallMessage): Promise<HelperMessage> {
    const { context } = this.#options
    const found = findFunction(context, name)
    if (found === undefined) return failure(call, refused, `${context.name} has no function ${JSON.stringify(name.slice(0, 80))}`)
    const refusal = refusalOf(found.args, args)
    if (refusal !== null) return failure(call, refused, `${name} was refused: ${refusal}`)
    try {
      const result: ChannelValue | undefined = await found.run(args as Arguments<ArgumentSchema>, {
        log: this.#log,
        signal: this.#gone.signal,
      })
      return { reply: call, result: result ?? null }
    } catch (err) {
      if (err instanceof CommandFailed) return failure(call, err.kind, err.message, err)
      return failure(call, 'error', err instanceof Error ? err.message : String(err))
    }
  }
}
