import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { InstanceMapping } from '@micronova/model'
import { temporaryFolder } from '@micronova/testing'
import { run, start } from '../cli/run.js'
import { ctx, dialects, linesOf, readyDeployment, testDeployment } from './deployment.js'
import { anInstance } from './records.js'

for (const dialect of dialects) {
  const { name, skip } = dialect
  test(`${name}: schemas are made, their revisions are printed, and cell0 follows its mapping`, { skip }, async (t) => {
    const { ok, main } = await testDeployment(t, dialect)
    assert.equal(await ok(0, 'db', 'version'), 'None\n')
    assert.match(await ok(1, 'db', 'sync'), /^ERROR: Could not access cell0: /)
    assert.equal(await ok(0, 'db', 'version'), 'None\n', 'nothing is made where cell0 cannot be asked for')
    assert.equal(await ok(0, 'db', 'sync', '--local_cell'), '')
    assert.equal(await ok(0, 'db', 'version'), 'ccb0fa1a2252\n')
    assert.equal(await ok(0, 'api_db', 'sync'), '')
    assert.equal(await ok(0, 'api_db', 'version'), 'b30f573d3377\n')
    assert.equal(await ok(0, 'db', 'sync'), 'WARNING: cell0 mapping not found - not syncing cell0.\n')
    assert.equal(await ok(0, 'cell_v2', 'map_cell0'), '')
    assert.equal(await ok(0, 'db', 'sync', 'head'), '')
    const { database } = await main()
    assert.deepEqual(await linesOf(database, 'select version_num from alembic_version'), ['ccb0fa1a2252'])
  })

  test(`${name}: deleted instances are archived, forgotten by the API database, and purged`, { skip }, async (t) => {
    const { ok, main, api, cellUuid } = await readyDeployment(t, dialect)
    assert.equal(await ok(0, 'db', 'archive_deleted_rows', '--verbose'), 'Nothing was archived.\n')
    const [{ stores, database }, above] = [await main(), await api()]
    const cell = await above.stores.cellMappings.getByUuid(ctx, cellUuid)
    const instances = [await anInstance(stores), await anInstance(stores), await anInstance(stores)]
    for (const { uuid } of instances)
      await above.stores.instanceMappings.create(
        ctx,
        new InstanceMapping({ instance_uuid: uuid, cell_mapping: cell, project_id: 'project', user_id: 'user' }),
      )
    for (const instance of instances.slice(0, 2)) await stores.instances.destroy(ctx, instance)

    assert.equal(await ok(0, 'db', 'archive_deleted_rows', '--before', '2020-01-01'), '')
    const shown = await ok(1, 'db', 'archive_deleted_rows', '--max_rows', '3', '--until-complete', '--all-cells', '--verbose')
    assert.match(shown, /^Archiving\.\.\.+complete\n\+-+\+-+\+\n\| Table +\| Number of Rows Archived \|\n/)
    assert.match(shown, /\| API_DB\.instance_mappings +\| 2 +\|\n/)
    assert.match(shown, /\| cell1\.instances +\| 2 +\|\n/)
    assert.deepEqual(await linesOf(database, 'select uuid from instances'), [instances[2]!.uuid])
    assert.equal((await linesOf(database, 'select id from shadow_instances')).length, 2)
    assert.deepEqual(await linesOf(above.database, 'select instance_uuid from instance_mappings'), [instances[2]!.uuid])

    assert.equal(await ok(3, 'db', 'purge', '--before', '2020-01-01'), '')
    assert.match(
      await ok(0, 'db', 'purge', '--all', '--verbose'),
      /^DB: Deleted 2 rows from shadow_instances based on timestamp column \(n\/a\)$/m,
    )
    assert.equal(await ok(3, 'db', 'purge', '--all', '--all-cells'), '')
    await stores.instances.destroy(ctx, instances[2]!)
    assert.match(await ok(1, 'db', 'archive_deleted_rows', '--verbose', '--purge'), /Rows were archived, running purge\.\.\.\nDB: Deleted /)
    assert.deepEqual(await linesOf(database, 'select id from shadow_instances'), [])
  })

  test(`${name}: online migrations say what they found, and are done when nothing is left`, { skip }, async (t) => {
    const { ok, main } = await readyDeployment(t, dialect)
    const { stores, database } = await main()
    for (let left = 3; left > 0; left--) await anInstance(stores, { host: 'compute1' })
    const first = await ok(1, 'db', 'online_data_migrations', '--max-count', '2')
    assert.match(first, /^2 rows matched query populate_missing_availability_zones, 2 migrated\n\+/)
    const rest = await ok(0, 'db', 'online_data_migrations')
    assert.match(rest, /^Running batches of 50 until complete\n1 rows matched query populate_missing_availability_zones, 1 migrated\n\+/)
    assert.match(rest, /\|\s+populate_user_id\s+\|\s+0\s+\|\s+0\s+\|/)
    assert.deepEqual(await linesOf(database, 'select distinct availability_zone from instances where deleted = 0'), ['nova'])
  })
}

const [sqlite] = dialects

test('values that cannot be are answered with the statuses that Nova has for them', async (t) => {
  const { ok } = await readyDeployment(t, sqlite!)
  assert.match(await ok(2, 'db', 'archive_deleted_rows', '--max_rows', '-1'), /positive/)
  assert.match(await ok(2, 'db', 'archive_deleted_rows', '--max_rows', '2147483648'), /<= 2147483647/)
  assert.match(await ok(4, 'db', 'archive_deleted_rows', '--before', 'soon'), /soon is no time/)
  assert.match(await ok(1, 'db', 'purge'), /--before or --all/)
  assert.match(await ok(2, 'db', 'purge', '--before', 'soon'), /soon is no time/)
  assert.match(await ok(127, 'db', 'online_data_migrations', '--max-count', '0'), /positive/)
  assert.equal(await ok(2, 'db', 'archive_deleted_rows', '--max_rows', 'many'), '')
  assert.equal(await ok(1, 'db', 'sync', '--local_cell', '402'), '')
})

/** A configuration whose databases do not answer. */
function unreachable(t: Parameters<typeof temporaryFolder>[0]) {
  const config = join(temporaryFolder(t), 'nova.conf')
  const group = 'connection = mysql+pymysql://nova:geheim@127.0.0.1:1/nova\nmax_retries = 1\n'
  writeFileSync(config, `[DEFAULT]\ntransport_url = rabbit://\n[database]\n${group}[api_database]\n${group}`)
  return (...args: readonly string[]) => run(t, 'nova-manage', ['--config-file', config, ...args])
}

test('a database that does not answer is one sentence without a password, and no status that says "run me again"', async (t) => {
  const manage = unreachable(t)
  for (const [status, ...args] of [
    [1, 'db', 'version'],
    [1, 'cell_v2', 'list_cells'],
    [255, 'db', 'purge', '--all'],
    [255, 'cell_v2', 'map_instances', '--cell_uuid', 'x'],
    [255, 'db', 'online_data_migrations'],
  ] as const) {
    const ended = await manage(...args)
    assert.equal(ended.status, status, args.join(' '))
    assert.match(ended.stderr, /^nova-manage: [\w ]+: mysql:\/\/nova@127\.0\.0\.1:1\/nova: .*ECONNREFUSED.*\n$/)
  }
  const archive = await manage('db', 'archive_deleted_rows')
  assert.equal(archive.status, 3)
  assert.match(archive.stdout, /^Failed to connect to the API database/)
  for (const { stdout, stderr } of [archive, await manage('db', 'sync')]) assert.doesNotMatch(stdout + stderr, /geheim/)
})

test('what is wrong with the command line or the configuration is told before anything is opened', async (t) => {
  const folder = temporaryFolder(t)
  const empty = join(folder, 'nova.conf')
  writeFileSync(empty, '[database]\n')
  const manage = (...args: readonly string[]) => run(t, 'nova-manage', args)
  const status = async (expected: number, ...args: readonly string[]) => {
    const ended = await manage(...args)
    assert.equal(ended.status, expected, `${args.join(' ')}: ${ended.stderr}`)
    return ended
  }
  assert.match((await status(1, '--config-file', empty, 'db', 'version')).stderr, /option connection of the group database is required/)
  assert.match((await status(1, '--config-file', join(folder, 'nowhere'), 'db', 'version')).stderr, /cannot read/)
  assert.match((await status(2, '--nonesuch', 'x', 'db', 'version')).stderr, /unknown argument/)
  assert.match((await status(2, '--config-file', empty)).stderr, /category/)
  assert.match((await status(2, '--config-file', empty, 'db', 'version', '--config-file', empty)).stderr, /unknown option/)
  assert.match((await status(69, '--config-file', empty, 'libvirt', 'get_machine_type', 'x')).stderr, /not implemented here/)
  assert.match((await status(0, '--version')).stdout, /^26\.2\.2\n/)
  assert.match((await status(0, '--help')).stdout, /CATEGORY COMMAND[\s\S]*cell_v2: create_cell/)
})

test('an archive that is interrupted says so, and what it has done', async (t) => {
  const { config, main } = await readyDeployment(t, sqlite!)
  const { stores } = await main()
  for (let left = 2; left > 0; left--) await stores.instances.destroy(ctx, await anInstance(stores))
  const running = start(t, 'nova-manage', [
    ...['--config-file', config, 'db', 'archive_deleted_rows'],
    ...['--max_rows', '1', '--until-complete', '--verbose', '--sleep', '3600'],
  ])
  await running.printed(/^Archiving\.\.\./)
  running.child.kill('SIGINT')
  assert.equal(await running.exit(), 1)
  assert.match(running.stdout(), /\.stopped\n\+-+\+-+\+\n/)
})
