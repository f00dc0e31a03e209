import assert from 'node:assert/strict'
import { test } from 'node:test'
import { maskUrl } from './mask-url.js'

test('the password of each host is hidden, and nothing else', () => {
  for (const [url, shown] of [
    ['mysql+pymysql://nova:p4ss@db/nova?charset=utf8', 'mysql+pymysql://nova:****@db/nova?charset=utf8'],
    ['rabbit://a:x@mq1:5672/v', 'rabbit://a:****@mq1:5672/v'],
    ['rabbit://a:x@mq1:5672,b:y@mq2:5672/v', 'rabbit://a:****@mq2:5672/v'],
    ['mysql://nova@db/nova', 'mysql://nova@db/nova'],
    ['mysql://u:p@ss@db?x=1', 'mysql://u:****@db?x=1'],
  ])
    assert.equal(maskUrl(url!), shown)
})

test("a URL without a host is put together as Python's urlunparse does it", () => {
  assert.equal(maskUrl('none:///'), 'none:/')
  assert.equal(maskUrl('sqlite:////var/lib/nova.sqlite'), 'sqlite://var/lib/nova.sqlite')
  assert.equal(
    maskUrl('{scheme}://{username}:{password}@{hostname}/{path}?{query}'),
    '{scheme}://{username}:{password}@{hostname}/{path}?{query}',
  )
  assert.equal(maskUrl(''), '')
})
