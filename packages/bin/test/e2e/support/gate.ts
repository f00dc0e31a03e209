import { type JsonObject, unwrap } from '@micronova/messaging'
import type { Options } from 'amqplib'
import type { Cleanup } from './cleanups.js'
import { eventually } from './eventually.js'
import { RawBroker } from './raw-broker.js'

/** A request on its way from a compute to the conductor. */
export interface Passing {
  /** `Instance.save`, or the RPC method. */
  readonly name: string
  readonly args: JsonObject
  /** Of the request for which the compute works. */
  readonly requestId: string
}

/** A request that was stopped at the gate. */
export interface Held extends Passing {
  /** Let it go on to the conductor. Nobody else does. */
  release(): Promise<void>
  /** Let it go on after its sender has died. Resolves when the conductor has done it, whose answer nobody takes. */
  releaseOfTheDead(): Promise<void>
}

interface Hold {
  readonly matches: (passing: Passing) => boolean
  readonly caught: (held: Held) => void
}

/**
 * Stands between computes and the conductor: the computes have `control_exchange = <gate>`, and what they send to the conductor goes
 * through here. So a test sees every request, and can stop a compute at any point of its work.
 */
export class Gate {
  /** `control_exchange` of the computes behind it. */
  static readonly exchange = 'gate'
  readonly passed: Passing[] = []
  readonly #broker: RawBroker
  readonly #holds = new Set<Hold>()

  static async open(cleanup: Cleanup, url: string): Promise<Gate> {
    const broker = await RawBroker.open(cleanup, url)
    await broker.declareTopic(Gate.exchange)
    const gate = new Gate(broker)
    await broker.consume('gate', ({ content, properties }) => gate.#take(content, properties), {
      exchange: Gate.exchange,
      routingKey: 'conductor',
    })
    return gate
  }

  private constructor(broker: RawBroker) {
    this.#broker = broker
  }

  /** Stops the next request that matches; all others pass, before and after. */
  hold(matches: (passing: Passing) => boolean): Promise<Held> {
    return new Promise((caught) => this.#holds.add({ matches, caught }))
  }

  #take(content: Buffer, properties: Options.Publish): void {
    const { message } = unwrap(content.toString())
    const passing = passingOf(message)
    const release = () => this.#broker.publish('conductor', content, properties)
    for (const hold of this.#holds) {
      if (!hold.matches(passing)) continue
      this.#holds.delete(hold)
      hold.caught({ ...passing, release, releaseOfTheDead: () => this.#releaseOfTheDead(release, String(message._reply_q)) })
      return
    }
    this.passed.push(passing)
    release().catch(() => {}) // the broker or the test has gone
  }

  async #releaseOfTheDead(release: () => Promise<void>, replyQueue: string): Promise<void> {
    await release()
    await eventually('the conductor answers', async () => (await this.#broker.queue(replyQueue)).messages > 0 || undefined)
  }
}

function passingOf({ method, args, _context_request_id: requestId }: JsonObject): Passing {
  const { objname, objinst, objmethod } = args as JsonObject
  const owner = objname ?? (objinst as JsonObject | undefined)?.['nova_object.name']
  const name = owner === undefined ? String(method) : `${String(owner)}.${String(objmethod)}`
  return { name, args: args as JsonObject, requestId: String(requestId) }
}
