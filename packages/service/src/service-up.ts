import type { Logger } from '@micronova/log'

/**
 * Seconds after which a silent service counts as down. Reports that come no more often than that would have every
 * service down half of the time; then two and a half intervals are taken instead, with a warning.
 *
 * @see nova 26.2.2, `servicegroup/api.py`
 */
export function serviceDownTime(config: { readonly report_interval: number; readonly service_down_time: number }, log: Logger): number {
  const { report_interval: interval, service_down_time: downTime } = config
  if (downTime > interval) return downTime
  const longer = Math.trunc(interval * 2.5)
  log.warning(`report_interval (${interval}) must be less than service_down_time (${downTime}); ${longer} is used for service_down_time`)
  return longer
}

/** Whether a service is up: not forced down, and seen within `downTimeSeconds` of `now` (milliseconds since 1970), before or after it. */
export function isServiceUp(
  service: { readonly forcedDown: boolean; readonly lastSeenUp: Date | null; readonly createdAt: Date },
  downTimeSeconds: number,
  now: number,
): boolean {
  const seen = (service.lastSeenUp ?? service.createdAt).getTime()
  return !service.forcedDown && Math.abs(now - seen) <= downTimeSeconds * 1000
}
