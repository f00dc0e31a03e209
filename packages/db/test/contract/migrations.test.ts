import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { type Database, headRevision, isDatabaseError, migrate } from '../../src/index.js'
import type { MigrationStep } from '../../src/migrations/history.js'
import { migrationSteps } from '../../src/migrations/migrate.js'
import { dialects, openTestDatabase } from '../databases.js'
import { linesOf } from '../sql-script.js'

async function revisionOf(database: Database): Promise<string[]> {
  return linesOf(database, 'select version_num from alembic_version')
}

async function execute(database: Database, ...statements: string[]): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(database.kysely)
}

/** Take the schema back to Nova's first revision: undo the two migrations that followed it. */
async function takeBack(database: Database): Promise<void> {
  for (const table of ['block_device_mapping', 'shadow_block_device_mapping'])
    for (const column of ['encrypted', 'encryption_secret_uuid', 'encryption_format', 'encryption_options'])
      await execute(database, `alter table ${table} drop column ${column}`)
  await execute(
    database,
    'create index shadow_instance_extra_idx on shadow_instance_extra (instance_uuid)',
    'create unique index shadow_migrations_uuid on shadow_migrations (uuid)',
    `update alembic_version set version_num = '8f2f1571d55b'`,
  )
  if (database.dialect === 'mysql')
    await execute(
      database,
      'alter table shadow_volume_usage_cache modify user_id varchar(36)',
      'alter table shadow_instance_type_extra_specs convert to character set utf8',
    )
  if (database.dialect === 'postgresql')
    await execute(database, 'alter table shadow_volume_usage_cache alter column user_id type varchar(36)')
}

/** The schema as texts: enough to see that an upgraded one is a fresh one. */
const shape = {
  sqlite: `select name, replace(sql, '"', '') as definition from sqlite_master where name like 'shadow_%' and name <> 'shadow_volume_usage_cache'
    and name <> 'shadow_block_device_mapping'`,
  mysql: `select table_name, column_name, column_type, collation_name from information_schema.columns where table_schema = database()`,
  postgresql: `select table_name, column_name, data_type, character_maximum_length from information_schema.columns where table_schema = 'public'`,
} as const

for (const dialect of dialects) {
  test(`${dialect.name}: two processes that migrate an empty database at once both succeed`, { skip: dialect.skip }, async (t) => {
    const url = await dialect.create(t)
    const both = [await openTestDatabase(t, url), await openTestDatabase(t, url)]
    await Promise.all(both.map((database) => migrate(database)))
    assert.deepEqual(await revisionOf(both[0]!), [headRevision])
  })

  // One database for all that follows: to make a schema takes a server longer than the rest.
  test(`${dialect.name}: migrations`, { skip: dialect.skip }, async (t) => {
    const database = await openTestDatabase(t, await dialect.create(t))

    await t.test('a schema of an unknown revision is refused untouched', async () => {
      await execute(
        database,
        'create table alembic_version (version_num varchar(32) not null)',
        `insert into alembic_version values ('960aac0e09ea')`,
      )
      await assert.rejects(migrate(database), (err) => isDatabaseError(err, 'schema') && err.message.includes('960aac0e09ea'))
      assert.deepEqual(await revisionOf(database), ['960aac0e09ea'])
      await execute(database, 'drop table alembic_version', 'create table migrate_version (version integer)')
      await assert.rejects(migrate(database), (err) => isDatabaseError(err, 'schema') && err.message.includes('Xena'))
      await execute(database, 'drop table migrate_version')
    })

    await t.test('the first migration can be cut off anywhere and run again', async () => {
      const cutOff: MigrationStep = async (db, name) => {
        await migrationSteps[0]!(db, name)
        await sql`delete from alembic_version`.execute(db)
        await sql`drop table shadow_services`.execute(db)
        throw new Error('killed')
      }
      await assert.rejects(migrate(database, [cutOff]), /killed/)
      await migrate(database)
      assert.deepEqual(await linesOf(database, 'select id from shadow_services'), [])
    })

    await t.test('a migrated database has Alembic’s head revision, and a second run writes nothing', async () => {
      assert.deepEqual(await revisionOf(database), [headRevision])
      const untouchable: MigrationStep = async () => assert.fail('a migration ran')
      await migrate(database, [untouchable])
    })

    await t.test('an older schema is brought forward, with its rows', async () => {
      const fresh = await linesOf(database, shape[dialect.name])
      await takeBack(database)
      assert.notDeepEqual(await linesOf(database, shape[dialect.name]), fresh)
      await execute(database, `insert into shadow_volume_usage_cache (id, volume_id, user_id) values (7, 'v', 'u')`)
      await migrate(database)
      assert.deepEqual(await revisionOf(database), [headRevision])
      assert.deepEqual(await linesOf(database, shape[dialect.name]), fresh)
      assert.deepEqual(await linesOf(database, 'select id, volume_id, user_id from shadow_volume_usage_cache'), ['7 | v | u'])
      await execute(database, `insert into block_device_mapping (id, encryption_format) values (1, 'luks')`)
    })

    await t.test('a migration that fails half way leaves the old schema usable and can be run again', async () => {
      await takeBack(database)
      const broken: MigrationStep = async (db) => {
        await sql`alter table block_device_mapping add column encrypted boolean`.execute(db)
        throw new Error('the disk is full')
      }
      await assert.rejects(migrate(database, [...migrationSteps.slice(0, 2), broken]), /the disk is full/)
      assert.notDeepEqual(await revisionOf(database), [headRevision])
      await execute(database, `insert into block_device_mapping (id, device_name) values (3, '/dev/vda')`)
      await migrate(database)
      assert.deepEqual(await revisionOf(database), [headRevision])
      const query = 'select id, device_name, encryption_format from block_device_mapping where id = 3'
      assert.deepEqual(await linesOf(database, query), ['3 | /dev/vda | '])
    })
  })
}
