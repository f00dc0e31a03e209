import assert from 'node:assert/strict'
import { once } from 'node:events'
import { statSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '@micronova/testing'
import { sql } from 'kysely'
import { type Database, isDatabaseError, migrate, openDatabase } from '../../src/index.js'
import type { Rows } from '../../src/rows.js'
import { services } from '../../src/schema/cell-tables.js'
import { alembicVersion } from '../../src/schema/index.js'
import type { Dialect } from '../../src/schema/table.js'
import { dialect, openTestDatabase, testDeps } from '../databases.js'

const servers = [dialect('mysql'), dialect('postgresql')] as const

/** Close all other connections to the database of `admin`, as an administrator or a restart does. @returns how many */
async function killOthers(admin: Database): Promise<number> {
  if (admin.dialect === 'postgresql') {
    const query = sql<{ done: boolean }>`select pg_terminate_backend(pid) as done from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`
    return (await query.execute(admin.kysely)).rows.length
  }
  const query = sql<{ id: number }>`select id from information_schema.processlist where db = database() and id <> connection_id()`
  const { rows } = await query.execute(admin.kysely)
  for (const { id } of rows) await sql.raw(`kill ${id}`).execute(admin.kysely)
  return rows.length
}

/** Connections to the database of `admin`, its own included. */
async function connectionsTo(admin: Database): Promise<number> {
  const query =
    admin.dialect === 'postgresql'
      ? sql`select 1 from pg_stat_activity where datname = current_database()`
      : sql`select 1 from information_schema.processlist where db = database()`
  return (await query.execute(admin.kysely)).rows.length
}

const connectionId: Readonly<Record<Exclude<Dialect, 'sqlite'>, ReturnType<typeof sql<{ id: number }>>>> = {
  mysql: sql<{ id: number }>`select connection_id() as id`,
  postgresql: sql<{ id: number }>`select pg_backend_pid() as id`,
}

for (const server of servers) {
  const options = { skip: server.skip }
  const name = server.name as Exclude<Dialect, 'sqlite'>

  test(`${name}: connections that the server closed while they lay idle are replaced unnoticed`, options, async (t) => {
    const url = await server.create(t)
    const database = await openTestDatabase(t, url)
    const admin = await openTestDatabase(t, url)
    const read = () => database.read(async ({ db }) => (await connectionId[name].execute(db)).rows[0]!.id)
    const before = await Promise.all([read(), read(), read()])
    assert.equal(await killOthers(admin), 3)
    const after = await Promise.all([read(), read(), read()])
    assert.equal(
      after.some((id) => before.includes(id)),
      false,
    )
  })

  test(`${name}: a database that was opened and never used closes its connection`, options, async (t) => {
    const url = await server.create(t)
    const admin = await openTestDatabase(t, url)
    await sql`select 1`.execute(admin.kysely)
    const unused = await openDatabase(url, testDeps)
    await unused.close()
    // The server may take a moment to forget it.
    for (let looks = 1; (await connectionsTo(admin)) > 1; looks++) assert.ok(looks < 1000, 'the connection stays open')
  })

  test(`${name}: a transaction whose connection breaks half way runs again from its beginning`, options, async (t) => {
    const url = await server.create(t)
    const database = await openTestDatabase(t, url)
    const admin = await openTestDatabase(t, url)
    await sql`create table t (n integer)`.execute(database.kysely)
    let runs = 0
    await database.write(async ({ db }) => {
      runs += 1
      await sql`insert into t values (${runs})`.execute(db)
      if (runs === 1) await killOthers(admin)
      await sql`insert into t values (${runs})`.execute(db)
    })
    const { rows } = await sql<{ n: number }>`select n from t`.execute(database.kysely)
    assert.deepEqual(
      rows.map(({ n }) => n),
      [2, 2],
    )
  })

  test(`${name}: a connection that breaks during the commit is an error of its own, and nothing runs again`, options, async (t) => {
    const url = await server.create(t)
    const database = await openTestDatabase(t, url)
    const admin = await openTestDatabase(t, url)
    await sql`create table t (n integer)`.execute(database.kysely)
    let runs = 0
    const work = database.write(async ({ db }) => {
      runs += 1
      await sql`insert into t values (1)`.execute(db)
      await killOthers(admin)
    })
    await assert.rejects(work, (err) => isDatabaseError(err, 'commit_unknown'))
    assert.equal(runs, 1)
    await database.write(({ db }) => sql`insert into t values (2)`.execute(db))
  })

  test(`${name}: of two transactions that wait for each other both succeed, one of them the second time`, options, async (t) => {
    const database = await openTestDatabase(t, await server.create(t))
    await sql`create table t (id integer primary key, n integer)`.execute(database.kysely)
    await sql`insert into t values (1, 0), (2, 0)`.execute(database.kysely)
    const bothHoldOne = barrier(2)
    let runs = 0
    const crosswise = (first: number, second: number) =>
      database.write(async ({ db }) => {
        runs += 1
        await sql`update t set n = n + 1 where id = ${first}`.execute(db)
        await bothHoldOne()
        await sql`update t set n = n + 1 where id = ${second}`.execute(db)
      })
    await Promise.all([crosswise(1, 2), crosswise(2, 1)])
    const { rows } = await sql<{ n: number }>`select n from t order by id`.execute(database.kysely)
    assert.deepEqual(
      rows.map(({ n }) => n),
      [2, 2],
    )
    assert.equal(runs, 3)
  })

  test(`${name}: what keeps failing ends after db_max_retries with its error`, options, async (t) => {
    const url = await server.create(t)
    const database = await openTestDatabase(t, url, { db_max_retries: 2, db_retry_interval: 0 })
    const admin = await openTestDatabase(t, url)
    let runs = 0
    const work = database.write(async ({ db }) => {
      runs += 1
      await killOthers(admin)
      await sql`select 1`.execute(db)
    })
    await assert.rejects(work, (err) => isDatabaseError(err, 'connection_lost'))
    assert.equal(runs, 3)
  })

  test(`${name}: a wrong password or database is refused at once, without showing the password`, options, async (t) => {
    const url = new URL(await server.create(t))
    const missing = new URL('/micronova_no_such_database', url).href
    await assert.rejects(
      openDatabase(missing, testDeps),
      (err) => isDatabaseError(err, 'refused') && err.message.includes('micronova_no_such_database'),
    )
    if (name !== 'mysql') return
    url.username = 'root'
    url.password = 'not-the-password'
    await assert.rejects(
      openDatabase(url.href, testDeps),
      (err) => isDatabaseError(err, 'refused') && !err.message.includes('not-the-password'),
    )
  })

  test(`${name}: where TLS with a verified certificate is asked for there is no connection without it`, options, async (t) => {
    const url = new URL(await server.create(t))
    const authority = join(temporaryFolder(t), 'ca.pem')
    writeFileSync(authority, '')
    url.search = name === 'mysql' ? `ssl_ca=${authority}` : `sslmode=verify-full&sslrootcert=${authority}`
    const opening = openDatabase(url.href, testDeps, { max_retries: 1 })
    await assert.rejects(opening, (err) => isDatabaseError(err, 'refused', 'unavailable'))
    const missing = openDatabase(url.href.replaceAll('ca.pem', 'no.pem'), testDeps)
    await assert.rejects(missing, (err) => isDatabaseError(err, 'invalid_url') && err.message.includes('no.pem cannot be read'))
  })

  test(`${name}: values come back as they went: booleans, times in UTC, large numbers, floats, any text`, options, async (t) => {
    await roundTrip(await openTestDatabase(t, await server.create(t)))
  })
}

test('sqlite: values come back as they went', async (t) => {
  await roundTrip(await openTestDatabase(t, await dialect('sqlite').create(t)))
})

async function roundTrip(database: Database): Promise<void> {
  const [float, time] = database.dialect === 'postgresql' ? ['double precision', 'timestamp'] : ['float', 'datetime']
  await sql.raw(`create table v (b boolean, t ${time}, n bigint, f ${float}, s varchar(80), i integer)`).execute(database.kysely)
  const at = new Date(Date.UTC(2024, 1, 29, 23, 59, 58))
  const text = `it's "quoted" \\ back, ä €, ; -- ? $1 \n`
  const insert = (...values: unknown[]) => sql`insert into v values (${sql.join(values)})`
  await database.write(async ({ db }) => {
    await insert(true, at, 2 ** 40, 0.9, text, 5).execute(db)
    await insert(false, null, null, 16, '', null).execute(db)
    await insert(null, null, 0, 1.1, '7', -1).execute(db)
  })
  const { rows } = await database.read(({ db }) => sql<Record<string, unknown>>`select * from v`.execute(db))
  assert.deepEqual(
    rows.map((row) => ({ ...row })),
    [
      { b: true, t: at, n: 2 ** 40, f: 0.9, s: text, i: 5 },
      { b: false, t: null, n: null, f: 16, s: '', i: null },
      { b: null, t: null, n: 0, f: 1.1, s: '7', i: -1 },
    ],
  )
  const found = await database.read(({ db }) => sql`select i from v where s = ${'7'} and i = ${-1}`.execute(db))
  assert.equal(found.rows.length, 1)
}

test('sqlite: the file and its log are readable by their owner alone', async (t) => {
  const path = join(temporaryFolder(t), 'nova.sqlite')
  const database = await openTestDatabase(t, `sqlite:///${path}`)
  await migrate(database)
  for (const file of [path, `${path}-wal`, `${path}-shm`]) assert.equal(statSync(file).mode & 0o777, 0o600, file)
})

test('sqlite: a writer that finds the file locked lets the rest of the process go on while it waits', async (t) => {
  const url = await dialect('sqlite').create(t)
  const holder = await openTestDatabase(t, url)
  await migrate(holder)
  let refusals = 0
  let letGo = () => {}
  const refusedTwice = new Promise<void>((resolve) => {
    letGo = resolve
  })
  const onRefusal = () => {
    refusals += 1
    if (refusals === 2) letGo()
  }
  const waiter = await openTestDatabase(t, url, {}, { ...testDeps, log: { ...testDeps.log, debug: onRefusal } })
  const order: string[] = []
  const setVersion = (database: Database, version_num: string, before: Promise<void>) =>
    database.write(async (rows) => {
      await rows.update(alembicVersion, {}, { version_num })
      await before
      order.push(version_num)
    })
  await Promise.all([setVersion(holder, 'holder', refusedTwice), setVersion(waiter, 'waiter', Promise.resolve())])
  assert.deepEqual(order, ['holder', 'waiter'])
  assert.ok(refusals >= 2)
})

test('sqlite: a failed transaction leaves nothing, and the next one is not hindered', async (t) => {
  const database = await openTestDatabase(t, await dialect('sqlite').create(t))
  await migrate(database)
  const failing = database.write(async (rows) => {
    await rows.update(alembicVersion, {}, { version_num: 'x' })
    throw new Error('no')
  })
  await assert.rejects(failing, /^Error: no$/)
  assert.equal(await database.write(async (rows) => (await rows.first(alembicVersion, {}))?.version_num), 'ccb0fa1a2252')
})

test('sqlite: work after the close is an error at once', async (t) => {
  const database = await openTestDatabase(t, await dialect('sqlite').create(t))
  await database.close()
  await assert.rejects(
    database.read(({ db }) => sql`select 1`.execute(db)),
    (err) => isDatabaseError(err, 'closed'),
  )
})

test('the replica answers what may be a little behind, and nothing else', async (t) => {
  const [mainUrl, replicaUrl] = [await dialect('sqlite').create(t), await dialect('sqlite').create(t)]
  for (const [url, host] of [
    [mainUrl, 'in main'],
    [replicaUrl, 'in replica'],
  ] as const) {
    const database = await openTestDatabase(t, url)
    await migrate(database)
    await database.write((rows) => rows.insert(services, { host, binary: 'nova-compute' }))
  }
  const database = await openTestDatabase(t, mainUrl, { slave_connection: replicaUrl })
  const host = async (rows: Rows) => (await rows.first(services, {}))?.host
  assert.equal(await database.read(host, { replica: true }), 'in replica')
  assert.equal(await database.read(host), 'in main')
  assert.equal(await database.write(host), 'in main')
})

test('sqlite: a folder that is not there is named', async () => {
  await assert.rejects(
    openDatabase('sqlite:////no/such/folder/nova.sqlite', testDeps),
    (err) => isDatabaseError(err, 'refused') && err.message.startsWith('sqlite:////no/such/folder/nova.sqlite cannot be opened'),
  )
})

test('a server that is not there yet is tried again as often as max_retries says, with a warning for each try', async () => {
  const warnings: string[] = []
  const deps = { ...testDeps, log: { ...testDeps.log, warning: (message: string) => void warnings.push(message) } }
  const settings = { max_retries: 3, retry_interval: 0 }
  for (const scheme of ['mysql', 'postgresql']) {
    warnings.length = 0
    const opening = openDatabase(`${scheme}://nova:secret@127.0.0.1:1/nova`, deps, settings)
    await assert.rejects(opening, (err) => isDatabaseError(err, 'unavailable') && !err.message.includes('secret'))
    assert.equal(warnings.length, 2)
    assert.ok(warnings.every((line) => line.includes('127.0.0.1:1/nova') && !line.includes('secret')))
  }
})

test('the waiting for a server ends with its signal', async (t) => {
  const silent = await deafServer(t)
  const halt = new AbortController()
  const warned = new Promise<void>((resolve) => {
    const log = { ...testDeps.log, warning: () => resolve() }
    const opening = openDatabase(
      `mysql://nova@127.0.0.1:${silent}/nova`,
      { ...testDeps, log },
      { max_retries: -1, retry_interval: 60 },
      halt.signal,
    )
    t.after(() => assert.rejects(opening, /enough/))
  })
  await warned
  halt.abort(new Error('enough'))
})

/** Closes each connection at once. */
async function deafServer(t: { after(fn: () => void): void }): Promise<number> {
  const server: Server = createServer((socket: Socket) => socket.destroy())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** A point at which `parties` callers wait until all are there; whoever comes later goes on. */
function barrier(parties: number): () => Promise<void> {
  let arrived = 0
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return () => {
    arrived += 1
    if (arrived >= parties) open()
    return opened
  }
}
