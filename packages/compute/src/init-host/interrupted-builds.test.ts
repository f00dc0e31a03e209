import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nullLogger } from '@micronova/log'
import { novaRegistry } from '@micronova/model'
import { createNovaSerializer } from '@micronova/rpcapi'
import { StartSteps } from '@micronova/service'
import { temporaryFolder } from '@micronova/testing'
import { currentInstance, forever, runningInstance, storedInstance } from '../../test/support/compute-fixture.js'
import { allocate, type PlacementFixture, placementFixture, takeRequests } from '../../test/support/placement-fixture.js'
import { ComputeManager } from '../compute-manager.js'
import { JournalFile } from '../journal/journal-file.js'

function manager({ parts }: PlacementFixture, folder: string): ComputeManager {
  return new ComputeManager({
    parts,
    periodicTasks: [],
    steps: new StartSteps({ log: nullLogger, clock: parts.clock }),
    journalFile: new JournalFile({ log: nullLogger }, { path: `${folder}/journal.jsonl` }),
    serializer: createNovaSerializer({ registry: novaRegistry() }),
  })
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
  const restarted = manager(fixture, temporaryFolder(t))
  await restarted.initHost(forever)
  await restarted.preStartHook(forever)
  const states = async (uuid: string) => {
    const { vm_state, task_state } = await currentInstance(fixture, uuid)
    return [vm_state, task_state]
  }
  assert.deepEqual(await states(unclaimed.uuid), ['error', null])
  assert.deepEqual(await states(present.uuid), ['active', null])
  assert.deepEqual(await states(unshelved.uuid), ['shelved_offloaded', 'unshelving'])
  assert.deepEqual(await states(elsewhere.uuid), ['building', 'scheduling'])
  await restarted.cleanupHost(forever)
})

test('a Placement that does not answer holds up the start for ten seconds and no longer', async (t) => {
  const fixture = await placementFixture()
  fixture.server.calls.before('listResourceProviders', () => new Promise(() => {}))
  const starting = manager(fixture, temporaryFolder(t))
  await starting.initHost(forever)
  const hook = starting.preStartHook(forever)
  while (fixture.clock.pendingTimers === 0) await new Promise<void>((resolve) => setImmediate(resolve))
  await fixture.clock.advance(10_000)
  await hook
  assert.match(fixture.log.messages('WARNING').join(), /Placement has not answered yet/)
  await starting.cleanupHost(forever)
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
