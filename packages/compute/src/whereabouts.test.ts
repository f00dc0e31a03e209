import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Step } from '@micronova/lifecycle'
import { FakeClock } from '@micronova/testing'
import type { VirtDriver } from '@micronova/virt'
import { atEachStep } from './at-each-step.js'
import { driverAt } from './driver-calls.js'
import { KeyedLocks } from './keyed-locks.js'
import { Whereabouts, waitingFor } from './whereabouts.js'

const places = (whereabouts: Whereabouts) => whereabouts.report().map(({ method, place }) => `${method}: ${place}`)

test('who waits for a lock says who holds it, and once it has it is there no longer', async () => {
  const whereabouts = new Whereabouts(new FakeClock())
  const locks = new KeyedLocks()
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const under = (method: string, body: () => Promise<void>) => {
    const here = whereabouts.of({ requestId: `req-${method}` }, method)
    return waitingFor(
      here,
      () => `lock held by ${locks.holder('a')}`,
      (run) => locks.run('a', run, here),
      body,
    )
  }
  const first = under('reboot', () => held)
  await Promise.resolve()
  const second = under('stop', async () => assert.deepEqual(places(whereabouts), []))
  assert.deepEqual(places(whereabouts), ['stop: lock held by reboot of req-reboot'])
  release()
  await Promise.all([first, second])
  assert.equal(locks.holder('a'), null)
})

test('each step of an operation is a place, and so is its undoing', async () => {
  const whereabouts = new Whereabouts(new FakeClock())
  const seen: string[][] = []
  const look = async () => void seen.push(places(whereabouts))
  const steps: Step<null>[] = [{ name: 'claim', run: look, undo: look }]
  const [step] = atEachStep(whereabouts.of({ requestId: 'req-1' }, 'build'), steps)
  await step?.run(null, new AbortController().signal)
  await step?.undo?.(null, new Error('no host'))
  assert.deepEqual(seen, [['build: step claim'], ['build: undoing of step claim']])
  assert.deepEqual(places(whereabouts), [])
})

test('a call of the driver is a place until it has ended, however it does; those of its optional interfaces too', async () => {
  const whereabouts = new Whereabouts(new FakeClock())
  let fail = (_: Error) => {}
  class Driver {
    readonly #uuid = 'a'
    readonly capabilities = { supportsX: true }
    readonly snapshots = { take: () => new Promise<void>((_, reject) => (fail = reject)) }
    async list() {
      return [this.#uuid]
    }
    info() {
      return this.#uuid
    }
  }
  const driver = driverAt(whereabouts.of({ requestId: 'req-1' }, 'snapshot'), new Driver() as unknown as VirtDriver) as unknown as Driver
  assert.equal(driver.info(), 'a')
  assert.deepEqual(await driver.list(), ['a'])
  assert.equal(driver.capabilities.supportsX, true)
  const taken = driver.snapshots.take()
  assert.deepEqual(places(whereabouts), ['snapshot: driver: take'])
  fail(new Error('full'))
  await assert.rejects(taken, /full/)
  assert.deepEqual(places(whereabouts), [])
})
