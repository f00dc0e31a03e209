import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '@micronova/testing'
import { IntervalRotation, nextRotation, SizeRotation } from './rotation.js'

process.env.TZ = 'Europe/Berlin'

test('a file is put aside before the write that would reach the size', () => {
  const rotation = new SizeRotation({ maxBytes: 100, keep: 3 })
  assert.deepEqual([rotation.isDue(50, 49), rotation.isDue(50, 50), rotation.isDue(0, 500)], [false, true, false])
  assert.equal(new SizeRotation({ maxBytes: 100, keep: 0 }).isDue(500, 1), false)
  assert.equal(new SizeRotation({ maxBytes: 0, keep: 3 }).isDue(500, 1), false)
})

test('rotation by size numbers the files and keeps so many', async (t) => {
  const folder = temporaryFolder(t)
  const path = join(folder, 'x.log')
  const rotation = new SizeRotation({ maxBytes: 1, keep: 2 })
  for (const text of ['1', '2', '3', '4']) {
    writeFileSync(path, text)
    await rotation.rotate(path)
  }
  assert.deepEqual(readdirSync(folder).sort(), ['x.log.1', 'x.log.2'])
  assert.deepEqual([readFileSync(`${path}.1`, 'utf8'), readFileSync(`${path}.2`, 'utf8')], ['4', '3'])
})

test('the next rotation is so long after the last change, or at a local midnight', () => {
  const local = (text: string) => new Date(text).getTime()
  const from = local('2023-03-22T10:20:30') // a Wednesday; summer time begins on the Sunday after
  const cases = [
    [{ unit: 'seconds', every: 5 }, '2023-03-22T10:20:35'],
    [{ unit: 'minutes', every: 2 }, '2023-03-22T10:22:30'],
    [{ unit: 'hours', every: 1 }, '2023-03-22T11:20:30'],
    [{ unit: 'days', every: 1 }, '2023-03-23T10:20:30'],
    [{ unit: 'midnight' }, '2023-03-23T00:00:00'],
    [{ unit: 'weekday', day: 2 }, '2023-03-23T00:00:00'], // ends with the Wednesday
    [{ unit: 'weekday', day: 6 }, '2023-03-27T00:00:00'],
    [{ unit: 'weekday', day: 0 }, '2023-03-28T00:00:00'],
  ] as const
  for (const [schedule, expected] of cases) assert.equal(nextRotation(schedule, from), local(expected), JSON.stringify(schedule))
})

test('rotation by time names a file after the time at which it began and keeps the newest', async (t) => {
  const folder = temporaryFolder(t)
  const path = join(folder, 'x.log')
  for (const name of ['x.log.2023-01-01', 'x.log.2023-01-02', 'x.log.1', 'x.log.2023-01-01.gz', 'y.log.2023-01-01'])
    writeFileSync(join(folder, name), '')
  writeFileSync(path, 'text')
  const began = new Date('2023-01-05T12:00:00').getTime()
  const rotation = new IntervalRotation({ unit: 'midnight' }, { keep: 2 })
  rotation.begin({ mtimeMs: began })
  const later = new Date('2023-01-06T08:00:00').getTime()
  assert.deepEqual([rotation.isDue(4, 1, began), rotation.isDue(4, 1, later)], [false, true])
  await rotation.rotate(path, later)
  assert.deepEqual(readdirSync(folder).sort(), [
    'x.log.1',
    'x.log.2023-01-01.gz',
    'x.log.2023-01-02',
    'x.log.2023-01-05',
    'y.log.2023-01-01',
  ])
  assert.equal(rotation.isDue(4, 1, later), false)
})

test('an empty file is not rotated; its time begins anew', () => {
  const rotation = new IntervalRotation({ unit: 'hours', every: 1 }, { keep: 2 })
  rotation.begin({ mtimeMs: 0 })
  const at = (hours: number) => hours * 3_600_000
  assert.deepEqual([rotation.isDue(0, 1, at(1)), rotation.isDue(9, 1, at(1.5)), rotation.isDue(9, 1, at(2))], [false, false, true])
})
