import type { Clock } from '@micronova/lifecycle'
import { MessagingTimeout } from '@micronova/messaging'
import type { Reached } from '../../reach.js'
import { runRpc } from '../../rpc.js'
import { formatDuration } from '../../terminal.js'
import { type Check, failed, ok } from '../check.js'

export interface PingOptions {
  /** Of the check. */
  readonly name: string
  readonly topic: string
  /** Default: any that listens on the topic. */
  readonly server?: string
  /** What is said if nothing answers, and what to do. */
  readonly silence: string
  readonly mend: string
  /** Shorter than the limit of the check. */
  readonly timeoutSeconds: number
}

/** Pings a service over RPC. */
export function ping(
  clock: Clock,
  open: () => Promise<Reached>,
  { name, topic, server, silence, mend, timeoutSeconds }: PingOptions,
): Check {
  return {
    name,
    async run() {
      const reached = await open()
      try {
        const begunMs = clock.monotonicMs()
        const target = server === undefined ? {} : { server }
        await runRpc(reached, 'call', topic, 'ping', { arg: 'doctor' }, { timeoutSeconds, ...target })
        return ok(`it answered after ${formatDuration(clock.monotonicMs() - begunMs)}`)
      } catch (err) {
        if (err instanceof MessagingTimeout) return failed(silence, mend)
        throw err
      } finally {
        await reached.close()
      }
    },
  }
}
