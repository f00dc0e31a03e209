import { valueError } from '../errors.js'
import type { FieldType } from '../field.js'
import { pythonRepr, pythonTypeName } from '../python-text.js'

/** A moment. On the wire `2023-01-31T23:59:59Z`: seconds, UTC; milliseconds are kept here and lost there. */
export const dateTimeType: FieldType<Date> = {
  name: 'DateTime',
  coerce: coerceDateTime,
  toPrimitive: isoTime,
  clone: (value) => new Date(value),
  equals: (a, b) => a.getTime() === b.getTime(),
  stringify: isoTime,
}

function coerceDateTime(value: unknown, attr: string): Date {
  if (typeof value === 'string') return parseIsoTime(value)
  if (!(value instanceof Date)) throw valueError(`A datetime.datetime is required in field ${attr}, not a ${pythonTypeName(value)}`)
  if (Number.isNaN(value.getTime())) throw valueError(`An invalid date is no value for field ${attr}`)
  return value
}

/** `YYYY-MM-DDTHH:MM:SSZ` */
export function isoTime(at: Date): string {
  const text = at.toISOString()
  return `${text.slice(0, text.indexOf('.'))}Z`
}

/** Python's `iso8601`: dashes and colons may be left out, but not in one place only. */
const isoPattern = new RegExp(
  String.raw`^(\d{4})(?:(?:-(\d{1,2})|(\d{2})(?!$))(?:(?:-(\d{1,2})|(\d{2}))` +
    String.raw`(?:[ T](\d{2})(?::?(\d{2}))?(?::?(\d{1,2})(?:[.,](\d+))?)?(Z|[+-]\d{2}:?(?:\d{2})?)?)?)?)?$`,
)

/** The forms of ISO 8601 that upstream reads; without a zone it is UTC. @throws VersionedObjectError `ValueError` */
export function parseIsoTime(text: string): Date {
  const match = isoPattern.exec(text)
  if (match === null) throw valueError(`Unable to parse date string ${pythonRepr(text)}`)
  const number = (...groups: number[]): number => Number(groups.map((group) => match[group]).find((part) => part !== undefined) ?? 0)
  const [year, month, day] = [number(1), number(2, 3) || 1, number(4, 5) || 1]
  const [hour, minute, second] = [number(6), number(7), number(8)]
  if (year < 1) throw valueError(`year ${year} is out of range`)
  if (month > 12) throw valueError('month must be in 1..12')
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  if (date.getUTCMonth() !== month - 1) throw valueError('day is out of range for month')
  if (hour > 23) throw valueError('hour must be in 0..23')
  if (minute > 59) throw valueError('minute must be in 0..59')
  if (second > 59) throw valueError('second must be in 0..59')
  const ms = Number((match[9] ?? '').slice(0, 3).padEnd(3, '0'))
  return new Date(date.setUTCHours(hour, minute, second, ms) - offsetMs(match[10]))
}

function offsetMs(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z') return 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3).replace(':', '') || 0)
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000
}
