import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { type Database, openDatabase } from '@micronova/db'
import { systemRandom } from '@micronova/lifecycle'
import { machineSkip, readFixtureText } from '@micronova/testing'
import { sql } from 'kysely'
import { type Cleanup, deps, dialects, linesOf, runScript, type TestDeployment, testDeployment } from '../nova-manage/deployment.js'

const mysql = dialects.find(({ name }) => name === 'mysql')!
const skip = mysql.skip || machineSkip('nova-manage')

/** Python's nova-manage with the same configuration. */
async function python({ config }: TestDeployment, ...args: readonly string[]) {
  const log = `${config}.log` // otherwise it is on stdout
  const child = spawn('/usr/bin/nova-manage', ['--config-file', config, '--log-file', log, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { status: child.exitCode, stdout, stderr, log: readFileSync(log, 'utf8') }
}

/** A deployment whose URLs PyMySQL understands. */
function pythonDeployment(t: Cleanup) {
  const create = async (...[c, names]: Parameters<typeof mysql.create>) =>
    (await mysql.create(c, names)).map((url) => `${url.replace('mysql:', 'mysql+pymysql:')}?charset=utf8`)
  return testDeployment(t, { ...mysql, create })
}

async function both(deployment: TestDeployment, ...args: readonly string[]) {
  const ours = await deployment.manage(...args)
  const theirs = await python(deployment, ...args)
  return { ours: { status: ours.status, stdout: ours.stdout }, theirs: { status: theirs.status, stdout: theirs.stdout } }
}

/** A deployment that Nova wrote: recorded from a Zed with servers in many states. */
async function recordedDeployment(t: Cleanup): Promise<TestDeployment> {
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
async function contents(url: string): Promise<Record<string, string[]>> {
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

async function allContents({ urls }: TestDeployment) {
  const { cell_mappings: _cells, ...api } = await contents(urls.api)
  return { main: await contents(urls.main), cell0: await contents(urls.cell0), api }
}

test('schemas that ours made are up to date for Python, and both list the same cells and hosts', { skip }, async (t) => {
  const deployment = await pythonDeployment(t)
  await deployment.ok(0, 'api_db', 'sync')
  await deployment.ok(0, 'cell_v2', 'map_cell0')
  await deployment.ok(0, 'db', 'sync')
  await deployment.ok(0, 'cell_v2', 'create_cell', '--name', 'cell1')
  const before = await contents(deployment.urls.main)

  for (const args of [
    ['db', 'version'],
    ['api_db', 'version'],
    ['cell_v2', 'list_cells'],
    ['cell_v2', 'list_cells', '--verbose'],
  ]) {
    const { ours, theirs } = await both(deployment, ...args)
    assert.equal(ours.status, 0)
    assert.deepEqual(ours, theirs, args.join(' '))
  }
  const sync = await python(deployment, 'db', 'sync')
  assert.equal(sync.status, 0, sync.stdout)
  assert.match(sync.log, /alembic/)
  assert.doesNotMatch(sync.log, /Running upgrade/)
  assert.deepEqual(await contents(deployment.urls.main), before)
})

test('schemas that Python made are up to date for ours', { skip }, async (t) => {
  const deployment = await pythonDeployment(t)
  for (const args of [
    ['api_db', 'sync'],
    ['cell_v2', 'map_cell0'],
    ['db', 'sync'],
  ]) {
    const { status, stdout } = await python(deployment, ...args)
    assert.equal(status, 0, stdout)
  }
  const before = await allContents(deployment)
  assert.equal(await deployment.ok(0, 'db', 'version'), 'ccb0fa1a2252\n')
  assert.equal(await deployment.ok(0, 'api_db', 'version'), 'b30f573d3377\n')
  assert.equal(await deployment.ok(0, 'cell_v2', 'map_cell0'), 'Cell0 is already setup\n')
  await deployment.ok(0, 'db', 'sync')
  await deployment.ok(0, 'api_db', 'sync')
  assert.deepEqual(await allContents(deployment), before)
  const { ours, theirs } = await both(deployment, 'cell_v2', 'list_cells', '--verbose')
  assert.deepEqual(ours, theirs)
})

test('of a deployment that Nova wrote both say the same of its hosts and instances', { skip }, async (t) => {
  const deployment = await recordedDeployment(t)
  const { database } = await deployment.main()
  const [uuid] = await linesOf(database, 'select uuid from instances where deleted = 0 order by id limit 1')
  const connection = '{"driver_volume_type": "iscsi", "data": {"target_lun": 1, "encrypted": null}}'
  await linesOf(
    database,
    `insert into block_device_mapping (created_at, uuid, instance_uuid, volume_id, source_type, destination_type, device_name, connection_info,
      deleted) values ('2023-05-06 07:08:09', '${systemRandom.uuid()}', '${uuid}', 'v1', 'volume', 'volume', '/dev/vdb', '${connection}', 0)`,
  )
  for (const args of [
    ['cell_v2', 'list_hosts'],
    ['cell_v2', 'verify_instance', '--uuid', uuid!],
    ['volume_attachment', 'show', uuid!, 'v1'],
    ['volume_attachment', 'show', uuid!, 'v1', '--connection_info'],
    ['volume_attachment', 'show', uuid!, 'v1', '--connection_info', '--json'],
  ]) {
    const { ours, theirs } = await both(deployment, ...args)
    assert.equal(theirs.status, 0, theirs.stdout)
    assert.ok(args[1] !== 'list_hosts' || ours.stdout.split('\n').length > 5, 'there are hosts')
    assert.deepEqual(ours, theirs, args.join(' '))
  }
})

for (const args of [
  ['--max_rows', '7', '--verbose'],
  ['--max_rows', '3', '--until-complete', '--all-cells', '--task-log', '--verbose'],
  ['--before', '2020-01-01', '--verbose'],
])
  test(`archive_deleted_rows ${args.join(' ')} leaves the rows that Python's leaves`, { skip }, async (t) => {
    const [ours, theirs] = [await recordedDeployment(t), await recordedDeployment(t)]
    const [mine, its] = [
      await ours.manage('db', 'archive_deleted_rows', ...args),
      await python(theirs, 'db', 'archive_deleted_rows', ...args),
    ]
    assert.deepEqual({ status: mine.status, stdout: mine.stdout }, { status: its.status, stdout: its.stdout }, mine.stderr + its.stderr)
    assert.deepEqual(await allContents(ours), await allContents(theirs))
  })

test('purge empties what Python empties, and online migrations find what it finds', { skip }, async (t) => {
  const [ours, theirs] = [await recordedDeployment(t), await recordedDeployment(t)]
  for (const args of [
    ['db', 'purge', '--before', '2020-01-01', '--verbose'],
    ['db', 'archive_deleted_rows', '--verbose', '--purge'],
    ['db', 'online_data_migrations', '--max-count', '4'],
    ['db', 'online_data_migrations'],
  ]) {
    const [mine, its] = [await ours.manage(...args), await python(theirs, ...args)]
    assert.deepEqual({ status: mine.status, stdout: mine.stdout }, { status: its.status, stdout: its.stdout }, args.join(' '))
  }
})
