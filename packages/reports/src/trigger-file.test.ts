import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock } from '@micronova/testing'
import { TriggerFile } from './trigger-file.js'

/** A file by the times at which it is looked at; null: it is not there. */
async function noticed(looks: readonly (number | null)[]): Promise<number[]> {
  const clock = new FakeClock()
  const began = clock.now()
  const noticedAt: number[] = []
  let look = 0
  let looked = () => {}
  const file = new TriggerFile(
    {
      clock,
      modifiedAt: async () => {
        const at = looks[look++] ?? null
        setImmediate(() => looked())
        return at === null ? null : began + at
      },
      onModified: () => noticedAt.push(look),
    },
    '/run/report',
    1,
  )
  file.start()
  for (const _ of looks) {
    const done = new Promise<void>((resolve) => {
      looked = resolve
    })
    await clock.advance(1000)
    await done
  }
  file.stop()
  return noticedAt
}

test('a modification after the watch began is noticed, once', async () => {
  assert.deepEqual(await noticed([-5000, 1500, 1500, 3500]), [2, 4])
})

test('a file that comes into being later is noticed, and one that goes is no modification', async () => {
  assert.deepEqual(await noticed([null, null, 2500, null, 2500, 5500]), [3, 6])
})
