import { existsSync } from 'node:fs'
import {
  type DatabaseSettings,
  describeSchema,
  isDatabaseError,
  openDatabase,
  parseDatabaseUrl,
  type SchemaDescription,
} from '@micronova/db'
import { type Clock, type Random, systemRandom } from '@micronova/lifecycle'
import { nullLogger } from '@micronova/log'
import { type Check, type Finding, failed, ok, warning } from '../check.js'

export interface DatabaseCheckDeps {
  readonly clock: Clock
  readonly random?: Random
}

export interface DatabaseToCheck {
  /** Name of the section. */
  readonly name: 'database' | 'api_database'
  readonly url: string
  readonly settings: Partial<DatabaseSettings>
  /** Seconds; a service whose clock is off by more looks dead. */
  readonly serviceDownTime: number
}

/** Logs in, and reads the revision of the schema and the clock. Makes no file. */
export function database(
  { clock, random = systemRandom }: DatabaseCheckDeps,
  { name, url, settings, serviceDownTime }: DatabaseToCheck,
): Check {
  return {
    name,
    async run(signal) {
      const { dialect, database: file, display } = parseDatabaseUrl(url, settings.connection_parameters)
      if (dialect === 'sqlite' && file !== ':memory:' && !existsSync(file))
        return ok(`${display} does not exist yet; it is made at the first start`)
      try {
        const opened = await openDatabase(
          url,
          { clock, random, log: nullLogger },
          { ...settings, max_retries: 1, db_max_retries: 0 },
          signal,
        )
        try {
          const described = await describeSchema(opened, name === 'database' ? 'cell' : 'api', () => clock.now())
          return judgeDatabase(described, { name, display, serviceDownTime })
        } finally {
          await opened.close()
        }
      } catch (err) {
        const refusal = isDatabaseError(err, 'unavailable', 'refused', 'connection_lost', 'query')
          ? judgeRefusal(err.code, err.message, name)
          : null
        if (refusal === null) throw err
        return refusal
      }
    },
  }
}

export function judgeRefusal(code: string, message: string, name: DatabaseToCheck['name']): Finding {
  const where = `[${name}] connection`
  if (code === 'unavailable')
    return failed(`it cannot be reached: ${message}`, `start the database server, or correct host and port in ${where}`)
  if (code === 'refused')
    return failed(
      `it refuses: ${message}`,
      `correct user, password and name of the database in ${where}, or create and grant them on the server`,
    )
  return failed(message, 'see the log of the database server, and whether the user may read its tables')
}

/** Seconds by which a clock may be off before it is worth a word. */
const noticeableSeconds = 5

export function judgeDatabase(
  { revision, headRevision, isEmpty, clockAheadMs }: SchemaDescription,
  { name, display, serviceDownTime }: Pick<DatabaseToCheck, 'name' | 'serviceDownTime'> & { readonly display: string },
): Finding {
  const sync = name === 'database' ? 'nova-manage db sync' : 'nova-manage api_db sync'
  if (!isEmpty && revision === null)
    return failed(
      `${display} has tables, and none that tells the revision of its schema`,
      `name Nova's own database, or run "${sync}" of Zed`,
    )
  if (revision !== null && revision !== headRevision)
    return failed(`${display} is at schema revision ${revision}, not ${headRevision}`, `run "${sync}" of Zed`)
  const offSeconds = Math.abs(clockAheadMs ?? 0) / 1000
  if (offSeconds > noticeableSeconds) {
    const found = `the clock of ${display} is ${offSeconds.toFixed(0)} s ${(clockAheadMs ?? 0) > 0 ? 'ahead of' : 'behind'} this host`
    return (offSeconds >= serviceDownTime ? failed : warning)(found, 'set both clocks by NTP: services are told to be up or down by them')
  }
  return ok(isEmpty ? `${display} is empty; the schema is made at the first start` : `${display}, schema ${revision}`)
}
