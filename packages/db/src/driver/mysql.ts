import type { CompiledQuery, QueryResult } from 'kysely'
import type { Connection, ConnectionOptions, FieldPacket, ResultSetHeader } from 'mysql2/promise'
import { DatabaseError } from '../errors.js'
import type { DatabaseUrl } from '../url.js'
import type { SqlConnection } from './connection.js'
import { loadLibrary } from './library.js'
import { isNetworkError } from './network-errors.js'
import { readPem } from './pem.js'
import { formatDatetime } from './values.js'

export interface MysqlOptions {
  /** `[database] mysql_sql_mode`; empty for the server's. */
  readonly sqlMode: string
}

/** Statements that a connection keeps prepared; the server has 16,382 for all of its clients. */
const maxPreparedStatements = 128

const connectTimeoutMs = 10_000

/** Too many connections (1040, 1203), Galera node not ready (1047), shutting down (1053). */
const unavailable = new Set([1040, 1047, 1053, 1203])
/** Shutting down (1053), killed (1927), idle for too long (4031); 2006 and 2013 are what the C client calls them. */
const lost = new Set([1053, 1927, 2006, 2013, 4031])
/** Lock wait timeout and deadlock; 3572 is NOWAIT. */
const deadlock = new Set([1205, 1213, 3572])
/** A row to be deleted is still pointed to (1451), or one to be written points to nothing (1452). */
const reference = new Set([1451, 1452])

/** @throws DatabaseError `unavailable`, `refused`, `invalid_url` */
export async function connectMysql(url: DatabaseUrl, { sqlMode }: MysqlOptions): Promise<MysqlConnection> {
  const { createConnection } = await loadLibrary('mysql2', () => import('mysql2/promise'))
  const settings = connectionOptions(url)
  try {
    const connection = await createConnection(settings)
    if (sqlMode !== '') await connection.query('SET SESSION sql_mode = ?', [sqlMode])
    return new MysqlConnection(connection)
  } catch (err) {
    const { serverErrno, message } = describe(err)
    const again = serverErrno === null ? isNetworkError(err) : unavailable.has(serverErrno)
    throw new DatabaseError(again ? 'unavailable' : 'refused', `${url.display}: ${message}`, { cause: err })
  }
}

export class MysqlConnection implements SqlConnection {
  readonly #connection: Connection
  broken = false

  constructor(connection: Connection) {
    this.#connection = connection
    // Without a listener a server that goes away while the connection is idle would end the process.
    connection.on('error', () => {
      this.broken = true
    })
  }

  async executeQuery<R>({ sql, parameters }: Pick<CompiledQuery, 'sql' | 'parameters'>): Promise<QueryResult<R>> {
    try {
      // Statements without a parameter (BEGIN, DDL) are not worth preparing; some of them cannot be.
      const [result, fields] =
        parameters.length === 0 ? await this.#connection.query(sql) : await this.#connection.execute(sql, parameters.map(toMysql))
      if (Array.isArray(result)) return { rows: decode(result as Record<string, unknown>[], fields) as R[] }
      const { affectedRows, insertId } = result as ResultSetHeader
      return { rows: [], numAffectedRows: BigInt(affectedRows), insertId: BigInt(insertId) }
    } catch (err) {
      throw this.#translated(err)
    }
  }

  streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('results are not streamed')
  }

  async ping(): Promise<void> {
    try {
      await this.#connection.ping()
    } catch (err) {
      throw this.#translated(err)
    }
  }

  async close(): Promise<void> {
    this.broken = true
    this.#connection.destroy()
  }

  #translated(err: unknown): unknown {
    const { serverErrno, fatal, message } = describe(err)
    if (fatal || (serverErrno !== null && lost.has(serverErrno))) {
      this.broken = true
      return new DatabaseError('connection_lost', `the connection to the database broke: ${message}`, { cause: err })
    }
    if (serverErrno === null) return err
    if (deadlock.has(serverErrno)) return new DatabaseError('deadlock', message, { cause: err })
    if (serverErrno === 1062) return new DatabaseError('unique_violation', message, { cause: err, constraint: uniqueKey(message) })
    return new DatabaseError(reference.has(serverErrno) ? 'reference_violation' : 'query', message, { cause: err })
  }
}

function connectionOptions({ host, port, user, password, database, parameters }: DatabaseUrl): ConnectionOptions {
  return {
    ...(parameters.unix_socket === undefined ? { host, port } : { socketPath: parameters.unix_socket }),
    ...(user === null ? {} : { user }),
    ...(password === null ? {} : { password }),
    database,
    charset: collation(parameters.charset ?? 'utf8'),
    // Times are UTC without a zone on the way there (`formatDatetime`) and back.
    timezone: 'Z',
    // A hostile server must not be able to ask for our files.
    flags: ['-LOCAL_FILES'],
    connectTimeout: parameters.connect_timeout === undefined ? connectTimeoutMs : Number(parameters.connect_timeout) * 1000,
    maxPreparedStatements,
    ...sslOptions(parameters),
  }
}

/** The default collation of a character set, which is what the protocol asks for. */
function collation(charset: string): string {
  const known: Readonly<Record<string, string>> = {
    utf8: 'UTF8_GENERAL_CI',
    utf8mb3: 'UTF8_GENERAL_CI',
    utf8mb4: 'UTF8MB4_GENERAL_CI',
    latin1: 'LATIN1_SWEDISH_CI',
  }
  const name = known[charset.toLowerCase()]
  if (name === undefined) throw new DatabaseError('invalid_url', `[database] connection cannot be used: charset ${charset} is not known`)
  return name
}

/** PyMySQL's rules: any `ssl_` parameter turns TLS on; a CA has the certificate and the host's name checked. */
function sslOptions(parameters: Readonly<Record<string, string>>): Pick<ConnectionOptions, 'ssl'> {
  const { ssl_ca: ca, ssl_cert: cert, ssl_key: key, ssl_check_hostname: checkHostname } = parameters
  if (ca === undefined && cert === undefined && key === undefined) return {}
  return {
    ssl: {
      ...(ca === undefined ? {} : { ca: readPem('ssl_ca', ca) }),
      ...(cert === undefined ? {} : { cert: readPem('ssl_cert', cert) }),
      ...(key === undefined ? {} : { key: readPem('ssl_key', key) }),
      rejectUnauthorized: ca !== undefined,
      verifyIdentity: ca !== undefined && !/^(0|f|n|off)/i.test(checkHostname ?? ''),
    },
  }
}

function toMysql(value: unknown): string | number | bigint | boolean | null | Uint8Array {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value
  if (typeof value === 'boolean' || typeof value === 'bigint' || value instanceof Uint8Array) return value
  if (value instanceof Date) return formatDatetime(value, true)
  throw new TypeError(`a value of type ${typeof value} cannot be a parameter`)
}

/** Column types of the protocol. */
const typeTiny = 1
const typeFloat = 4

/** TINYINT(1) is Nova's BOOLEAN. A FLOAT has four bytes: of what they become as a double, six digits are true. */
function decode(rows: Record<string, unknown>[], fields: FieldPacket[]): Record<string, unknown>[] {
  const booleans = fields.filter(({ columnType, columnLength }) => columnType === typeTiny && columnLength === 1)
  const floats = fields.filter(({ columnType }) => columnType === typeFloat)
  if (booleans.length === 0 && floats.length === 0) return rows
  for (const row of rows) {
    for (const { name } of booleans) if (row[name] !== null) row[name] = row[name] !== 0
    for (const { name } of floats) if (row[name] !== null) row[name] = Number((row[name] as number).toPrecision(6))
  }
  return rows
}

interface MysqlErrorFacts {
  /** Of an error that the server reported; null if the connection itself failed. */
  readonly serverErrno: number | null
  /** mysql2's word for an error after which the connection is dead. */
  readonly fatal: boolean
  readonly message: string
}

function describe(err: unknown): MysqlErrorFacts {
  const { errno, sqlState, fatal, message, code } = err as Record<string, unknown>
  return {
    serverErrno: typeof sqlState === 'string' && typeof errno === 'number' ? errno : null,
    fatal: fatal === true || isNetworkError(err),
    message: String(message || code),
  }
}

/** MySQL 8 puts the table before the key's name, MariaDB does not. */
const duplicateKey = /for key '(?:[^'.]*\.)?([^']*)'$/

function uniqueKey(message: string): string {
  return duplicateKey.exec(message)?.[1] ?? ''
}
