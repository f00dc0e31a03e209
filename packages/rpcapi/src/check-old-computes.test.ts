import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nullLogger as log } from '@micronova/log'
import { checkOldComputes } from './check-old-computes.js'

test('computes of this release and the one before are fine, and so is none', () => {
  for (const lowest of [0, 61, 64]) checkOldComputes(lowest, { scope: 'cell', warnOnly: false, log })
})

test('an older compute ends the start, and is a warning for who upgrades by several releases at once', () => {
  assert.throws(() => checkOldComputes(60, { scope: 'system', warnOnly: false, log }), { kind: 'TooOldComputeService' })
  const warnings: string[] = []
  checkOldComputes(60, { scope: 'system', warnOnly: true, log: { ...log, warning: (line: string) => void warnings.push(line) } })
  assert.equal(warnings.length, 1)
})
