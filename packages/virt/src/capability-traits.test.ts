import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nullLogger } from '@micronova/log'
import { readFixtureJson } from '@micronova/testing'
import { capabilityTraits } from './capability-traits.js'
import { FakeDriver } from './fake/fake-driver.js'

const driver = new FakeDriver({ log: nullLogger })
const { capability_to_trait: reference } = readFixtureJson<{ readonly capability_to_trait: Readonly<Record<string, string>> }>(
  'reference/virt-driver.json',
)

test('the traits of drivers are those that Zed makes of their capabilities', () => {
  assert.deepEqual([...capabilityTraits(driver).keys()].sort(), Object.values(reference).sort())
})

test('a trait is there if the driver can do what it says', () => {
  const traits = capabilityTraits(driver)
  assert.equal(traits.get('COMPUTE_DEVICE_TAGGING'), true)
  assert.equal(traits.get('COMPUTE_SECURITY_UEFI_SECURE_BOOT'), false)
})

test('an image type that the operator excludes is not offered, and the others are', () => {
  assert.equal(capabilityTraits(driver).get('COMPUTE_IMAGE_TYPE_RAW'), true)
  assert.equal(capabilityTraits(driver, ['raw', 'qcow2']).get('COMPUTE_IMAGE_TYPE_RAW'), false)
  assert.equal(capabilityTraits(driver, ['raw']).get('COMPUTE_DEVICE_TAGGING'), true)
})
