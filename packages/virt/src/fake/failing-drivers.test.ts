import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nullLogger } from '@micronova/log'
import { isNovaError } from '@micronova/model'
import { guestOf, spawn } from '../../test/contract/virt-driver-contract.js'
import { FakeBuildAbortDriver, FakeRescheduleDriver } from './failing-drivers.js'

const uuid = 'aaaaaaaa-0000-4000-8000-000000000001'

test('FakeBuildAbortDriver aborts every build and leaves no guest', async () => {
  const driver = new FakeBuildAbortDriver({ log: nullLogger })
  for (let i = 0; i < 2; i++) await assert.rejects(spawn(driver, guestOf(uuid)), (err) => isNovaError(err, 'BuildAbortException'))
  assert.deepEqual(await driver.listGuests(), [])
})

test('FakeRescheduleDriver refuses the first spawn of each instance', async () => {
  const driver = new FakeRescheduleDriver({ log: nullLogger })
  await assert.rejects(spawn(driver, guestOf(uuid)), (err) => isNovaError(err, 'ComputeResourcesUnavailable'))
  assert.deepEqual(await driver.listGuests(), [])
  await spawn(driver, guestOf(uuid))
  assert.deepEqual(await driver.listGuests(), [uuid])
})
