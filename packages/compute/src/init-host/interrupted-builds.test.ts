import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nullLogger } from '@micronova/log'
import { novaRegistry } from '@micronova/model'
import { createNovaSerializer } from '@micronova/rpcapi'
import { StartSteps } from '@micronova/service'
import { temporaryFolder } from '@micronova/testing'
import { currentInstance, forever, host, runningInstance, storedInstance } from '../../test/support/compute-fixture.js'
import { allocate, type PlacementFixture, placementFixture, takeRequests } from '../../test/support/placement-fixture.js'
import { ComputeManager } from '../compute-manager.js'
import { JournalFile } from '../journal/journal-file.js'
import { StartSignal } from '../start-signal.js'
import { failInterruptedBuilds } from './interrupted-builds.js'

function manager({ parts }: PlacementFixture, folder: string): ComputeManager {
  return new ComputeManager({
    parts,
    periodicTasks: [],
    steps: new StartSteps({ log: nullLogger, clock: parts.clock }),
    journalFile: new JournalFile({ log: nullLogger }, { path: `${folder}/journal.jsonl` }),
    serializer: createNovaSerializer({ registry: novaRegistry() }),
    startSignal: new StartSignal(),
  })
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

async function states(fixture: PlacementFixture, { uuid }: { readonly uuid: string }) {
  const { vm_state, task_state } = await currentInstance(fixture, uuid)
  return [vm_state, task_state]
}

test('a build that the host was to do and had not begun is in ERROR after its start, others are not', async (t) => {
  const fixture = await placementFixture()
  await fixture.update()
  const unclaimed = await storedInstance(fixture)
  const present = await runningInstance(fixture)
  const unshelved = await storedInstance(fixture, { vm_state: 'shelved_offloaded', task_state: 'unshelving' })
  const elsewhere = await storedInstance(fixture)
  for (const { uuid } of [unclaimed, present, unshelved]) await allocate(fixture, uuid)
  fixture.restart()
  await fixture.clock.advance(1000)
  const restarted = manager(fixture, temporaryFolder(t))
  await restarted.initHost(forever)
  await restarted.preStartHook(forever)
  while ((await states(fixture, unclaimed))[0] === 'building') await turn()
  assert.deepEqual(await states(fixture, unclaimed), ['error', null])
  assert.deepEqual(await states(fixture, present), ['active', null])
  assert.deepEqual(await states(fixture, unshelved), ['shelved_offloaded', 'unshelving'])
  assert.deepEqual(await states(fixture, elsewhere), ['building', 'scheduling'])
  await restarted.cleanupHost(forever)
})

test('a build that is in hand, that the journal has, that is new, or that has come further meanwhile, is left alone', async () => {
  const fixture = await placementFixture()
  const { parts, ctx, clock, stores } = fixture
  const old = await storedInstance(fixture)
  const startedAt = clock.now() + 1000
  const fail = (options: { readonly startedAt?: number; readonly recovered?: ReadonlySet<string> } = {}) =>
    failInterruptedBuilds(parts, ctx, [old.objClone()], { startedAt, recovered: new Set(), ...options })

  await parts.locks.run(old.uuid, () => fail())
  await fail({ recovered: new Set([old.uuid]) })
  await fail({ startedAt: startedAt - 1 })
  assert.deepEqual(await states(fixture, old), ['building', 'scheduling'])

  const current = await currentInstance(fixture, old.uuid)
  current.task_state = 'networking'
  await stores.instances.save(ctx, current)
  await fail()
  current.vm_state = 'active'
  current.task_state = null
  await stores.instances.save(ctx, current)
  await fail()
  assert.deepEqual(await states(fixture, old), ['active', null])
  await stores.instances.destroy(ctx, Object.assign(current, { host }))
  await fail()

  const interrupted = await storedInstance(fixture)
  await failInterruptedBuilds(parts, ctx, [interrupted], { startedAt, recovered: new Set() })
  assert.deepEqual(await states(fixture, interrupted), ['error', null])
})

test('a restart does not wait for Placement; a first start does for ten seconds and no longer', async (t) => {
  for (const isFirst of [true, false]) {
    const fixture = await placementFixture()
    if (!isFirst) await fixture.update()
    fixture.restart()
    fixture.server.calls.before('listResourceProviders', () => new Promise(() => {}))
    const starting = manager(fixture, temporaryFolder(t))
    await starting.initHost(forever)
    let isOver = false
    const hook = starting.preStartHook(forever).then(() => {
      isOver = true
    })
    while (!isOver && fixture.clock.pendingTimers === 0) await turn()
    assert.equal(isOver, !isFirst)
    await fixture.clock.advance(10_000)
    await hook
    assert.equal(fixture.log.messages('WARNING').filter((line) => line.startsWith('Placement has not answered')).length, isFirst ? 1 : 0)
    await starting.cleanupHost(forever)
  }
})

test('a reload has Placement read anew', async (t) => {
  const fixture = await placementFixture()
  const running = manager(fixture, temporaryFolder(t))
  await running.initHost(forever)
  await running.preStartHook(forever)
  takeRequests(fixture)
  await running.reset(forever)
  await fixture.update()
  assert.deepEqual(takeRequests(fixture).slice(0, 1), ['listResourceProviders'])
  await running.cleanupHost(forever)
})
