import assert from 'node:assert/strict'
import { appendFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { nullLogger } from '@micronova/log'
import { temporaryFolder } from '@micronova/testing'
import { JournalFailed, JournalFull } from '../errors.js'
import { JournalFile, type JournalFileOptions } from './journal-file.js'

async function openJournal(t: TestContext, options: JournalFileOptions) {
  const journal = new JournalFile({ log: nullLogger }, options)
  const unfinished = await journal.open()
  t.after(() => journal.close())
  return { journal, unfinished }
}

function pathIn(t: TestContext): string {
  return join(temporaryFolder(t), 'journal', 'host1.jsonl')
}

test('accepted work is there after a restart until it is finished', async (t) => {
  const path = pathIn(t)
  const { journal, unfinished } = await openJournal(t, { path })
  assert.deepEqual(unfinished, [])
  const first = await journal.accept('stop_instance', '{"a":1}')
  const second = await journal.accept('start_instance', 'zwei\nZeilen')
  journal.finish(first)
  await journal.close()

  const next = await openJournal(t, { path })
  assert.deepEqual(next.unfinished, [{ kind: 'accepted', id: second, method: 'start_instance', text: 'zwei\nZeilen' }])
  assert.ok((await next.journal.accept('stop_instance', '')) > second, 'ids go on where they were')
})

test('the line is in the file when accept returns', async (t) => {
  const path = pathIn(t)
  const { journal } = await openJournal(t, { path })
  await journal.accept('stop_instance', 'the text')
  assert.match(readFileSync(path, 'utf8'), /the text/)
})

test('only the owner can read the journal and its folder', async (t) => {
  const path = pathIn(t)
  await openJournal(t, { path })
  assert.equal(statSync(path).mode & 0o777, 0o600)
  assert.equal(statSync(join(path, '..')).mode & 0o777, 0o700)
})

test('a line torn by a crash is dropped and the ones before it are kept', async (t) => {
  const path = pathIn(t)
  const { journal } = await openJournal(t, { path })
  const whole = await journal.accept('stop_instance', 'whole')
  await journal.accept('start_instance', 'torn')
  await journal.close()
  truncateSync(path, statSync(path).size - 5)

  const { unfinished, journal: next } = await openJournal(t, { path })
  assert.deepEqual(
    unfinished.map(({ id }) => id),
    [whole],
  )
  const later = await next.accept('stop_instance', 'later')
  await next.close()
  const again = await openJournal(t, { path })
  assert.deepEqual(
    again.unfinished.map(({ id }) => id),
    [whole, later],
  )
})

test('a damaged line in the middle costs only itself', async (t) => {
  const path = pathIn(t)
  const { journal } = await openJournal(t, { path })
  await journal.accept('stop_instance', 'damaged')
  const kept = await journal.accept('start_instance', 'kept')
  await journal.close()
  writeFileSync(path, readFileSync(path, 'utf8').replace('"damaged"', '"DAMAGED"'))
  appendFileSync(path, 'no record at all\n')

  const { unfinished } = await openJournal(t, { path })
  assert.deepEqual(
    unfinished.map(({ id }) => id),
    [kept],
  )
})

test('the file shrinks when most of it is finished', async (t) => {
  const path = pathIn(t)
  const { journal } = await openJournal(t, { path, compactAboveBytes: 4000 })
  const kept = await journal.accept('start_instance', 'kept')
  for (let i = 0; i < 100; i++) journal.finish(await journal.accept('stop_instance', 'x'.repeat(100)))
  await journal.close()
  assert.ok(statSync(path).size < 8000, `${statSync(path).size} bytes`)
  const { unfinished } = await openJournal(t, { path })
  assert.deepEqual(
    unfinished.map(({ id }) => id),
    [kept],
  )
})

test('work beyond the bound is refused until some has finished', async (t) => {
  const { journal } = await openJournal(t, { path: pathIn(t), maxBytes: 400 })
  const first = await journal.accept('stop_instance', 'x'.repeat(200))
  await assert.rejects(journal.accept('stop_instance', 'x'.repeat(200)), JournalFull)
  journal.finish(first)
  await journal.accept('stop_instance', 'x'.repeat(200))
})

test('work that cannot be written is refused and is not there after a restart', async (t) => {
  const path = pathIn(t)
  const { journal } = await openJournal(t, { path })
  await journal.close()
  await assert.rejects(journal.accept('stop_instance', 'lost'), JournalFailed)
  const { unfinished } = await openJournal(t, { path })
  assert.deepEqual(unfinished, [])
})

test('work accepted at once shares the syncs', async (t) => {
  const { journal } = await openJournal(t, { path: pathIn(t) })
  const probe = await open(join(temporaryFolder(t), 'probe'), 'w')
  t.after(() => probe.close())
  const prototype = Object.getPrototypeOf(probe) as { datasync(): Promise<void> }
  const syncs = t.mock.method(prototype, 'datasync')
  await Promise.all(Array.from({ length: 100 }, (_, i) => journal.accept('stop_instance', `work ${i}`)))
  assert.ok(syncs.mock.callCount() <= 3, `${syncs.mock.callCount()} syncs`)
})

test('no request stays on the disk when all work is finished', async (t) => {
  const path = pathIn(t)
  const { journal } = await openJournal(t, { path })
  const ids = await Promise.all(['first', 'second'].map((text) => journal.accept('set_admin_password', text)))
  for (const id of ids) journal.finish(id)
  const last = await journal.accept('stop_instance', 'third')
  journal.finish(last)
  await journal.close()
  assert.equal(readFileSync(path, 'utf8'), '')
})

test('refused work is not there after a restart, nor does it damage what comes after it', async (t) => {
  const path = pathIn(t)
  const { journal } = await openJournal(t, { path })
  const kept = await journal.accept('start_instance', 'kept')
  const probe = await open(path)
  t.after(() => probe.close())
  const syncs = t.mock.method(Object.getPrototypeOf(probe) as { datasync(): Promise<void> }, 'datasync')
  syncs.mock.mockImplementationOnce(() => Promise.reject(new Error('no space left')))
  await assert.rejects(journal.accept('stop_instance', `refused ${'x'.repeat(100)}`), JournalFailed)
  assert.doesNotMatch(readFileSync(path, 'utf8'), /refused/)
  const later = await journal.accept('stop_instance', 'later')
  await journal.close()
  assert.equal(readFileSync(path, 'utf8').trimEnd().split('\n').length, 2)
  const { unfinished } = await openJournal(t, { path })
  assert.deepEqual(
    unfinished.map(({ id }) => id),
    [kept, later],
  )
})

test('work that comes at the moment at which other work was refused is answered too', { timeout: 5000 }, async (t) => {
  const { journal } = await openJournal(t, { path: pathIn(t) })
  await journal.close()
  for (let turns = 0; turns < 30; turns++) {
    const first = assert.rejects(journal.accept('stop_instance', 'first'), JournalFailed)
    for (let turn = 0; turn < turns; turn++) await Promise.resolve()
    await assert.rejects(journal.accept('stop_instance', 'second'), JournalFailed)
    await first
  }
})
