import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LifecycleState } from '@micronova/lifecycle'
import { deferred, never } from '../test/support.js'
import { AlreadyServed, InvalidWorkers, StartCancelled } from './errors.js'
import { checkWorkers, Launcher, type Servable } from './launcher.js'

/** A service that starts when `gate` opens, or fails with what the gate fails with. */
class GatedService implements Servable {
  state: LifecycleState = 'new'
  readonly gate = deferred()
  resets = 0
  stopFails: Error | null = null
  async start(): Promise<void> {
    this.state = 'starting'
    await this.gate.promise
    this.state = 'running'
  }
  async stop(): Promise<void> {
    if (this.state === 'starting') this.gate.reject(new Error('cancelled'))
    this.state = 'stopped'
    if (this.stopFails !== null) throw this.stopFails
  }
  async reset(): Promise<void> {
    this.resets++
  }
}

test('a launcher serves once: the second call is an error and the first service runs on', async () => {
  const launcher = new Launcher()
  const service = new GatedService()
  service.gate.resolve()
  await launcher.serve(service)
  await assert.rejects(launcher.serve(new GatedService()), AlreadyServed)
  assert.equal(service.state, 'running')
  await launcher.reset(never)
  assert.equal(service.resets, 1)
})

test('wait lasts until the service is stopped', async () => {
  const launcher = new Launcher()
  const service = new GatedService()
  service.gate.resolve()
  await launcher.serve(service, { workers: 1 })
  let ended = false
  const wait = launcher.wait().then(() => {
    ended = true
  })
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(ended, false)
  await launcher.stop(never)
  await wait
  assert.equal(service.state, 'stopped')
})

test('a service that cannot start is told to whoever serves and whoever waits', async () => {
  const launcher = new Launcher()
  const service = new GatedService()
  const serving = launcher.serve(service)
  service.gate.reject(new Error('no driver'))
  await assert.rejects(serving, /no driver/)
  await assert.rejects(launcher.wait(), /no driver/)
})

test('a stop in the middle of the start ends the wait without an error', async () => {
  const launcher = new Launcher()
  const serving = launcher.serve(new GatedService())
  const stop = launcher.stop(never)
  await assert.rejects(serving, /cancelled/)
  await stop
  await launcher.wait()
})

test('a launcher that was stopped before it served starts nothing', async () => {
  const launcher = new Launcher()
  await launcher.stop(never)
  const service = new GatedService()
  await assert.rejects(launcher.serve(service), StartCancelled)
  await launcher.wait()
  assert.equal(service.state, 'new')
})

test('what fails in a stop is told to whoever waits', async () => {
  const launcher = new Launcher()
  const service = new GatedService()
  service.gate.resolve()
  service.stopFails = new Error('stuck')
  await launcher.serve(service)
  await assert.rejects(launcher.stop(never), /stuck/)
  await assert.rejects(launcher.wait(), /stuck/)
})

test('the number of workers is nothing, or a whole number above 0', async () => {
  assert.deepEqual([checkWorkers(null), checkWorkers(1), checkWorkers(8)], [1, 1, 8])
  for (const wrong of [0, -1, 1.5, Number.NaN]) assert.throws(() => checkWorkers(wrong), InvalidWorkers)
  await assert.rejects(new Launcher().serve(new GatedService(), { workers: 2 }), InvalidWorkers)
})
