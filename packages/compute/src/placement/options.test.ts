import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareWithReference } from '@micronova/config'
import { placementOptions } from './options.js'

test('each option has the name, type, default and limits of Nova', () => {
  assert.deepEqual(compareWithReference([placementOptions]), [])
})
