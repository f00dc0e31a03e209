import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { FakeCinder } from '@micronova/clients'
import { ended, prepared, start } from '../../test/support/live-migrating.js'
import { withVolume } from '../../test/support/pair-volumes.js'
import { CinderVolumes } from '../volume/cinder-volumes.js'

/** A guest on compute1 with a volume, about to migrate to compute2. */
async function preparedWithVolume(t: TestContext) {
  const cinder = new FakeCinder()
  const { pair, move } = await prepared(t, { volumes: new CinderVolumes(cinder) })
  return { cinder, pair, move, state: await withVolume(pair, move, cinder) }
}

test('the volumes of a guest that migrates are connected to its destination, and then to that alone', async (t) => {
  const { pair, move, state } = await preparedWithVolume(t)
  await start(pair, move)
  await ended(pair)
  assert.deepEqual(await state(), ['in-use', 'compute2', 'compute2'])
})

test('the volumes of a guest that is not moved after all are connected where it is', async (t) => {
  const { pair, move, state } = await preparedWithVolume(t)
  Object.assign(pair.compute1.driver, { liveMigration: { ...pair.compute1.driver.liveMigration, migrate: async () => 'cancelled' } })
  await start(pair, move)
  await ended(pair)
  assert.deepEqual(await state(), ['in-use', 'compute1', 'compute1'])
})

test('the volumes of a guest whose destination cannot be prepared are connected where it is', async (t) => {
  const { pair, move, state } = await preparedWithVolume(t)
  const prepareDestination = () => Promise.reject(new Error('no room'))
  Object.assign(pair.compute2.driver, { liveMigration: { ...pair.compute2.driver.liveMigration, prepareDestination } })
  await start(pair, move)
  await ended(pair)
  assert.deepEqual(await state(), ['in-use', 'compute1', 'compute1'])
})

test('the volumes of a guest whose destination does not get them are connected where it is', async (t) => {
  const { cinder, pair, move, state } = await preparedWithVolume(t)
  cinder.calls.fail('createAttachment', 500)
  await start(pair, move)
  await ended(pair)
  assert.deepEqual(await state(), ['in-use', 'compute1', 'compute1'])
})
