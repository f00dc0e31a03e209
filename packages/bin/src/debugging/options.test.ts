import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareWithReference } from '@micronova/config'
import { debuggingGroups } from './options.js'

test('the options for debugging are those of Nova, but for the publisher that Nova has given up', () => {
  assert.deepEqual(compareWithReference(debuggingGroups, ['[notifications] default_publisher_id']), [])
})
