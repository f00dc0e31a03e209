import type { HelperFacts } from '@micronova/privsep'
import { type Check, type Finding, failed, ok } from '../check.js'

/** A helper that can be started and told to go. */
export interface StartableHelper {
  start(): Promise<HelperFacts | null>
  stop(deadline: AbortSignal): Promise<void>
}

const stopMs = 1000

/** Starts the helper of a context as nova-compute does, and ends it. */
export function privilegedHelper(section: string, helper: StartableHelper, needed: readonly string[]): Check {
  return {
    name: section.replace(/_privileged$/, ' helper'),
    async run(signal) {
      const stop = () => helper.stop(AbortSignal.abort())
      signal.addEventListener('abort', stop, { once: true })
      try {
        return judgeHelper(await helper.start(), needed, section)
      } catch (err) {
        return failed(
          err instanceof Error ? err.message : String(err),
          `let the user of nova-compute run micronova-privsep-helper through sudo, or correct helper_command in [${section}]`,
        )
      } finally {
        signal.removeEventListener('abort', stop)
        await helper.stop(AbortSignal.timeout(stopMs))
      }
    },
  }
}

export function judgeHelper(facts: HelperFacts | null, needed: readonly string[], section: string): Finding {
  if (facts === null) return failed('it told nothing of itself', `leave helper_command in [${section}] out`)
  const missing = needed.filter((name) => !facts.effective.includes(name))
  const has = facts.effective.length === 0 ? 'no capability' : facts.effective.join(', ')
  if (missing.length === 0) return ok(`it starts, as uid ${facts.uid} with ${has}`)
  return failed(
    `it starts, with ${has} and without ${missing.join(', ')}`,
    `let its command give it the capability: sudo as root, or AmbientCapabilities of the unit; see capabilities and user in [${section}]`,
  )
}
