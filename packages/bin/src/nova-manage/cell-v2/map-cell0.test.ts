import assert from 'node:assert/strict'
import { test } from 'node:test'
import { standardCell0Url } from './map-cell0.js'

test('the database of cell0 is named after that of the configuration, in a URL without escapes', () => {
  for (const [connection, url] of [
    ['mysql+pymysql://nova:p%40ss@db/nova?charset=utf8', 'mysql+pymysql://nova:p@ss@db/nova_cell0?charset=utf8'],
    ['sqlite:////var/lib/nova.sqlite', 'sqlite:////var/lib/nova.sqlite_cell0'],
    ['postgresql://nova@[::1]:5432/nova?b=2&a=1', 'postgresql://nova@[::1]:5432/nova_cell0?a=1&b=2'],
    ['mysql://u:100%@db/nova', 'mysql://u:100%@db/nova_cell0'],
  ])
    assert.equal(standardCell0Url(connection!), url)
})

test('without a database there is none of cell0', () => {
  for (const connection of [null, 'sqlite://', 'mysql://host']) assert.throws(() => standardCell0Url(connection), { code: 'failed' })
})
