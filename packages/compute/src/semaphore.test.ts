import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Semaphore } from './semaphore.js'

/** How many of `total` bodies ran at the same time at most. */
async function most(size: number, total: number): Promise<number> {
  const semaphore = new Semaphore(size)
  let running = 0
  let peak = 0
  await Promise.all(
    Array.from({ length: total }, () =>
      semaphore.run(async () => {
        peak = Math.max(peak, ++running)
        await new Promise((resolve) => setImmediate(resolve))
        running--
      }),
    ),
  )
  return peak
}

test('a semaphore lets no more than its size run at once', async () => {
  assert.equal(await most(2, 7), 2)
})

test('a semaphore of size zero has no limit', async () => {
  assert.equal(await most(0, 7), 7)
})

test('a body that fails gives its place to the next', async () => {
  const semaphore = new Semaphore(1)
  const failing = semaphore.run(() => Promise.reject(new Error('no')))
  const next = semaphore.run(async () => 'ran')
  await assert.rejects(failing, /no/)
  assert.equal(await next, 'ran')
})
