/** A span of a usage audit; `begin` belongs to it, `end` to the next. */
export interface AuditPeriod {
  readonly begin: Date
  readonly end: Date
}

const units = ['hour', 'day', 'month', 'year'] as const
type Unit = (typeof units)[number]

/**
 * The last audit period that is over at `nowMs`; times are UTC.
 *
 * @param period `[DEFAULT] instance_usage_audit_period`: `month`, or with an offset `day@18` (from 18:00 on), `month@15`, `year@3`, `hour@30`
 * @see nova 26.2.2, `utils.py`, `last_completed_audit_period`
 */
export function lastCompletedAuditPeriod(period: string, nowMs: number): AuditPeriod {
  const [name = '', offset = '0'] = period.split('@')
  const unit = units.find((one) => one === name)
  if (unit === undefined) throw new RangeError(`${period} is no audit period`)
  const current = startOf(unit, Number(offset), nowMs, 0)
  const back = current.getTime() >= nowMs ? 1 : 0
  return { begin: startOf(unit, Number(offset), nowMs, back + 1), end: startOf(unit, Number(offset), nowMs, back) }
}

/** The period that is under way: it began where the last one ended. */
export function currentAuditPeriod(period: string, nowMs: number): AuditPeriod {
  return { begin: lastCompletedAuditPeriod(period, nowMs).end, end: new Date(nowMs) }
}

/** The beginning of the unit of `nowMs`, `back` units earlier. Months and their days count from 1, so offset 0 means 1 there. */
function startOf(unit: Unit, offset: number, nowMs: number, back: number): Date {
  const now = new Date(nowMs)
  const [year, month, day, hour] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate(), now.getUTCHours()]
  switch (unit) {
    case 'year':
      return new Date(Date.UTC(year - back, Math.max(offset, 1) - 1, 1))
    case 'month':
      return new Date(Date.UTC(year, month - back, Math.max(offset, 1)))
    case 'day':
      return new Date(Date.UTC(year, month, day - back, offset))
    case 'hour':
      return new Date(Date.UTC(year, month, day, hour - back, offset))
  }
}
