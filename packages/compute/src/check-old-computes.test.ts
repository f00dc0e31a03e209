import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nullLogger } from '@micronova/log'
import { isNovaError, Service } from '@micronova/model'
import { computeFixture } from '../test/support/compute-fixture.js'
import { checkOldComputes } from './check-old-computes.js'

async function check(versions: readonly number[], warnOnly = false): Promise<void> {
  const { stores, ctx } = computeFixture()
  for (const [i, version] of versions.entries())
    await stores.services.create(
      ctx,
      new Service({ host: `compute${i}`, binary: 'nova-compute', topic: 'compute', version, report_count: 0 }),
    )
  await checkOldComputes({ stores, log: nullLogger }, ctx, { warnOnly })
}

test('computes of this release and the one before are fine, and so is none', async () => {
  await check([])
  await check([64, 61])
})

test('an older compute ends the start', async () => {
  await assert.rejects(check([64, 60]), (err) => isNovaError(err, 'TooOldComputeService'))
})

test('an older compute is a warning for who upgrades by several releases at once', async () => {
  await check([60], true)
})
