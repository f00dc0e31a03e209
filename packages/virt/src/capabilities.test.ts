import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nullLogger } from '@micronova/log'
import { readFixtureJson } from '@micronova/testing'
import { driverCapabilities } from './capabilities.js'
import { FakeDriver } from './fake/fake-driver.js'

interface Reference {
  readonly capabilities: Readonly<Record<string, { readonly base: boolean; readonly fake: boolean | null }>>
}
const { capabilities: reference } = readFixtureJson<Reference>('reference/virt-driver.json')

test('a driver answers every capability of Zed and no other', () => {
  assert.deepEqual(Object.keys(driverCapabilities(new FakeDriver({ log: nullLogger }))).sort(), Object.keys(reference).sort())
})

test('the fake driver claims nothing that the fake driver of upstream does not claim', () => {
  const claimed = Object.entries(driverCapabilities(new FakeDriver({ log: nullLogger }))).filter(([, has]) => has)
  assert.ok(claimed.length > 0)
  for (const [flag] of claimed) assert.equal(reference[flag]?.fake, true, flag)
})

test('what a driver has no interface for is not claimed', () => {
  const flags = driverCapabilities(new FakeDriver({ log: nullLogger }))
  assert.equal(flags.supports_secure_boot, false)
  assert.equal(flags.supports_image_type_raw, true)
  assert.equal(flags.supports_image_type_qcow2, false)
})
