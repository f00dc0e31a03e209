import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { type Database, openDatabase } from '@micronova/db'
import { machineSkip, readFixtureText } from '@micronova/testing'
import { sql } from 'kysely'
import { type Cleanup, deps, dialects, linesOf, runScript, type TestDeployment, testDeployment } from '../nova-manage/deployment.js'

export const mysql = dialects.find(({ name }) => name === 'mysql')!
export const skip = mysql.skip || machineSkip('nova-manage')

/** Python's nova-manage with the same configuration. */
export async function python({ config }: TestDeployment, ...args: readonly string[]) {
  const log = `${config}.log` // otherwise it is on stdout
  const child = spawn('/usr/bin/nova-manage', ['--config-file', config, '--log-file', log, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { status: child.exitCode, stdout, stderr, log: readFileSync(log, 'utf8') }
}

/** A deployment whose URLs PyMySQL understands. */
export function pythonDeployment(t: Cleanup) {
  const create = async (...[c, names]: Parameters<typeof mysql.create>) =>
    (await mysql.create(c, names)).map((url) => `${url.replace('mysql:', 'mysql+pymysql:')}?charset=utf8`)
  return testDeployment(t, { ...mysql, create })
}

export async function both(deployment: TestDeployment, ...args: readonly string[]) {
  const ours = await deployment.manage(...args)
  const theirs = await python(deployment, ...args)
  return { ours: { status: ours.status, stdout: ours.stdout }, theirs: { status: theirs.status, stdout: theirs.stdout } }
}

/** A deployment that Nova wrote: recorded from a Zed with servers in many states. */
export async function recordedDeployment(t: Cleanup): Promise<TestDeployment> {
  const deployment = await pythonDeployment(t)
  for (const [url, dump] of [
    [deployment.urls.main, 'db/nova.sql'],
    [deployment.urls.cell0, 'db/nova_cell0.sql'],
    [deployment.urls.api, 'db/nova_api.sql'],
  ] as const) {
    const database = await openDatabase(url, deps)
    try {
      await runScript(database, readFixtureText(dump))
    } finally {
      await database.close()
    }
  }
  const { database } = await deployment.api()
  const { main, cell0 } = deployment.urls
  await sql`update cell_mappings set database_connection = ${main} where name = 'cell1'`.execute(database.kysely)
  await sql`update cell_mappings set database_connection = ${cell0} where name = 'cell0'`.execute(database.kysely)
  return deployment
}

/** Every row of every table. */
export async function contents(url: string): Promise<Record<string, string[]>> {
  const database: Database = await openDatabase(url, deps)
  try {
    const tables = await linesOf(database, 'select table_name from information_schema.tables where table_schema = database() order by 1')
    const rows: Record<string, string[]> = {}
    for (const table of tables) {
      const found = await linesOf(database, `select * from \`${table}\``)
      if (found.length > 0) rows[table] = found.sort()
    }
    return rows
  } finally {
    await database.close()
  }
}

export async function allContents({ urls }: TestDeployment) {
  const { cell_mappings: _cells, ...api } = await contents(urls.api)
  return { main: await contents(urls.main), cell0: await contents(urls.cell0), api }
}
