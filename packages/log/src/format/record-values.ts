import { basename } from 'node:path'
import { levelNumbers } from '../levels.js'
import type { LogRecord } from '../record.js'
import { moduleOf, unknownCallSite } from './call-site.js'
import type { ProcessFacts } from './formatter.js'
import { type SecondClock, strftime, utcOffset } from './strftime.js'

/** What a value of a line is made from. */
export interface RenderScope {
  readonly record: LogRecord
  readonly facts: ProcessFacts
  readonly clock: SecondClock
}

type Values = Readonly<Record<string, (scope: RenderScope) => unknown>>

/** Node has one thread that logs. */
const threadId = 0

/** The attributes that every record of Python's logging has, without those of the call site. */
export const recordValues: Values = {
  name: ({ record }) => record.name,
  msg: ({ record }) => record.message,
  message: ({ record }) => record.message,
  args: () => [],
  levelname: ({ record }) => record.level,
  levelno: ({ record }) => levelNumbers[record.level],
  asctime: ({ record, clock }) => clock.format(record.timeMs),
  created: ({ record }) => record.timeMs / 1000,
  msecs: ({ record }) => record.timeMs % 1000,
  relativeCreated: ({ record, facts }) => record.timeMs - facts.startedMs,
  thread: () => threadId,
  threadName: () => 'MainThread',
  processName: () => 'MainProcess',
  process: ({ facts }) => facts.pid,
}

/** The attributes that need to know who logged. */
export const callSiteValues: Values = {
  pathname: ({ record }) => siteOf(record).path,
  filename: ({ record }) => basename(siteOf(record).path),
  module: ({ record }) => moduleOf(siteOf(record)),
  lineno: ({ record }) => siteOf(record).line,
  funcName: ({ record }) => siteOf(record).functionName,
}

const siteOf = (record: LogRecord) => record.callSite ?? unknownCallSite

/** ISO 8601 in local time with microseconds. */
export function isoTime(timeMs: number): string {
  const date = new Date(timeMs)
  return `${strftime('%Y-%m-%dT%H:%M:%S', date)}.${String(timeMs % 1000).padStart(3, '0')}000${utcOffset(date, ':')}`
}
