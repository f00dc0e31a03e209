import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Instance, novaError } from '@micronova/model'
import { forever, storedInstance } from '../../test/support/compute-fixture.js'
import { type PeriodicFixture, periodicFixture } from '../../test/support/periodic-fixture.js'
import { eachIdleInstance, eachInstance, type InstanceWork } from './each-instance.js'

async function instancesOf(fixture: PeriodicFixture, total: number): Promise<Instance[]> {
  const instances = []
  for (let i = 0; i < total; i++) instances.push(await storedInstance(fixture))
  return instances
}

function work({ ctx }: PeriodicFixture, instances: readonly Instance[], run: InstanceWork['run'], signal = forever): InstanceWork {
  return { name: '_task', ctx, instances, signal, run }
}

test('an instance that fails keeps no other from its turn, and is logged as itself', async () => {
  const fixture = await periodicFixture()
  const instances = await instancesOf(fixture, 3)
  const done: string[] = []
  const failure = new Error('broken')
  await eachInstance(
    fixture.parts,
    work(fixture, instances, async ({ uuid }) => {
      if (uuid === instances[1]?.uuid) throw failure
      done.push(uuid)
    }),
  )
  assert.deepEqual(done, [instances[0]?.uuid, instances[2]?.uuid])
  const lines = fixture.log.lines.map(({ level, message, instanceUuid, err }) => ({ level, message, instanceUuid, err }))
  assert.deepEqual(lines, [{ level: 'ERROR', message: '_task failed for the instance', instanceUuid: instances[1]?.uuid, err: failure }])
})

test('an instance that is gone or was taken over is no failure', async () => {
  const fixture = await periodicFixture()
  const errors = [novaError('InstanceNotFound'), novaError('UnexpectedTaskStateError'), novaError('UnexpectedDeletingTaskStateError')]
  const instances = await instancesOf(fixture, errors.length)
  await eachInstance(
    fixture.parts,
    work(fixture, instances, async (instance) => {
      throw errors[instances.indexOf(instance)]
    }),
  )
  assert.deepEqual(
    fixture.log.lines.map(({ level }) => level),
    ['INFO', 'INFO', 'INFO'],
  )
})

test('a task that is told to end does not begin with another instance', async () => {
  const fixture = await periodicFixture()
  const ending = new AbortController()
  let begun = 0
  const run = async () => {
    begun++
    ending.abort()
  }
  await eachInstance(fixture.parts, work(fixture, await instancesOf(fixture, 3), run, ending.signal))
  assert.equal(begun, 1)
})

test('an instance that an operation works on is not waited for; the others are worked on under their lock', async () => {
  const fixture = await periodicFixture()
  const { locks } = fixture.parts
  const [busy, idle] = (await instancesOf(fixture, 2)) as [Instance, Instance]
  let finish = () => {}
  const operation = locks.run(busy.uuid, () => new Promise<void>((resolve) => (finish = resolve)))
  const done: string[] = []
  const run = async ({ uuid }: Instance) => {
    assert.ok(locks.has(uuid))
    done.push(uuid)
  }
  await eachIdleInstance(fixture.parts, work(fixture, [busy, idle], run))
  assert.deepEqual(done, [idle.uuid])
  finish()
  await operation
  await eachIdleInstance(fixture.parts, work(fixture, [busy], run))
  assert.deepEqual(done, [idle.uuid, busy.uuid])
  assert.equal(locks.size, 0)
})
