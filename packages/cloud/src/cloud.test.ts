import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { systemClock, systemRandom } from '@micronova/lifecycle'
import { nullLogger } from '@micronova/log'
import { InvalidTransportUrl } from '@micronova/messaging'
import { novaErrorCatalogue } from '@micronova/model'
import { StartCancelled } from '@micronova/service'
import { VirtDriverError } from '@micronova/virt'
import { cloudOptions, stateFolder } from '../test/cloud-options.js'
import { Cloud, type CloudDeps, ControlTransport, controlSocket, takeStateFolder } from './index.js'

const deps: CloudDeps = { clock: systemClock, random: systemRandom, getLogger: () => nullLogger }
const forever = new AbortController().signal

test('a cloud has its services up, answers at its socket, and leaves the socket and the folder when it stops', async (t) => {
  const folder = stateFolder(t)
  const cloud = new Cloud(deps, cloudOptions(folder, { hosts: ['host1', 'host2'] }))
  await cloud.start(forever)
  assert.equal(cloud.state, 'running')
  const rows = (await cloud.services()).map(({ binary, host, up }) => `${binary} ${host} ${up}`)
  assert.deepEqual(rows.sort(), ['nova-compute host1 true', 'nova-compute host2 true', 'nova-conductor host1 true'])
  const control = new ControlTransport(folder.file(controlSocket), { errors: novaErrorCatalogue })
  assert.deepEqual((await control.describe()).hosts, ['host1', 'host2'])
  await Promise.all([cloud.stop(forever), cloud.stop(forever)])
  assert.equal(cloud.state, 'stopped')
  assert.equal(existsSync(folder.file(controlSocket)), false)
  folder.release()
  takeStateFolder(folder.path).release()
  await assert.rejects(cloud.start(forever), /cannot start: it is stopped/)
})

test('after a long rest the services of the cloud are up at once, those that no longer run are down', async (t) => {
  const folder = stateFolder(t)
  const first = new Cloud(deps, cloudOptions(folder, { hosts: ['host1', 'host2'] }))
  await first.start(forever)
  await first.stop(forever)
  const tomorrow = { ...systemClock, now: () => systemClock.now() + 86_400_000 }
  const second = new Cloud({ ...deps, clock: tomorrow }, cloudOptions(folder, { hosts: ['host1'] }))
  await second.start(forever)
  const rows = (await second.services()).map(({ binary, host, up }) => `${binary} ${host} ${up}`)
  await second.stop(forever)
  assert.deepEqual(rows.sort(), ['nova-compute host1 true', 'nova-compute host2 false', 'nova-conductor host1 true'])
})

/** Runs a start that must fail; the steps that had begun, and the error. */
async function failedStart(t: Parameters<typeof stateFolder>[0], changes: Parameters<typeof cloudOptions>[1]) {
  const steps: string[] = []
  const observe: CloudDeps['observe'] = (part, { name }) => void steps.push(`${part} ${name}`)
  const cloud = new Cloud({ ...deps, observe }, cloudOptions(stateFolder(t), changes))
  const err: unknown = await cloud.start(forever).then(
    () => assert.fail('it started'),
    (reason: unknown) => reason,
  )
  assert.equal(cloud.state, 'stopped')
  return { err, steps, cloud }
}

test('a driver that there is not ends the start with its name, and the conductor is stopped again', async (t) => {
  const { err, steps } = await failedStart(t, { computeDriver: 'nonesuch.Driver' })
  assert.ok(err instanceof VirtDriverError && err.code === 'unknown_driver')
  assert.match(err.message, /nonesuch\.Driver/)
  assert.ok(steps.includes('nova-conductor host1 rpc_server'))
})

test('a database that cannot be opened ends the start before anything else begins', async (t) => {
  const { steps } = await failedStart(t, { databaseUrl: 'sqlite:////nonexistent/folder/nova.sqlite' })
  assert.ok(
    steps.every((step) => step.startsWith('database ')),
    steps.join(),
  )
})

test('a transport that there is not ends the start', async (t) => {
  const { err } = await failedStart(t, { transportUrl: 'carrier-pigeon://' })
  assert.ok(err instanceof InvalidTransportUrl)
})

test('a compute that cannot start stops the others', async (t) => {
  const options = { hosts: ['host1', 'host2'] }
  const folder = stateFolder(t)
  const observe: CloudDeps['observe'] = (part, { name, outcome }) => {
    if (part === 'nova-compute host2' && name === 'init_host' && outcome === 'running') throw new Error('no such host')
  }
  const cloud = new Cloud({ ...deps, observe }, cloudOptions(folder, options))
  await assert.rejects(cloud.start(forever), /no such host/)
  assert.equal(cloud.state, 'stopped')
  const next = new Cloud(deps, cloudOptions(folder, options))
  await next.start(forever)
  await next.stop(forever)
})

test('a stop in the middle of the start cancels it, and nothing goes on behind it', async (t) => {
  let stopping: Promise<void> | undefined
  const steps: string[] = []
  const cloud: Cloud = new Cloud(
    {
      ...deps,
      observe: (part, { name, outcome }) => {
        steps.push(`${part} ${name} ${outcome}`)
        if (part === 'nova-conductor host1' && name === 'init_host') stopping ??= cloud.stop(forever)
      },
    },
    cloudOptions(stateFolder(t)),
  )
  await assert.rejects(cloud.start(forever), StartCancelled)
  await stopping
  assert.equal(cloud.state, 'stopped')
  assert.ok(!steps.some((step) => step.startsWith('nova-compute')), steps.join())
})

test('the signal of a start cancels it with its reason', async (t) => {
  const controller = new AbortController()
  const observe = () => controller.abort(new Error('Ctrl-C'))
  const cloud = new Cloud({ ...deps, observe }, cloudOptions(stateFolder(t)))
  await assert.rejects(cloud.start(controller.signal), /Ctrl-C/)
  assert.equal(cloud.state, 'stopped')
})

test('many hosts start and stop without a warning of Node', async (t) => {
  const warnings: Error[] = []
  const note = (warning: Error) => void warnings.push(warning)
  process.on('warning', note)
  t.after(() => process.off('warning', note))
  const cloud = new Cloud(deps, cloudOptions(stateFolder(t), { hosts: Array.from({ length: 15 }, (_, n) => `host${n}`) }))
  await cloud.start(new AbortController().signal)
  await cloud.stop(new AbortController().signal)
  await new Promise((resolve) => setImmediate(resolve)) // a warning comes a turn later
  assert.deepEqual(warnings, [])
})

test('a cloud that was never started stops', async (t) => {
  const cloud = new Cloud(deps, cloudOptions(stateFolder(t)))
  await cloud.stop(forever)
  assert.equal(cloud.state, 'stopped')
})
