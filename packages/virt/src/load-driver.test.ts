import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nullLogger } from '@micronova/log'
import { loadVirtDriver } from './load-driver.js'

const deps = { log: nullLogger }

test('the driver is found by the name of upstream', async () => {
  const driver = loadVirtDriver(deps, { computeDriver: 'fake.FakeDriver' })
  assert.equal(driver.name, 'fake.FakeDriver')
})

test('the variants of the fake driver differ in size', async () => {
  const sizes = await Promise.all(
    ['fake.SmallFakeDriver', 'fake.MediumFakeDriver', 'fake.FakeDriver'].map(async (computeDriver) => {
      const driver = loadVirtDriver(deps, { computeDriver })
      await driver.initHost('compute1', new AbortController().signal)
      return (await driver.availableResource('compute1')).vcpus
    }),
  )
  assert.deepEqual(sizes, [2, 10, 1000])
})

for (const computeDriver of [null, '']) {
  test(`no driver is an error that names the option (${JSON.stringify(computeDriver)})`, () => {
    assert.throws(() => loadVirtDriver(deps, { computeDriver }), { code: 'missing_option', message: /compute_driver/ })
  })
}

for (const computeDriver of ['libvirt.LibvirtDriver', 'nosuch', 'toString']) {
  test(`the driver ${computeDriver}, which is not here, is an error that names those that are`, () => {
    assert.throws(() => loadVirtDriver(deps, { computeDriver }), { code: 'unknown_driver', message: /fake\.FakeDriver/ })
  })
}
