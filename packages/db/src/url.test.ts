import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDatabaseError } from './errors.js'
import { parseDatabaseUrl } from './url.js'

test('a MariaDB URL as in nova.conf is taken apart, escapes decoded', () => {
  const url = parseDatabaseUrl('mysql+pymysql://nova:p%40ss%2F%25@db.example.org:3307/nova_cell1?charset=utf8&ssl_ca=/etc/ca.pem')
  assert.deepEqual(url, {
    dialect: 'mysql',
    host: 'db.example.org',
    port: 3307,
    user: 'nova',
    password: 'p@ss/%',
    database: 'nova_cell1',
    parameters: { charset: 'utf8', ssl_ca: '/etc/ca.pem' },
    ignored: [],
    display: 'mysql://nova@db.example.org:3307/nova_cell1',
  })
})

test('the names of SQLAlchemy’s dialects and any driver are understood, with their usual ports', () => {
  const seen = ['mysql', 'mysql+mysqldb', 'mariadb+pymysql', 'postgresql', 'postgresql+psycopg2'].map((name) => {
    const { dialect, port } = parseDatabaseUrl(`${name}://h/d`)
    return [dialect, port]
  })
  assert.deepEqual(seen, [
    ['mysql', 3306],
    ['mysql', 3306],
    ['mysql', 3306],
    ['postgresql', 5432],
    ['postgresql', 5432],
  ])
})

test('an SQLite URL has a relative or an absolute path, or none for memory', () => {
  const paths = ['sqlite:///nova.db', 'sqlite:////var/lib/nova/nova.db', 'sqlite://', 'sqlite:///:memory:'].map(
    (text) => parseDatabaseUrl(text).database,
  )
  assert.deepEqual(paths, ['nova.db', '/var/lib/nova/nova.db', ':memory:', ':memory:'])
})

test('a password may hold anything but an unescaped at sign', () => {
  assert.equal(parseDatabaseUrl('mysql://nova:a/b:c?d#e@h/nova').password, 'a/b:c?d#e')
})

test('an IPv6 host stands in brackets', () => {
  const { host, port, display } = parseDatabaseUrl('postgresql://nova@[2001:db8::1]:5433/nova')
  assert.deepEqual({ host, port, display }, { host: '2001:db8::1', port: 5433, display: 'postgresql://nova@[2001:db8::1]:5433/nova' })
})

test('connection_parameters are added, and win', () => {
  assert.deepEqual(parseDatabaseUrl('mysql://h/d?charset=latin1', 'charset=utf8&connect_timeout=3').parameters, {
    charset: 'utf8',
    connect_timeout: '3',
  })
})

test('a parameter of another library is named, not refused', () => {
  assert.deepEqual(parseDatabaseUrl('mysql://h/d?read_timeout=30&charset=utf8').ignored, ['read_timeout'])
})

const mistakes: readonly (readonly [string, RegExp])[] = [
  ['nova.db', /not of the form/],
  ['oracle://nova:secret@h/nova', /oracle is not one of sqlite, mysql, mariadb, postgresql/],
  ['postgres://nova:secret@h/nova', /postgres is not one of/],
  ['mysql://nova:secret@h', /names no database/],
  ['mysql://nova:secret@h:33o6/nova', /port is not a number/],
  ['mysql://nova:secret@h:99999/nova', /port is not a number/],
  ['mysql://nova:secret%@h/nova', /password holds a percent sign/],
  ['mysql://nova:secret@h/nova?ssl_capath=/etc/ssl', /parameter ssl_capath is not known/],
  ['sqlite://nova.db', /SQLite has no host: write sqlite:\/\/\/nova.db/],
]

for (const [text, message] of mistakes) {
  test(`${text.replace('secret', '***')} is refused with a reason that does not show the password`, () => {
    const isExpected = (err: unknown) => isDatabaseError(err, 'invalid_url') && message.test(err.message) && !err.message.includes('secret')
    assert.throws(() => parseDatabaseUrl(text), isExpected)
  })
}
