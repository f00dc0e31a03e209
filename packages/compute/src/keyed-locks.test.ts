import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KeyedLocks } from './keyed-locks.js'

function gate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

test('holders of one key run one after the other in the order in which they asked', async () => {
  const locks = new KeyedLocks()
  const first = gate()
  const seen: string[] = []
  const runs = [
    locks.run('a', async () => {
      await first.opened
      seen.push('first')
    }),
    locks.run('a', async () => {
      seen.push('second')
    }),
    locks.run('a', async () => {
      seen.push('third')
    }),
  ]
  await Promise.resolve()
  assert.deepEqual(seen, [])
  first.open()
  await Promise.all(runs)
  assert.deepEqual(seen, ['first', 'second', 'third'])
})

test('holders of different keys do not wait for each other', async () => {
  const locks = new KeyedLocks()
  const slow = gate()
  const held = locks.run('a', () => slow.opened)
  assert.equal(await locks.run('b', async () => 'ran'), 'ran')
  slow.open()
  await held
})

test('a holder that fails lets the next one in, and nothing is kept once nobody waits', async () => {
  const locks = new KeyedLocks()
  const failing = locks.run('a', () => Promise.reject(new Error('no')))
  const next = locks.run('a', async () => 'ran')
  await assert.rejects(failing, /no/)
  assert.equal(await next, 'ran')
  assert.equal(locks.size, 0)
})
