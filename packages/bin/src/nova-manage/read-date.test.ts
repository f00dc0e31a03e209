import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readDate } from './read-date.js'

const iso = (text: string) => readDate(text)?.toISOString().slice(0, 19) ?? null

test('a date, with or without a time of day and a zone, is a time in UTC', () => {
  for (const [text, time] of [
    ['2026-11-23', '2026-11-23T00:00:00'],
    ['2026-11-23 14:05', '2026-11-23T14:05:00'],
    ['2026-11-23T14:05:06.123456', '2026-11-23T14:05:06'],
    ['2026-11-23 14:05:06+02:00', '2026-11-23T12:05:06'],
    ['2026-11-23T14:05:06Z', '2026-11-23T14:05:06'],
  ])
    assert.equal(iso(text!), time, text)
})

test('what date prints is read, in the forms of several locales', () => {
  for (const text of [
    'Mon Nov 23 14:05:06 UTC 2026',
    'Mon Nov 23 02:05:06 PM UTC 2026',
    'Mon 23 Nov 2026 02:05:06 PM UTC',
    'Mon, 23 Nov 2026 15:05:06 +0100',
    'Nov 23 14:05:06 2026',
  ])
    assert.equal(iso(text), '2026-11-23T14:05:06', text)
  assert.equal(iso('Mon Nov 23 12:05:06 AM UTC 2026'), '2026-11-23T00:05:06')
  assert.equal(iso('23 Nov 2026'), '2026-11-23T00:00:00')
})

test('what is no time is none', () => {
  for (const text of ['', 'yesterday', '2026-13-01', '2026-02-30', '2026-11-23 24:00', 'Mon Foo 23 14:05:06 UTC 2026', '10:30'])
    assert.equal(readDate(text), null, text)
})
