import type { Clock, Random } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import { type DatabaseError, isDatabaseError } from './errors.js'

export interface RetryPolicy {
  /** -1 for ever. */
  readonly maxRetries: number
  readonly intervalMs: number
  readonly doubleInterval: boolean
  readonly maxIntervalMs: number
}

/**
 * First wait after a deadlock or a busy SQLite file, which are over in milliseconds; the wait doubles up to the policy's limit.
 * Much smaller would let two transactions meet again, much larger would show in a user's request.
 */
const deadlockIntervalMs = 10

export interface RetryDeps {
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
}

/**
 * Run `attempt` until it does not end in a deadlock or a lost connection, within the bounds of `policy`.
 * A connection that was lost is replaced at once the first time: it is most often a pooled one that the server has closed.
 * Waits after a deadlock are shortened by chance, so that two victims part.
 */
export async function withRetries<T>(deps: RetryDeps, policy: RetryPolicy, attempt: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await attempt()
    } catch (err) {
      if (!isDatabaseError(err, 'deadlock', 'connection_lost', 'unavailable')) throw err
      if (policy.maxRetries >= 0 && tries >= policy.maxRetries) throw err
      const waitMs = retryDelayMs(err, tries, policy, deps.random)
      deps.log.debug(`database work is tried again in ${Math.round(waitMs)} ms: ${err.message}`)
      await deps.clock.sleep(waitMs)
    }
  }
}

/** @param tries failed ones before this, 0 the first time */
export function retryDelayMs(err: DatabaseError, tries: number, policy: RetryPolicy, random: Random): number {
  if (err.code === 'deadlock') return Math.min(deadlockIntervalMs * 2 ** tries, policy.maxIntervalMs) * random.next()
  if (err.code === 'connection_lost' && tries === 0) return 0
  const doubled = policy.doubleInterval ? 2 ** (err.code === 'connection_lost' ? tries - 1 : tries) : 1
  return Math.min(policy.intervalMs * doubled, policy.maxIntervalMs)
}
