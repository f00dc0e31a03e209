import assert from 'node:assert/strict'
import { test } from 'node:test'
import { temporaryFolder } from '@micronova/testing'
import { currentInstance, tablesOf } from '../support/compute-fixture.js'
import { liveCompute } from '../support/live-compute.js'
import { killAt, unfinishedIn } from './kill.js'
import { guestPoints, imageId, putImage } from './kill-guest-points.js'

for (const { name, after } of guestPoints) {
  test(`a compute that is killed at '${name}' leaves the instance ${after.vm_state} after the next start`, async (t) => {
    const folder = temporaryFolder(t)
    await killAt(folder, name)

    const next = liveCompute(folder)
    const images = putImage(next.fixture)
    await next.start()
    await next.quiet()
    await next.stop()

    const { fixture } = next
    const { actions, instances, faults } = tablesOf(fixture.stores)
    const [row] = instances.filter(() => true)
    assert.ok(row !== undefined)
    const { vm_state, task_state, host } = await currentInstance(fixture, row.uuid)
    const found = {
      vm_state,
      host,
      guests: (await fixture.parts.driver.listGuests()).length,
      faults: faults.filter(() => true).length,
      event: actions[0]?.events.at(-1)?.result ?? null,
      image: images.images.has(imageId),
    }
    assert.deepEqual([task_state, found], [null, after])
    assert.deepEqual(unfinishedIn(folder), [])

    const third = liveCompute(folder)
    await third.start()
    await third.stop()
    assert.ok(!third.fixture.calls.some(({ method }) => method === 'instances.save'), 'a further start finds nothing to do')
  })
}
