import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { apiHeadRevision, headRevision, schemaRevision, syncApiSchema, syncSchema } from '../../src/index.js'
import { dialects, openTestDatabase } from '../databases.js'

for (const dialect of dialects) {
  test(`${dialect.name}: a schema is made, told of, and brought to the revision that is asked for`, { skip: dialect.skip }, async (t) => {
    const database = await openTestDatabase(t, await dialect.create(t))
    const set = (revision: string) => sql`update alembic_version set version_num = ${revision}`.execute(database.kysely)
    assert.equal(await schemaRevision(database), null)
    await assert.rejects(syncSchema(database, '16f1'), { code: 'schema', message: /no schema yet.*ccb0fa1a2252 alone/ })
    await assert.rejects(syncSchema(database, '402'), { code: 'schema', message: /sqlalchemy-migrate/ })
    await assert.rejects(syncSchema(database, 'nope'), { code: 'schema', message: /nope is no schema revision of a cell database/ })
    await syncSchema(database, 'head')
    assert.equal(await schemaRevision(database), headRevision)
    await syncSchema(database, '8f2f1571d55b')
    assert.equal(await schemaRevision(database), headRevision, 'it never goes back')
    await set('16f1fbcab42b')
    await syncSchema(database, '16f1')
    assert.equal(await schemaRevision(database), '16f1fbcab42b')
    await syncSchema(database)
    assert.equal(await schemaRevision(database), headRevision)
    await set('960aac0e09ea')
    await assert.rejects(syncSchema(database, '16f1'), { code: 'schema', message: /960aac0e09ea/ })
  })

  test(`${dialect.name}: the API schema has revisions of its own, and one of before Xena says its number`, {
    skip: dialect.skip,
  }, async (t) => {
    const database = await openTestDatabase(t, await dialect.create(t))
    await sql`create table migrate_version (version integer)`.execute(database.kysely)
    await sql`insert into migrate_version values (67)`.execute(database.kysely)
    assert.equal(await schemaRevision(database), '67')
    await assert.rejects(syncApiSchema(database), { code: 'schema', message: /before Xena/ })
    await sql`drop table migrate_version`.execute(database.kysely)
    await syncApiSchema(database)
    assert.equal(await schemaRevision(database), apiHeadRevision)
  })
}
