import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readFixtureJson, readFixtureText } from '@micronova/testing'
import { sql } from 'kysely'
import { apiHeadRevision, type Database, migrate, migrateApi } from '../../src/index.js'
import { dialect, openTestDatabase } from '../databases.js'
import { linesOf, runScript } from '../sql-script.js'

/** Everything that MariaDB tells of tables, columns, indexes and constraints. */
const mariadbFacts = {
  tables: `select table_name, engine, table_collation from information_schema.tables where table_schema = database()`,
  columns: `select table_name, column_name, ordinal_position, column_type, is_nullable, column_default, character_set_name,
    collation_name, extra from information_schema.columns where table_schema = database()`,
  indexes: `select table_name, index_name, seq_in_index, column_name, non_unique, sub_part
    from information_schema.statistics where table_schema = database()`,
  constraints: `select table_name, constraint_name, constraint_type from information_schema.table_constraints where table_schema = database()`,
  references: `select table_name, constraint_name, column_name, referenced_table_name, referenced_column_name
    from information_schema.key_column_usage where table_schema = database()`,
  rules: `select table_name, constraint_name, update_rule, delete_rule
    from information_schema.referential_constraints where constraint_schema = database()`,
}

const postgresqlFacts = {
  columns: `select c.relname, a.attname, a.attnum, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid)
    from pg_attribute a join pg_class c on c.oid = a.attrelid left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped`,
  indexes: `select tablename, indexname, indexdef from pg_indexes where schemaname = 'public'`,
  constraints: `select conrelid::regclass, conname, pg_get_constraintdef(oid) from pg_constraint where connamespace = 'public'::regnamespace`,
  types: `select t.typname, e.enumlabel, e.enumsortorder from pg_type t join pg_enum e on e.enumtypid = t.oid`,
  sequences: `select sequencename, data_type, start_value, increment_by from pg_sequences where schemaname = 'public'`,
}

async function assertSameFacts(ours: Database, real: Database, queries: Readonly<Record<string, string>>): Promise<void> {
  for (const [what, query] of Object.entries(queries)) {
    const expected = await linesOf(real, query)
    assert.ok(expected.length > 0, `the real schema has ${what}`)
    assert.deepEqual(await linesOf(ours, query), expected, what)
  }
}

const mysql = dialect('mysql')
test('the schema on MariaDB is that of a database which Nova made', { skip: mysql.skip }, async (t) => {
  const ours = await openTestDatabase(t, await mysql.create(t))
  const real = await openTestDatabase(t, await mysql.create(t))
  await migrate(ours)
  await runScript(real, readFixtureText('db/nova.sql'))
  await assertSameFacts(ours, real, mariadbFacts)
})

test('the schema of the API database on MariaDB is that of one which Nova made', { skip: mysql.skip }, async (t) => {
  const ours = await openTestDatabase(t, await mysql.create(t))
  const real = await openTestDatabase(t, await mysql.create(t))
  await migrateApi(ours)
  await runScript(real, readFixtureText('db/nova_api.sql'))
  await assertSameFacts(ours, real, mariadbFacts)
})

const postgresql = dialect('postgresql')
test('the schema on PostgreSQL is that of a database which Nova made', { skip: postgresql.skip }, async (t) => {
  const ours = await openTestDatabase(t, await postgresql.create(t))
  const realUrl = await postgresql.create(t)
  await migrate(ours)
  const loader = await openTestDatabase(t, realUrl)
  await runScript(loader, readFixtureText('db/nova-postgresql.sql'))
  // The dump has changed the search path of its connection.
  await assertSameFacts(ours, await openTestDatabase(t, realUrl), postgresqlFacts)
})

interface ReferenceTable {
  readonly columns: Readonly<Record<string, { readonly type: string; readonly nullable: boolean; readonly default: string | null }>>
  readonly indexes: readonly { readonly name: string; readonly columns: readonly string[]; readonly unique: boolean }[]
  readonly unique_constraints: readonly { readonly name: string; readonly columns: readonly string[] }[]
  readonly foreign_keys: readonly { readonly columns: readonly string[]; readonly refers: string }[]
  readonly pk: readonly string[]
}

test('the schema on SQLite is the one that Nova’s migrations leave', async (t) => {
  const { main } = sqliteReference()
  const ours = await openTestDatabase(t, await dialect('sqlite').create(t))
  await migrate(ours)
  await assertTables(ours, main)
})

test('so is that of the API database, made at once or brought forward', async (t) => {
  const { api } = sqliteReference()
  const ours = await openTestDatabase(t, await dialect('sqlite').create(t))
  await migrateApi(ours)
  await assertTables(ours, api)
  await sql`update alembic_version set version_num = 'd67eeaabee36'`.execute(ours.kysely)
  await sql`alter table build_requests add column vm_state varchar(255)`.execute(ours.kysely)
  await migrateApi(ours)
  await assertTables(ours, api)
  assert.deepEqual(await linesOf(ours, 'select version_num from alembic_version'), [apiHeadRevision])
})

function sqliteReference(): { readonly main: Record<string, ReferenceTable>; readonly api: Record<string, ReferenceTable> } {
  return readFixtureJson<{ after_migrations_sqlite: ReturnType<typeof sqliteReference> }>('reference/db-schema.json')
    .after_migrations_sqlite
}

async function assertTables(ours: Database, reference: Record<string, ReferenceTable>): Promise<void> {
  const tables = await linesOf(ours, `select name from sqlite_master where type = 'table'`)
  assert.deepEqual(tables, [...Object.keys(reference), 'alembic_version'].sort())
  for (const [name, table] of Object.entries(reference)) assert.deepEqual(await sqliteTable(ours, name), sorted(table), name)
}

function sorted(table: ReferenceTable): ReferenceTable {
  const byName = <T extends { readonly name?: string; readonly refers?: string }>(items: readonly T[]) =>
    [...items].sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)))
  const { columns, pk } = table
  return {
    columns,
    pk,
    indexes: byName(table.indexes),
    unique_constraints: byName(table.unique_constraints),
    foreign_keys: byName(table.foreign_keys),
  }
}

async function sqliteTable({ kysely }: Database, name: string): Promise<ReferenceTable> {
  const rows = async <T>(query: string) => (await sql.raw<T>(query).execute(kysely)).rows
  const columns = await rows<{ name: string; type: string; notnull: number; dflt_value: string | null; pk: number }>(
    `select * from pragma_table_info('${name}')`,
  )
  const indexes = await rows<{ name: string; unique: number; origin: string }>(`select * from pragma_index_list('${name}')`)
  const columnsOf = async (index: string) =>
    (await rows<{ name: string }>(`select name from pragma_index_info('${index}')`)).map((row) => row.name)
  const keys = await rows<{ from: string; table: string; to: string }>(`select * from pragma_foreign_key_list('${name}')`)
  const [{ sql: text }] = (await rows<{ sql: string }>(`select sql from sqlite_master where name = '${name}'`)) as [{ sql: string }]
  const own = indexes.filter(({ origin }) => origin === 'c')
  return sorted({
    columns: Object.fromEntries(
      columns.map(({ name, type, notnull, dflt_value }) => [name, { type, nullable: notnull === 0, default: dflt_value }]),
    ),
    pk: columns.filter(({ pk }) => pk > 0).map(({ name }) => name),
    indexes: await Promise.all(own.map(async ({ name, unique }) => ({ name, columns: await columnsOf(name), unique: unique === 1 }))),
    unique_constraints: [...text.matchAll(/CONSTRAINT (\w+) UNIQUE \(([^)]*)\)/g)].map(([, name, list]) => ({
      name: name!,
      columns: list!.split(', ').map((column) => column.replaceAll('"', '')),
    })),
    foreign_keys: keys.map(({ from, table, to }) => ({ columns: [from], refers: `${table}.${to}` })),
  })
}
