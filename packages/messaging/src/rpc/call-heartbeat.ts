import type { Clock, Timer } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import type { ReplyAddress } from '../message.js'
import type { Replier } from './replier.js'

/**
 * Heartbeats to a caller that monitors its call: one each half of the silence that it bears, in whole seconds of it.
 * They end when one cannot be sent, as the caller is then gone or will time out.
 *
 * @returns ends them; call it before the reply is sent
 * @see oslo.messaging 14.0.3, `rpc/dispatcher.py`, `_watchdog`
 */
export function startCallHeartbeat(
  deps: { readonly clock: Clock; readonly log: Logger; readonly replier: Replier },
  to: ReplyAddress,
): () => void {
  const intervalMs = (Math.trunc(Number(to.monitorTimeout)) / 2) * 1000
  if (!(intervalMs >= 1000)) {
    deps.log.warning(`a caller gave an invalid timeout of '${String(to.monitorTimeout)}' for its call monitor`)
    return () => {}
  }
  let timer: Timer
  let isOver = false
  const beat = () => {
    deps.replier.heartbeat(to).then(schedule, (err) => deps.log.debug(`the heartbeats of ${to.msgId} end`, { err }))
  }
  const schedule = () => {
    if (!isOver) timer = deps.clock.setTimer(intervalMs, beat)
  }
  schedule()
  return () => {
    isOver = true
    timer.cancel()
  }
}
