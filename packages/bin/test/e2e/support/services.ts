import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { type Database, openDatabase } from '@micronova/db'
import { systemClock, systemRandom } from '@micronova/lifecycle'
import { nullLogger } from '@micronova/log'
import { needs } from '@micronova/testing'
import { sql } from 'kysely'
import type { Cleanup } from './cleanups.js'

export const systemDeps = { clock: systemClock, random: systemRandom, log: nullLogger }

const rabbit = await needs('rabbitmq')
const mariadb = await needs('mariadb')

/** For a test's `skip`: false where both a broker that we may administer and a database answer. */
export const servicesSkip = rabbit.skip || mariadb.skip || (await administered())

async function administered(): Promise<string | false> {
  try {
    await rabbitmqctl('list_vhosts')
    return false
  } catch (err) {
    const why = `rabbitmqctl cannot be run: ${(err as Error).message}`
    if ((process.env.MICRONOVA_REQUIRE ?? '').split(',').includes('rabbitmq')) throw new Error(why)
    return why
  }
}

/** @returns what it printed */
export async function rabbitmqctl(...args: readonly string[]): Promise<string> {
  return (await promisify(execFile)('rabbitmqctl', ['-q', ...args])).stdout
}

/** A virtual host of the test's own: all of Nova's names are free in it. @returns its `amqp://` URL */
export async function createVirtualHost(cleanup: Cleanup): Promise<string> {
  const name = `micronova-test-${randomBytes(6).toString('hex')}`
  const { username } = new URL(rabbit.url)
  await rabbitmqctl('add_vhost', name)
  cleanup.after(async () => void (await rabbitmqctl('delete_vhost', name)))
  await rabbitmqctl('set_permissions', '-p', name, username, '.*', '.*', '.*')
  return new URL(`/${name}`, rabbit.url).href
}

/** An empty database of the test's own. @returns an SQLAlchemy URL, as it stands in a nova.conf */
export async function createDatabase(cleanup: Cleanup): Promise<string> {
  const name = `micronova_test_${randomBytes(6).toString('hex')}`
  await onServer(`create database ${name}`)
  cleanup.after(() => onServer(`drop database ${name}`))
  const url = new URL(`/${name}`, mariadb.url)
  return `mysql+pymysql${url.href.slice(url.protocol.length - 1)}?charset=utf8mb4`
}

/** Run a statement as the administrator of the database server. */
async function onServer(statement: string): Promise<void> {
  const database = await openDatabase(new URL('/mysql', mariadb.url).href, systemDeps, { max_retries: 1 })
  try {
    await sql.raw(statement).execute(database.kysely)
  } finally {
    await database.close()
  }
}

/** Break every connection to the database of `url`, as a restart of the server or a firewall does. @returns how many */
export async function breakConnections(url: string): Promise<number> {
  const name = new URL(url).pathname.slice(1)
  const database = await openDatabase(new URL('/mysql', mariadb.url).href, systemDeps, { max_retries: 1 })
  try {
    const query = sql<{ id: number }>`select id from information_schema.processlist where db = ${name}`
    const { rows } = await query.execute(database.kysely)
    const kill = ({ id }: { readonly id: number }) => sql.raw(`kill ${id}`).execute(database.kysely)
    const killed = await Promise.allSettled(rows.map(kill)) // one may have closed meanwhile
    return killed.filter(({ status }) => status === 'fulfilled').length
  } finally {
    await database.close()
  }
}

/** Have the rows of tables numbered from the given ids on. */
export async function continueIds({ kysely }: Database, next: Readonly<Record<string, number>>): Promise<void> {
  for (const [table, id] of Object.entries(next)) await sql`alter table ${sql.table(table)} auto_increment = ${sql.lit(id)}`.execute(kysely)
}
