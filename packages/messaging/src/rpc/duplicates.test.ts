import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SeenMessages } from './duplicates.js'

test('the last ids are known, older ones and forgotten ones are not', () => {
  const seen = new SeenMessages(16)
  for (let id = 0; id < 17; id++) assert.equal(seen.add(String(id)), true)
  assert.equal(seen.add('1'), false)
  assert.equal(seen.add('16'), false)
  assert.equal(seen.add('0'), true) // pushed out by 16
  seen.forget('16')
  assert.equal(seen.add('16'), true)
})
