import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { FakeCinder } from '@micronova/clients'
import { computePair, moveOf } from '../../test/support/compute-pair.js'
import { begin, confirm, revert } from '../../test/support/moving.js'
import { withVolume } from '../../test/support/pair-volumes.js'
import { CinderVolumes } from './cinder-volumes.js'

/** A guest on compute1 with a volume, about to move to compute2. */
async function prepared(t: TestContext) {
  const cinder = new FakeCinder()
  const pair = await computePair(t, { volumes: new CinderVolumes(cinder) })
  const move = await moveOf(pair, 'compute2')
  const state = await withVolume(pair, move, cinder)
  return { pair, move, cinder, state }
}

test('the volumes of a guest that moves are connected to its new host, and stay there when the move is confirmed', async (t) => {
  const { pair, move, state } = await prepared(t)
  await begin(pair, move, 'compute2')
  assert.deepEqual(await state(), ['in-use', 'compute2', 'compute2'])
  await confirm(pair, move)
  assert.deepEqual(await state(), ['in-use', 'compute2', 'compute2'])
})

test('the volumes of a guest that comes back are connected to its old host', async (t) => {
  const { pair, move, state } = await prepared(t)
  await begin(pair, move, 'compute2')
  await revert(pair, move)
  assert.deepEqual(await state(), ['in-use', 'compute1', 'compute1'])
})

test('the volumes of a guest that could not leave are connected where it is', async (t) => {
  const { pair, move, state } = await prepared(t)
  const { networks } = pair.compute1.parts
  const start = networks.migrateInstanceStart.bind(networks)
  networks.migrateInstanceStart = (ctx, instance, to) =>
    to === 'compute2' ? Promise.reject(new Error('no port')) : start(ctx, instance, to)
  await begin(pair, move, 'compute2').catch(() => {})
  assert.deepEqual(await state(), ['in-use', 'compute1', 'compute1'])
})
