import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { listQueries } from './list-queries.js'

test('filters and fields are written as Python writes them', () => {
  assert.deepEqual(listQueries({ tenant_id: 'p', shared: false, device_owner: 'network:dhcp' }, ['binding:host_id']), [
    'tenant_id=p&shared=False&device_owner=network%3Adhcp&fields=binding%3Ahost_id',
  ])
  assert.deepEqual(listQueries({}), [''])
})

test('a long filter is divided into queries that a server takes, and nothing is lost or asked for twice', () => {
  const ids = fc.uniqueArray(fc.uuid(), { minLength: 0, maxLength: 900 })
  fc.assert(
    fc.property(ids, (id) => {
      const queries = listQueries({ id, tenant_id: 'p' }, ['id'])
      const asked = queries.flatMap((query) => new URLSearchParams(query).getAll('id'))
      assert.deepEqual(asked, id)
      for (const query of queries) {
        assert.ok(query.length <= 8_000)
        assert.equal(new URLSearchParams(query).get('tenant_id'), 'p')
      }
    }),
    { numRuns: 30 },
  )
})

test('a value that is too long by itself goes as it is', () => {
  assert.equal(listQueries({ name: 'n'.repeat(10_000) }).length, 1)
})
