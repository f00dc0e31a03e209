import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isVersionCompatible } from './version.js'

test('a version serves requests of its major up to its minor and revision', () => {
  for (const [implemented, requested, expected] of [
    ['6.1', '6.0', true],
    ['6.1', '6.1', true],
    ['6.1', '6.2', false],
    ['6.1', '5.0', false],
    ['6.1', '7.0', false],
    ['6.10', '6.9', true],
    ['1.5.1', '1.5.1', true],
    ['1.5.1', '1.5.2', false],
    ['1.6', '1.5.2', true],
    ['1.5', '1.5.1', false],
    ['06.1', '6.0', true],
    [null, '9.9', true],
    ['1.0', null, false],
    [null, null, true],
    ['1.0', 'one', false],
    ['one', 'one', false],
    ['1.0', '1', false],
    ['1.0', '1.0.0.0', false],
    ['1.0', '', false],
  ] as const)
    assert.equal(isVersionCompatible(implemented, requested), expected, `${implemented} ${requested}`)
})
