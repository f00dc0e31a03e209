import type { Logger } from '@micronova/log'
import { orAborted } from './or-aborted.js'
import { isTimeout } from './peer-errors.js'

/** `baseapi.ping` on the topic `conductor`. */
export interface ConductorPing {
  /** Resolves with any answer. Rejects with an error whose `code` is `timeout` if none came in time. */
  ping(timeoutSeconds: number, signal: AbortSignal): Promise<unknown>
}

/** How long one ping waits. Longer, and a conductor that came up meanwhile is noticed late: the lost ping is not sent again. */
const TRY_SECONDS = 10

/**
 * Resolves when nova-conductor has answered a ping. Tries for ever, with one warning a try; any error other than a
 * timeout ends the wait, because a conductor that answers wrongly will do so again.
 *
 * @throws the reason of `signal` if it aborts
 * @see nova 26.2.2, `conductor/api.py`, `wait_until_ready`, which after ten tries goes on with `rpc_response_timeout`
 */
export async function waitForConductor(
  deps: { readonly conductor: ConductorPing; readonly log: Logger },
  signal: AbortSignal,
): Promise<void> {
  for (let tries = 0; ; tries++) {
    signal.throwIfAborted()
    try {
      await orAborted(deps.conductor.ping(TRY_SECONDS, signal), signal)
      if (tries > 0) deps.log.info('nova-conductor connection established successfully')
      return
    } catch (err) {
      signal.throwIfAborted()
      if (!isTimeout(err)) throw err
      deps.log.warning(`nova-conductor did not answer within ${TRY_SECONDS} s; is it running? Trying again`)
    }
  }
}
