import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { FakeClock, temporaryFolder } from '@micronova/testing'
import { LogError } from '../errors.js'
import { FileSink, type FileSinkOptions } from './file-sink.js'
import { IntervalRotation, SizeRotation } from './rotation.js'

function sinkIn(t: TestContext, options: FileSinkOptions = {}) {
  const folder = join(temporaryFolder(t), 'log')
  mkdirSync(folder)
  const path = join(folder, 'x.log')
  const clock = new FakeClock()
  const sink = new FileSink(path, clock, options)
  t.after(() => sink.close())
  const write = (text: string) => sink.write(Buffer.from(text))
  return { folder, path, clock, sink, write }
}

const read = (path: string) => readFileSync(path, 'utf8')

test('a log file is made for its owner and group alone, and appended to', async (t) => {
  const { path, write } = sinkIn(t)
  writeFileSync(path, 'before\n')
  assert.equal(await write('after\n'), 6)
  assert.equal(read(path), 'before\nafter\n')
  assert.equal(statSync(path).mode & 0o027, 0)
})

test('a path that cannot be written is refused in one sentence', (t) => {
  const folder = temporaryFolder(t)
  assert.throws(
    () => new FileSink(join(folder, 'missing', 'x.log'), new FakeClock()),
    (err) =>
      err instanceof LogError && err.code === 'cannot_open' && /^cannot write the log file .*\/missing\/x\.log: ENOENT: /.test(err.message),
  )
})

test('a file that has been moved is noticed within a second', async (t) => {
  const { path, clock, write } = sinkIn(t)
  await write('1\n')
  renameSync(path, `${path}.1`)
  await write('2\n')
  await clock.advance(1_000)
  await write('3\n')
  assert.deepEqual([read(`${path}.1`), read(path)], ['1\n2\n', '3\n'])
})

test('a watched file that has been moved, removed or replaced is noticed at once', async (t) => {
  const { path, write } = sinkIn(t, { watch: true })
  await write('1\n')
  renameSync(path, `${path}.1`)
  await write('2\n')
  assert.deepEqual([read(`${path}.1`), read(path)], ['1\n', '2\n'])
  rmSync(path)
  await write('3\n')
  assert.equal(read(path), '3\n')
  renameSync(path, `${path}.2`)
  writeFileSync(path, 'made by logrotate\n')
  await write('4\n')
  assert.equal(read(path), 'made by logrotate\n4\n')
})

test('reopen makes a file that has been moved anew at once, and says whether it is another one', async (t) => {
  const { path, sink, write } = sinkIn(t)
  await write('1\n')
  assert.equal(await sink.reopen(), false)
  renameSync(path, `${path}.1`)
  assert.equal(await sink.reopen(), true)
  assert.equal(read(path), '')
})

test('a file that has been truncated in place goes on from its beginning', async (t) => {
  const { path, write } = sinkIn(t)
  await write('a long line\n')
  truncateSync(path)
  await write('1\n')
  assert.equal(read(path), '1\n')
})

test('writes fail while the folder is missing, and go on when it is back', async (t) => {
  const { folder, path, clock, sink, write } = sinkIn(t)
  renameSync(folder, `${folder}.away`)
  await clock.advance(1_000)
  await assert.rejects(write('1\n'), { code: 'ENOENT' })
  await assert.rejects(sink.reopen(), { code: 'ENOENT' })
  mkdirSync(folder)
  await sink.reopen()
  await write('2\n')
  assert.equal(read(path), '2\n')
})

test('a file is rotated at its size, counting what was in it before', async (t) => {
  const { path, write } = sinkIn(t, { rotation: new SizeRotation({ maxBytes: 10, keep: 2 }) })
  for (const text of ['12345\n', '123\n', '1\n', 'much more than ten\n', '2\n']) await write(text)
  assert.deepEqual([read(`${path}.2`), read(`${path}.1`), read(path)], ['123\n1\n', 'much more than ten\n', '2\n'])
})

test('a file that was truncated is not rotated for the size that it had', async (t) => {
  const { path, write } = sinkIn(t, { rotation: new SizeRotation({ maxBytes: 10, keep: 2 }) })
  await write('12345678\n')
  truncateSync(path)
  await write('1234\n')
  assert.equal(read(path), '1234\n')
})

test('a file is rotated at its time', async (t) => {
  const clock = new FakeClock(Date.now())
  const path = join(temporaryFolder(t), 'x.log')
  const sink = new FileSink(path, clock, { rotation: new IntervalRotation({ unit: 'hours', every: 1 }, { keep: 2 }) })
  t.after(() => sink.close())
  await sink.write(Buffer.from('1\n'))
  await clock.advance(3_700_000)
  await sink.write(Buffer.from('2\n'))
  assert.equal(read(path), '2\n')
})

test('a rotation that fails loses no line, and is tried again after a minute', async (t) => {
  const { path, clock, write } = sinkIn(t, { rotation: new SizeRotation({ maxBytes: 5, keep: 1 }) })
  mkdirSync(`${path}.1`)
  for (const text of ['1234\n', '2\n', '3\n']) await write(text)
  assert.equal(read(path), '1234\n2\n3\n')
  rmSync(`${path}.1`, { recursive: true })
  await clock.advance(60_000)
  await write('4\n')
  assert.deepEqual([read(`${path}.1`), read(path)], ['1234\n2\n3\n', '4\n'])
})

test('the last words are written at once', (t) => {
  const { path, sink } = sinkIn(t)
  sink.writeSync(Buffer.from('farewell\n'))
  assert.equal(read(path), 'farewell\n')
})
