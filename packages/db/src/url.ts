import { DatabaseError } from './errors.js'
import type { Dialect } from './schema/table.js'

/** A parsed connection string. */
export interface DatabaseUrl {
  readonly dialect: Dialect
  /** Of a server; default `localhost`. */
  readonly host: string
  readonly port: number
  readonly user: string | null
  readonly password: string | null
  /** Name of the database, or the path of an SQLite file; `:memory:` for none. */
  readonly database: string
  readonly parameters: Readonly<Record<string, string>>
  /** Names of parameters that are meant for another library and have no effect here. */
  readonly ignored: readonly string[]
  /** The whole for messages, without the password. */
  readonly display: string
}

/** SQLAlchemy's names, with any driver after the plus sign: the driver is ours. */
const dialects: Readonly<Record<string, { readonly dialect: Dialect; readonly port: number }>> = {
  sqlite: { dialect: 'sqlite', port: 0 },
  mysql: { dialect: 'mysql', port: 3306 },
  mariadb: { dialect: 'mysql', port: 3306 },
  postgresql: { dialect: 'postgresql', port: 5432 },
}

/** What the drivers heed of the parameters. */
const understood: Readonly<Record<Dialect, ReadonlySet<string>>> = {
  sqlite: new Set(),
  mysql: new Set(['charset', 'unix_socket', 'connect_timeout', 'ssl_ca', 'ssl_cert', 'ssl_key', 'ssl_check_hostname']),
  postgresql: new Set(['host', 'connect_timeout', 'application_name', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey']),
}

/** `name://user:password@host:port/database?query`; a password may hold anything but `@`. */
const pattern =
  /^(?<scheme>[\w+.-]+):\/\/(?:(?<user>[^:/@]*)(?::(?<password>[^@]*))?@)?(?:\[(?<ipv6>[^\]/?]+)\]|(?<host>[^/:?]*))(?::(?<port>[^/?]*))?(?:\/(?<database>[^?]*))?(?:\?(?<query>.*))?$/s

/**
 * Parse `[database] connection`, an SQLAlchemy URL.
 *
 * @param extraParameters `[database] connection_parameters`
 * @throws DatabaseError `invalid_url`, which says what is wrong and never shows the password
 * @see SQLAlchemy 1.4.46, `engine/url.py`, `_parse_rfc1738_args`
 */
export function parseDatabaseUrl(text: string, extraParameters = ''): DatabaseUrl {
  const parts = pattern.exec(text)?.groups
  if (parts === undefined) throw invalid('it is not of the form dialect://user:password@host:port/database')
  const [name = ''] = (parts.scheme ?? '').toLowerCase().split('+')
  const known = dialects[name]
  if (known === undefined) throw invalid(`${name} is not one of sqlite, mysql, mariadb, postgresql`)
  const user = decoded(parts.user, 'user name')
  const host = parts.ipv6 ?? (parts.host || null)
  const parameters = Object.fromEntries([...new URLSearchParams(parts.query ?? ''), ...new URLSearchParams(extraParameters)])
  const ignored = Object.keys(parameters).filter((parameter) => !understood[known.dialect].has(parameter))
  const unsafe = ignored.find((parameter) => parameter.startsWith('ssl'))
  // To ignore this one could mean a connection without TLS.
  if (unsafe !== undefined) throw invalid(`its parameter ${unsafe} is not known`)
  const base = { dialect: known.dialect, user, password: decoded(parts.password, 'password'), parameters, ignored }
  if (known.dialect === 'sqlite') return sqliteUrl(base, host, parts.database)
  const database = parts.database ?? ''
  if (database === '') throw invalid('it names no database')
  const port = portNumber(parts.port, known.port)
  const shown = parts.ipv6 === undefined ? (host ?? 'localhost') : `[${host}]`
  const display = `${known.dialect}://${user === null ? '' : `${user}@`}${shown}:${port}/${database}`
  return { ...base, host: host ?? 'localhost', port, database, display }
}

/** `sqlite:///relative`, `sqlite:////absolute`, `sqlite://` for memory. */
function sqliteUrl(base: Omit<DatabaseUrl, 'host' | 'port' | 'database' | 'display'>, host: string | null, path = ''): DatabaseUrl {
  if (host !== null) throw invalid(`SQLite has no host: write sqlite:///${host}${path} (relative) or sqlite:////PATH (absolute)`)
  const database = path === '' ? ':memory:' : path
  return { ...base, host: '', port: 0, database, display: `sqlite:///${database}` }
}

function decoded(text: string | undefined, what: string): string | null {
  if (text === undefined) return null
  try {
    return decodeURIComponent(text)
  } catch {
    throw invalid(`the ${what} holds a percent sign that begins no escape: write %25`)
  }
}

function portNumber(text: string | undefined, standard: number): number {
  if (text === undefined || text === '') return standard
  const port = Number(text)
  // A password with an unescaped @ or / ends up here, so the text is not shown.
  if (!/^\d+$/.test(text) || port < 1 || port > 65535)
    throw invalid('its port is not a number from 1 to 65535; @ in a password is written %40')
  return port
}

function invalid(why: string): DatabaseError {
  return new DatabaseError('invalid_url', `[database] connection cannot be used: ${why}`)
}
