import { randomBytes } from 'node:crypto'
import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createApiStores, createStores, type Database, type DatabaseStores, openDatabase } from '@micronova/db'
import { systemClock, systemRandom } from '@micronova/lifecycle'
import { nullLogger } from '@micronova/log'
import { type ApiStores, adminContext } from '@micronova/model'
import { needs, temporaryFolder } from '@micronova/testing'
import { sql } from 'kysely'
import { run } from '../cli/run.js'

export interface Cleanup {
  after(fn: () => void | Promise<void>): void
}

/** A kind of database that nova-manage runs on. */
export interface TestDialect {
  readonly name: 'sqlite' | 'mysql' | 'postgresql'
  readonly skip: string | false
  /** Empty databases of these names, behind one that is nobody else's; removed after the test. @returns their URLs */
  create(t: Cleanup, names: readonly string[]): Promise<string[]>
}

const mariadb = await needs('mariadb')
const postgresql = await needs('postgresql')

export const dialects: readonly TestDialect[] = [
  {
    name: 'sqlite',
    skip: false,
    create: async (t, names) => {
      const folder = temporaryFolder(t)
      return names.map((name) => `sqlite:///${join(folder, name)}`)
    },
  },
  { name: 'mysql', skip: mariadb.skip, create: (t, names) => onServer(t, mariadb.url, 'mysql', names) },
  { name: 'postgresql', skip: postgresql.skip, create: (t, names) => onServer(t, postgresql.url, 'postgres', names) },
]

export const deps = { clock: systemClock, random: systemRandom, log: nullLogger }
export const ctx = adminContext(deps)

/** Output of a program. */
export interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Databases, and a nova.conf that names them. */
export interface TestDeployment {
  readonly config: string
  readonly urls: { readonly main: string; readonly cell0: string; readonly api: string }
  /** Run `bin/nova-manage` with the configuration. */
  manage(...args: readonly string[]): Promise<Ended>
  /** The same; its output, and an error unless it ends with `status`. */
  ok(status: number, ...args: readonly string[]): Promise<string>
  main(): Promise<{ readonly database: Database; readonly stores: DatabaseStores }>
  api(): Promise<{ readonly database: Database; readonly stores: ApiStores }>
}

/** Three empty databases: `[database]`, the one that `map_cell0` makes of its name, and `[api_database]`. */
export async function testDeployment(t: Cleanup, dialect: TestDialect, options = ''): Promise<TestDeployment> {
  const [main, cell0, api] = (await dialect.create(t, ['nova', 'nova_cell0', 'nova_api'])) as [string, string, string]
  const config = join(temporaryFolder(t), 'nova.conf')
  writeFileSync(
    config,
    `[DEFAULT]\ntransport_url = rabbit://nova:secret@127.0.0.1:5672/\n[database]\nconnection = ${main}\n[api_database]\nconnection = ${api}\n`,
  )
  if (options !== '') appendFileSync(config, options)
  const manage = (...args: readonly string[]) => run(t, 'nova-manage', ['--config-file', config, ...args])
  const open = async (url: string) => {
    const database = await openDatabase(url, deps)
    t.after(() => database.close())
    return database
  }
  return {
    config,
    urls: { main, cell0, api },
    manage,
    async ok(status, ...args) {
      const ended = await manage(...args)
      if (ended.status !== status) throw new Error(`${args.join(' ')}: status ${ended.status}\n${ended.stdout}${ended.stderr}`)
      return ended.stdout
    },
    async main() {
      const database = await open(main)
      return { database, stores: createStores(database, deps) }
    },
    async api() {
      const database = await open(api)
      return { database, stores: createApiStores(database, deps) }
    },
  }
}

/** A deployment with schemas, cell0 and `cell1`. */
export async function readyDeployment(t: Cleanup, dialect: TestDialect): Promise<TestDeployment & { readonly cellUuid: string }> {
  const deployment = await testDeployment(t, dialect)
  await deployment.ok(0, 'api_db', 'sync')
  await deployment.ok(0, 'cell_v2', 'map_cell0')
  await deployment.ok(0, 'db', 'sync')
  const created = await deployment.ok(0, 'cell_v2', 'create_cell', '--name', 'cell1', '--verbose')
  return { ...deployment, cellUuid: created.trim().split('\n').at(-1)! }
}

/** Rows of a query, each as the text of its columns. */
export async function linesOf(database: Database, query: string): Promise<string[]> {
  const { rows } = await sql.raw<Record<string, unknown>>(query).execute(database.kysely)
  return rows.map((row) => Object.values(row).join(' | '))
}

/** Run statements, each of which ends with a semicolon at the end of a line, on one connection. */
export async function runScript(database: Database, script: string): Promise<void> {
  await database.kysely.connection().execute(async (db) => {
    for (const statement of script.split(/;$/m).map((text) => text.trim())) if (statement !== '') await sql.raw(statement).execute(db)
  })
}

async function onServer(t: Cleanup, server: string, maintenance: string, names: readonly string[]): Promise<string[]> {
  const prefix = `micronova_test_${randomBytes(6).toString('hex')}`
  const force = maintenance === 'postgres' ? ' with (force)' : ''
  const execute = async (...statements: readonly string[]) => {
    const database = await openDatabase(new URL(`/${maintenance}`, server).href, deps, { max_retries: 1 })
    try {
      for (const statement of statements) await sql.raw(statement).execute(database.kysely)
    } finally {
      await database.close()
    }
  }
  const owned = names.map((name) => `${prefix}_${name}`)
  await execute(...owned.map((name) => `create database ${name}`))
  t.after(() => execute(...owned.map((name) => `drop database ${name}${force}`)))
  return owned.map((name) => new URL(`/${name}`, server).href)
}
