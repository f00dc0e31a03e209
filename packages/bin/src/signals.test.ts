import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inForeground } from './signals.js'

test('a process is in the foreground if its group is the foreground group of its terminal', () => {
  assert.equal(inForeground('812 (node) S 700 812 700 34816 812 4194304 1 2'), true)
  assert.equal(inForeground('812 (node) S 700 812 700 34816 900 4194304 1 2'), false)
  assert.equal(inForeground('812 (node) S 1 812 812 0 -1 4194304 1 2'), false)
})

test('a process may call itself anything', () => {
  assert.equal(inForeground('812 (a) b) (c) S 700 812 700 34816 812 4194304 1 2'), true)
})
