import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock } from '@micronova/testing'
import { DatabaseProbe } from './database-probe.js'

function fixture() {
  const clock = new FakeClock()
  const asked: { resolve(): void; reject(err: Error): void }[] = []
  const ping = () => new Promise<void>((resolve, reject) => asked.push({ resolve, reject }))
  return { clock, asked, probe: new DatabaseProbe(clock, 'main', { ping }) }
}

test('a database that answers is fine, and is not asked again for two seconds', async () => {
  const { clock, asked, probe } = fixture()
  const check = probe.check()
  asked[0]?.resolve()
  assert.deepEqual(await check, { name: 'database-main', failure: null, sinceMs: null })
  await clock.advance(1999)
  assert.equal((await probe.check()).failure, null)
  assert.equal(asked.length, 1)
})

test('a database that is silent is named after half a second and not asked a second time until it answers', async () => {
  const { clock, asked, probe } = fixture()
  for (let times = 0; times < 3; times++) {
    const check = probe.check()
    await clock.advance(500)
    assert.equal((await check).failure, 'no answer')
  }
  assert.equal(asked.length, 1)
  asked[0]?.resolve()
  await clock.advance(0)
  assert.equal((await probe.check()).failure, null)
})

test('a database that refuses is named with its reason, and since when', async () => {
  const { clock, asked, probe } = fixture()
  const begun = clock.now()
  const check = probe.check()
  asked[0]?.reject(new Error('connection refused\nby 192.0.2.1'))
  assert.deepEqual(await check, { name: 'database-main', failure: 'connection refused', sinceMs: begun })
  await clock.advance(3000)
  const again = probe.check()
  asked[1]?.reject(new Error('connection refused'))
  assert.equal((await again).sinceMs, begun)
})
