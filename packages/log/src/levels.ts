import { LogError } from './errors.js'
import type { LogLevel } from './logger.js'

/** Python's numbers of oslo.log's levels; configurations may use them in place of the names. */
export const levelNumbers: Readonly<Record<LogLevel, number>> = {
  TRACE: 5,
  DEBUG: 10,
  INFO: 20,
  WARNING: 30,
  ERROR: 40,
  CRITICAL: 50,
}

/** No level of its own: the next logger up the dotted name decides. */
export const NOTSET = 0

const names = new Map(Object.entries({ ...levelNumbers, WARN: 30, FATAL: 50, NOTSET }))

/**
 * The number of a level as written in a configuration: a name, or an integer.
 *
 * @throws LogError bad_option, beginning with `where`
 */
export function parseLevel(text: string, where: string): number {
  const trimmed = text.trim()
  const number = /^-?\d+$/.test(trimmed) ? Number(trimmed) : names.get(trimmed)
  if (number === undefined) throw new LogError('bad_option', `${where}: '${text}' is not a log level`)
  return number
}

/** syslog's severity of a level, as oslo.log maps it (TRACE counts as DEBUG). */
export function syslogSeverity(levelNumber: number): number {
  if (levelNumber >= levelNumbers.CRITICAL) return 2
  if (levelNumber >= levelNumbers.ERROR) return 3
  if (levelNumber >= levelNumbers.WARNING) return 4
  return levelNumber >= levelNumbers.INFO ? 6 : 7
}

const facilities = 'KERN USER MAIL DAEMON AUTH SYSLOG LPR NEWS UUCP CRON AUTHPRIV FTP'.split(' ')

/**
 * The number of a syslog facility: `LOG_USER`, `user`, `LOG_LOCAL0` ...
 *
 * @throws LogError bad_option, beginning with `where`
 */
export function parseFacility(text: string, where: string): number {
  const name = text.toUpperCase().replace(/^LOG_/, '')
  const local = /^LOCAL([0-7])$/.exec(name)
  const number = local ? 16 + Number(local[1]) : facilities.indexOf(name)
  if (number < 0) throw new LogError('bad_option', `${where}: '${text}' is not a syslog facility`)
  return number
}
