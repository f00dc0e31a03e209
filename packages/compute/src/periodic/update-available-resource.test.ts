import assert from 'node:assert/strict'
import { test } from 'node:test'
import { periodicFixture } from '../../test/support/periodic-fixture.js'
import { takeCalls } from '../../test/support/tracker-fixture.js'

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
