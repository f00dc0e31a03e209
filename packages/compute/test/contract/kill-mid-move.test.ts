import assert from 'node:assert/strict'
import { test } from 'node:test'
import { temporaryFolder } from '@micronova/testing'
import { currentInstance, host, tablesOf } from '../support/compute-fixture.js'
import { liveCompute } from '../support/live-compute.js'
import { killAt, unfinishedIn } from './kill.js'
import { movePoints } from './kill-move-points.js'

for (const { name, operation, after } of movePoints) {
  test(`a compute that is killed with a ${operation} at '${name}' leaves it ${after.vm_state} as ${after.flavor} after the next start`, async (t) => {
    const folder = temporaryFolder(t)
    await killAt(folder, name)

    const next = liveCompute(folder)
    await next.start()
    await next.quiet()
    await next.stop()
    const { fixture } = next
    const { instances, migrations, faults } = tablesOf(fixture.stores)
    const [row] = instances.filter(() => true)
    assert.ok(row !== undefined)
    const instance = await currentInstance(fixture, row.uuid)
    assert.deepEqual(
      {
        vm_state: instance.vm_state,
        flavor: instance.flavor.name,
        migration: migrations.find(() => true)?.status ?? null,
        faults: faults.filter(() => true).length,
        guests: (await fixture.parts.driver.listGuests()).length,
      },
      after,
    )
    assert.equal(instance.task_state, null)
    assert.equal(instance.host, host)
    assert.equal((await fixture.parts.driver.guestInfo(row.uuid)).powerState, 1)
    assert.deepEqual(unfinishedIn(folder), [])

    const third = liveCompute(folder)
    await third.start()
    await third.stop()
    assert.ok(!third.fixture.calls.some(({ method }) => method === 'instances.save'), 'a further start finds nothing to do')
  })
}
