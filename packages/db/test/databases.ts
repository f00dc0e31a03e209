import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { type Clock, systemClock, systemRandom } from '@micronova/lifecycle'
import { nullLogger } from '@micronova/log'
import { adminContext, type RequestContext } from '@micronova/model'
import { needs, temporaryFolder } from '@micronova/testing'
import { sql } from 'kysely'
import { createStores, type Database, type DatabaseSettings, type DatabaseStores, migrate, openDatabase } from '../src/index.js'
import type { Dialect } from '../src/schema/table.js'

export interface Cleanup {
  after(fn: () => void | Promise<void>): void
}

/** A kind of database that tests run on. */
export interface TestDialect {
  readonly name: Dialect
  readonly skip: string | false
  /** An empty database of its own, removed after the test. @returns its URL */
  create(t: Cleanup): Promise<string>
}

const mariadb = await needs('mariadb')
const postgresql = await needs('postgresql')

export const dialects: readonly TestDialect[] = [
  { name: 'sqlite', skip: false, create: async (t) => `sqlite:///${join(temporaryFolder(t), 'nova.sqlite')}` },
  { name: 'mysql', skip: mariadb.skip, create: (t) => onServer(t, mariadb.url, 'mysql', (name) => `drop database ${name}`) },
  {
    name: 'postgresql',
    skip: postgresql.skip,
    create: (t) => onServer(t, postgresql.url, 'postgres', (name) => `drop database ${name} with (force)`),
  },
]

export function dialect(name: Dialect): TestDialect {
  return dialects.find((candidate) => candidate.name === name)!
}

export const testDeps = { clock: systemClock, random: systemRandom, log: nullLogger }

export async function openTestDatabase(
  t: Cleanup,
  url: string,
  options: Partial<DatabaseSettings> = {},
  deps = testDeps,
): Promise<Database> {
  const database = await openDatabase(url, deps, options)
  t.after(() => database.close())
  return database
}

/** The machine's clock, except that its wall time stands until it is set. Waits are real. */
export class SetClock implements Clock {
  time = Date.UTC(2023, 4, 6, 7, 8, 9)
  readonly monotonicMs = systemClock.monotonicMs
  readonly setTimer = systemClock.setTimer
  readonly sleep = systemClock.sleep
  now(): number {
    return this.time
  }
}

export interface TestCell {
  readonly database: Database
  readonly stores: DatabaseStores
  readonly clock: SetClock
  readonly ctx: RequestContext
  /** Statements that `work` takes, without their values. */
  statementsOf(work: () => Promise<unknown>): Promise<string[]>
}

/** A database with the schema and its stores. */
export async function testCell(t: Cleanup, { create }: TestDialect): Promise<TestCell> {
  const clock = new SetClock()
  let statements: string[] = []
  const log = { ...nullLogger, debug: (statement: string) => void statements.push(statement) }
  const deps = { ...testDeps, clock, log }
  const database = await openTestDatabase(t, await create(t), { connection_debug: 50 }, deps)
  await migrate(database)
  const statementsOf = async (work: () => Promise<unknown>) => {
    statements = []
    await work()
    return statements
  }
  return { database, stores: createStores(database, deps), clock, ctx: adminContext(deps), statementsOf }
}

async function onServer(t: Cleanup, server: string, maintenance: string, drop: (name: string) => string): Promise<string> {
  const name = `micronova_test_${randomBytes(6).toString('hex')}`
  const run = async (statement: string) => {
    const database = await openDatabase(new URL(`/${maintenance}`, server).href, testDeps, { max_retries: 1 })
    await sql
      .raw(statement)
      .execute(database.kysely)
      .finally(() => database.close())
  }
  await run(`create database ${name}`)
  t.after(() => run(drop(name)))
  return new URL(`/${name}`, server).href
}
