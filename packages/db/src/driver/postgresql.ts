import type { CompiledQuery, QueryResult } from 'kysely'
import type { Client, ClientConfig } from 'pg'
import { DatabaseError } from '../errors.js'
import type { DatabaseUrl } from '../url.js'
import type { SqlConnection } from './connection.js'
import { loadLibrary } from './library.js'
import { isNetworkError } from './network-errors.js'
import { readPem } from './pem.js'
import { formatDatetime, parseDatetime } from './values.js'

const connectTimeoutMs = 10_000

/** Too many connections, starting up, shutting down. */
const unavailable = /^(53300|57P0[123])$/
/** Connection exceptions; closed by an administrator, a crash or a shutdown. */
const lost = /^(08\w{3}|57P0[123])$/
/** Serialization failure, deadlock, lock not available. */
const deadlock = /^(40001|40P01|55P03)$/

/** @throws DatabaseError `unavailable`, `refused`, `invalid_url` */
export async function connectPostgresql(url: DatabaseUrl): Promise<PostgresqlConnection> {
  const { default: pg } = await loadLibrary('pg', () => import('pg'))
  const client = new pg.Client({ ...connectionOptions(url), types: { getTypeParser: typeParser(pg.types.getTypeParser) } })
  const connection = new PostgresqlConnection(client)
  try {
    await client.connect()
    return connection
  } catch (err) {
    await connection.close()
    const { sqlState, message } = describe(err)
    // What has neither is a server that hung up; a certificate that does not hold has a code.
    const hasCode = (err as { code?: unknown }).code !== undefined
    const again = sqlState === null ? isNetworkError(err) || !hasCode : unavailable.test(sqlState)
    throw new DatabaseError(again ? 'unavailable' : 'refused', `${url.display}: ${message}`, { cause: err })
  }
}

export class PostgresqlConnection implements SqlConnection {
  readonly #client: Client
  broken = false

  constructor(client: Client) {
    this.#client = client
    const broke = () => {
      this.broken = true
    }
    // Without a listener a server that goes away while the connection is idle would end the process.
    client.on('error', broke)
    client.on('end', broke)
  }

  async executeQuery<R>({ sql, parameters }: Pick<CompiledQuery, 'sql' | 'parameters'>): Promise<QueryResult<R>> {
    const values = parameters.map(toPostgresql)
    try {
      const { rows, rowCount, command } = await this.#client.query(sql, values)
      return command === 'SELECT' ? { rows } : { rows, numAffectedRows: BigInt(rowCount ?? 0) }
    } catch (err) {
      throw this.#translated(err)
    }
  }

  streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('results are not streamed')
  }

  async ping(): Promise<void> {
    await this.executeQuery({ sql: 'SELECT 1', parameters: [] })
  }

  async close(): Promise<void> {
    this.broken = true
    // A connection that hangs is not worth waiting for, and one that is gone says so again here.
    void this.#client.end().catch(() => {})
  }

  /** An error without an SQLSTATE did not come from the server: the connection is gone. */
  #translated(err: unknown): DatabaseError {
    const { sqlState, constraint, message } = describe(err)
    if (sqlState === null || lost.test(sqlState)) {
      this.broken = true
      return new DatabaseError('connection_lost', `the connection to the database broke: ${message}`, { cause: err })
    }
    if (deadlock.test(sqlState)) return new DatabaseError('deadlock', message, { cause: err })
    if (sqlState === '23505') return new DatabaseError('unique_violation', message, { cause: err, constraint })
    return new DatabaseError(sqlState === '23503' ? 'reference_violation' : 'query', message, { cause: err })
  }
}

function connectionOptions({ host, port, user, password, database, parameters }: DatabaseUrl): ClientConfig {
  return {
    host: parameters.host ?? host,
    port,
    database,
    ...(user === null ? {} : { user }),
    ...(password === null ? {} : { password }),
    connectionTimeoutMillis: parameters.connect_timeout === undefined ? connectTimeoutMs : Number(parameters.connect_timeout) * 1000,
    ...(parameters.application_name === undefined ? {} : { application_name: parameters.application_name }),
    ssl: sslOptions(parameters),
  }
}

/** libpq's `sslmode`, except that `prefer` and `allow` mean no TLS here. */
function sslOptions(parameters: Readonly<Record<string, string>>): ClientConfig['ssl'] {
  const { sslmode = 'prefer', sslrootcert, sslcert, sslkey } = parameters
  if (sslmode === 'disable' || sslmode === 'allow' || sslmode === 'prefer') return false
  if (sslmode !== 'require' && sslmode !== 'verify-ca' && sslmode !== 'verify-full')
    throw new DatabaseError('invalid_url', `[database] connection cannot be used: sslmode ${sslmode} is not known`)
  return {
    rejectUnauthorized: sslmode !== 'require' || sslrootcert !== undefined,
    ...(sslrootcert === undefined ? {} : { ca: readPem('sslrootcert', sslrootcert) }),
    ...(sslcert === undefined ? {} : { cert: readPem('sslcert', sslcert) }),
    ...(sslkey === undefined ? {} : { key: readPem('sslkey', sslkey) }),
    ...(sslmode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
  }
}

/** Object identifiers of types. */
const oidInt8 = 20
const oidTimestamp = 1114

type GetTypeParser = (oid: number, format?: 'text' | 'binary') => unknown

/** `pg` takes a timestamp for local time and a bigint for a text. */
function typeParser(standard: GetTypeParser): GetTypeParser {
  return (oid, format) => {
    if (format === 'binary') return standard(oid, format)
    if (oid === oidTimestamp) return parseDatetime
    if (oid === oidInt8) return Number
    return standard(oid, format)
  }
}

function toPostgresql(value: unknown): unknown {
  if (value === undefined) throw new TypeError('a value of type undefined cannot be a parameter')
  return value instanceof Date ? formatDatetime(value, false) : value
}

function describe(err: unknown): { readonly sqlState: string | null; readonly constraint: string; readonly message: string } {
  const { code, severity, constraint, message } = err as Record<string, unknown>
  return {
    sqlState: severity !== undefined && typeof code === 'string' ? code : null,
    constraint: String(constraint ?? ''),
    message: String(message || code),
  }
}
