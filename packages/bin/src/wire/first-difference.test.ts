import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Json, parseJson } from '@micronova/messaging'
import { firstDifference } from './first-difference.js'

test('equal values have none, whatever the order of their keys', () => {
  assert.equal(firstDifference({ a: [1, { b: null }], c: 'x' }, { c: 'x', a: [1, { b: null }] }), null)
  assert.equal(firstDifference(Number.NaN, Number.NaN), null)
})

const differences: readonly (readonly [before: Json, after: Json, expected: string])[] = [
  ['a', 'b', 'message: "a" became "b"'],
  [{ args: { host: 'a' } }, { args: { host: 'b' } }, 'args.host: "a" became "b"'],
  [{ list: [1, { x: 1 }] }, { list: [1, { x: 2 }] }, 'list[1].x: 1 became 2'],
  [{ a: 1 }, {}, 'a: 1 became nothing'],
  [{}, { a: null }, 'a: nothing became null'],
  [[1], [1, 2], '[1]: nothing became 2'],
  [{ a: {} }, { a: [] }, 'a: {} became []'],
  [{ a: {} }, { a: null }, 'a: {} became null'],
  [{ a: 1 }, { a: '1' }, 'a: 1 became "1"'],
  [{ a: 0 }, { a: false }, 'a: 0 became false'],
]

for (const [before, after, expected] of differences)
  test(`the first difference of ${JSON.stringify(before)} and ${JSON.stringify(after)}`, () => {
    assert.equal(firstDifference(before, after), expected)
  })

test('only the first of several is told', () => {
  assert.equal(firstDifference({ a: 1, b: 1 }, { a: 2, b: 2 }), 'a: 1 became 2')
})

test('lists that were sets may be in any order, others may not', () => {
  assert.equal(firstDifference({ 'nova_object.changes': ['a', 'b'] }, { 'nova_object.changes': ['b', 'a'] }), null)
  assert.equal(firstDifference({ obj_what_changed: ['a', 'b'] }, { obj_what_changed: ['b'] }), 'obj_what_changed[0]: "a" became "b"')
  assert.equal(firstDifference({ hosts: ['a', 'b'] }, { hosts: ['b', 'a'] }), 'hosts[0]: "a" became "b"')
})

test('integers beyond 2^53 are told apart by their last digit', () => {
  const [one, two] = ['9007199254740993', '9007199254740995'].map((text) => parseJson(text)) as [Json, Json]
  assert.equal(firstDifference(one, parseJson('9007199254740993')), null)
  assert.match(firstDifference(one, two) ?? '', /9007199254740993.* became .*9007199254740995/)
})

test('a long value is cut', () => {
  const text = firstDifference('x'.repeat(500), null) ?? ''
  assert.ok(text.length < 100 && text.includes('...'), text)
})
