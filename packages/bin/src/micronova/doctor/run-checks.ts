import { ConfigError } from '@micronova/config'
import { type Clock, doneOrAborted } from '@micronova/lifecycle'
import { isMendable } from '../../error-text.js'
import { type Check, type CheckResult, type Finding, failed, skipped } from './check.js'

export interface RunChecksOptions {
  /** Of each check. */
  readonly limitMs: number
}

/** Runs the checks side by side, each within its limit; the results have the order of the checks. */
export function runChecks(checks: readonly Check[], clock: Clock, { limitMs }: RunChecksOptions): Promise<readonly CheckResult[]> {
  return Promise.all(
    checks.map(async (check) => {
      const begunMs = clock.monotonicMs()
      const finding = await runCheck(check, clock, limitMs)
      return { ...finding, name: check.name, durationMs: Math.round(clock.monotonicMs() - begunMs) }
    }),
  )
}

async function runCheck(check: Check, clock: Clock, limitMs: number): Promise<Finding> {
  const limit = new AbortController()
  const timer = clock.setTimer(limitMs, () => limit.abort())
  let finding: Finding | undefined
  const running = (async () => {
    finding = await check.run(limit.signal).catch(findingOf)
  })()
  await doneOrAborted(running, limit.signal)
  timer.cancel()
  // One that heeds its signal says more than that its time is up.
  if (finding === undefined) await Promise.race([running, new Promise<void>((resolve) => setImmediate(resolve))])
  return (
    finding ?? failed(`it did not end within ${limitMs / 1000} s`, 'look at what it asks: something hangs there; --timeout gives it longer')
  )
}

function findingOf(err: unknown): Finding {
  if (err instanceof ConfigError) return skipped('the configuration is wrong')
  if (isMendable(err)) return failed(err.message, 'look at what the message names')
  throw err
}
