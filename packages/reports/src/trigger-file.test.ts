import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock } from '@micronova/testing'
import { TriggerFile } from './trigger-file.js'

/**
 * Looks at a file that was modified at these times when it was looked at, the first time when the watch began; null: it is not there.
 *
 * @returns after which of the looks the modification was told, from 1
 */
async function noticed([first, ...looks]: readonly (number | null)[]): Promise<number[]> {
  const clock = new FakeClock()
  const noticedAt: number[] = []
  let look = 0
  const modifiedAt = () => (look === 0 ? first : looks[look - 1]) ?? null
  const file = new TriggerFile({ clock, modifiedAt, onModified: () => noticedAt.push(look) }, '/run/report', 1)
  file.start()
  for (const _ of looks) {
    look++
    await clock.advance(1000)
  }
  file.stop()
  look = 0
  await clock.advance(5000)
  return noticedAt
}

test('a modification since the watch began is noticed, once', async () => {
  assert.deepEqual(await noticed([1000, 1000, 1500, 1500, 3500]), [2, 4])
})

test('a file that comes into being later is noticed, and one that goes is no modification', async () => {
  assert.deepEqual(await noticed([null, null, 2500, null, 2500, 5500]), [2, 5])
})

test('a file that is made within the tick of the clock of the file system in which the watch begins is noticed', async () => {
  assert.deepEqual(await noticed([null, -4]), [1])
})
