import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forever } from '../../test/support/compute-fixture.js'
import { periodicFixture } from '../../test/support/periodic-fixture.js'
import { placementFixture } from '../../test/support/placement-fixture.js'
import { defaultsOf, takeCalls } from '../../test/support/tracker-fixture.js'
import { periodicOptions, SelfRequests } from './index.js'
import { updateAvailableResource } from './update-available-resource.js'

test('the resources of the host are counted anew; a failure does not end the task', async () => {
  const fixture = await periodicFixture()
  await fixture.run('update_available_resource')
  assert.deepEqual(takeCalls(fixture), ['computeNodes.listByHost', 'tracker.updateAvailableResource'])

  fixture.parts.tracker.updateAvailableResource = async () => {
    throw new Error('no hypervisor')
  }
  await fixture.run('update_available_resource')
  assert.match(fixture.log.messages('ERROR').at(-1) ?? '', /Error updating resources/)
})

test('a Placement that does not answer holds up the task for half a minute', async () => {
  const { parts, server, clock } = await placementFixture()
  server.calls.before('listResourceProviders', () => new Promise(() => {}))
  const requests = new SelfRequests({ stores: parts.stores, compute: parts.computes })
  const task = updateAvailableResource({
    ...parts,
    periodic: defaultsOf(periodicOptions),
    serviceDownTimeSeconds: 60,
    usageAudit: { isOn: false, period: 'month' },
    requests,
  })
  let isOver = false
  const running = task.run(forever).then(() => {
    isOver = true
  })
  while (clock.pendingTimers === 0) await new Promise<void>((resolve) => setImmediate(resolve))
  await clock.advance(29_999)
  assert.equal(isOver, false)
  await clock.advance(1)
  await running
})
