import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compareVersions, isBelow, isCompatible, parseVersion } from './index.js'

const parts = fc.array(fc.nat({ max: 30 }), { minLength: 1, maxLength: 3 })

test('versions are compared by number, not by text', () => {
  assert.ok(isBelow(parseVersion('1.9'), '1.10'))
  assert.ok(!isBelow(parseVersion('2.0'), '1.10'))
  assert.ok(isBelow(parseVersion('1.2'), '1.2.0'), 'as Python compares tuples')
})

test('a version is compatible with the same or a newer one of its major', () => {
  assert.ok(isCompatible([1, 2], [1, 2]))
  assert.ok(isCompatible([1, 2, 0], [1, 2]))
  assert.ok(isCompatible([1, 2], [1, 3]))
  assert.ok(!isCompatible([1, 2, 1], [1, 2]))
  assert.ok(!isCompatible([1, 3], [1, 2]))
  assert.ok(!isCompatible([1, 0], [2, 0]))
})

test('versions have one order', () => {
  fc.assert(
    fc.property(parts, parts, parts, (a, b, c) => {
      assert.equal(Math.sign(compareVersions(a, b)) + Math.sign(compareVersions(b, a)), 0)
      if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0) assert.ok(compareVersions(a, c) <= 0)
      assert.deepEqual(parseVersion(a.join('.')), a)
    }),
  )
})

test('what is no version is refused', () => {
  for (const text of ['', 'a', '1.', '.1', '1.x', '-1.0', '1 .0', '1.0\n', '9'.repeat(400)])
    assert.throws(() => parseVersion(text), /is invalid/)
})
