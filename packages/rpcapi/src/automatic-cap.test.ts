import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nullLogger } from '@micronova/log'
import { contextFromDict, isNovaError } from '@micronova/model'
import { AutomaticCap } from './automatic-cap.js'

const ctx = contextFromDict({})

function capOf(versions: (number | Error)[]) {
  const asked: number[] = []
  const minimumComputeVersion = async () => {
    asked.push(asked.length)
    const version = versions.shift() ?? 0
    if (version instanceof Error) throw version
    return version
  }
  return { cap: new AutomaticCap({ minimumComputeVersion, log: nullLogger }), asked }
}

test('the oldest compute is looked up once, and again after a reload', async () => {
  const { cap, asked } = capOf([54, 64])
  assert.deepEqual(await Promise.all([cap.get(ctx), cap.get(ctx)]), ['5.13', '5.13'])
  assert.equal(asked.length, 1)
  cap.forget()
  assert.equal(await cap.get(ctx), '6.1')
})

test('while there is no compute nothing is kept', async () => {
  const { cap, asked } = capOf([0, 0, 61])
  for (const expected of ['6.1', '6.1', '6.0', '6.0']) assert.equal(await cap.get(ctx), expected)
  assert.equal(asked.length, 3)
})

test('a failed look-up is made again with the next message', async () => {
  const { cap } = capOf([new Error('no conductor'), 65, 64])
  await assert.rejects(cap.get(ctx), /no conductor/)
  await assert.rejects(cap.get(ctx), (err) => isNovaError(err, 'ServiceTooOld'))
  assert.equal(await cap.get(ctx), '6.1')
})
