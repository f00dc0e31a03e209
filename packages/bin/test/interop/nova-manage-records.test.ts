import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemRandom } from '@micronova/lifecycle'
import { linesOf } from '../nova-manage/deployment.js'
import { allContents, both, python, recordedDeployment, skip } from './python.js'

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

// One pair of deployments for all: to load them takes longer than the commands.
test('both archive, purge and migrate the same of what Nova wrote, and leave the same rows', { skip }, async (t) => {
  const [ours, theirs] = [await recordedDeployment(t), await recordedDeployment(t)]
  const archive = ['db', 'archive_deleted_rows', '--verbose']
  for (const [isCompared, ...args] of [
    [true, ...archive, '--before', '2020-01-01'],
    [true, ...archive, '--max_rows', '7'],
    [true, ...archive, '--max_rows', '3', '--until-complete', '--all-cells', '--task-log'],
    [true, 'db', 'purge', '--before', '2020-01-01', '--verbose'],
    [true, 'db', 'purge', '--all', '--all-cells', '--verbose'],
    // The instance that marks the place of a migration is made with fewer satellites than upstream's.
    [false, 'db', 'online_data_migrations', '--max-count', '4'],
    [false, 'db', 'online_data_migrations'],
  ] as const) {
    const [mine, its] = [await ours.manage(...args), await python(theirs, ...args)]
    assert.deepEqual(
      { status: mine.status, stdout: mine.stdout },
      { status: its.status, stdout: its.stdout },
      `${args.join(' ')}: ${mine.stderr}`,
    )
    if (isCompared) assert.deepEqual(await allContents(ours), await allContents(theirs), args.join(' '))
  }
})
