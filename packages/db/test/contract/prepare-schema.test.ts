import assert from 'node:assert/strict'
import { test } from 'node:test'
import { headRevision, isDatabaseError, prepareSchema } from '../../src/index.js'
import { dialects, openTestDatabase } from '../databases.js'

for (const dialect of dialects) {
  test(`${dialect.name}: what a service does with the schema at its start`, { skip: dialect.skip }, async (t) => {
    const database = await openTestDatabase(t, await dialect.create(t))
    const revision = async () => (await database.kysely.selectFrom('alembic_version').select('version_num').executeTakeFirst())?.version_num

    await t.test('it makes it in an empty database and takes one that is current', async () => {
      await prepareSchema(database)
      await prepareSchema(database)
      assert.equal(await revision(), headRevision)
    })

    await t.test('it changes an older one only in a file of its own', async () => {
      await database.kysely.updateTable('alembic_version').set({ version_num: '16f1fbcab42b' }).execute()
      if (dialect.name === 'sqlite') {
        await prepareSchema(database)
        assert.equal(await revision(), headRevision)
        return
      }
      await assert.rejects(prepareSchema(database), (err) => isDatabaseError(err, 'schema') && /nova-manage db sync/.test(err.message))
      assert.equal(await revision(), '16f1fbcab42b')
    })
  })
}
