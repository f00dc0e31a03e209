import { parseIsoTime } from '@micronova/versionedobjects'

/** A time in a filter: a Date, or ISO 8601 off the wire, UTC where it names no zone. */
export function filterTime(value: unknown): Date {
  return value instanceof Date ? value : parseIsoTime(String(value))
}
