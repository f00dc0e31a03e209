import assert from 'node:assert/strict'
import { test } from 'node:test'
import { temporaryFolder } from '@micronova/testing'
import { currentInstance, host, tablesOf } from '../support/compute-fixture.js'
import { liveCompute } from '../support/live-compute.js'
import { killAt, unfinishedIn } from './kill.js'
import { points } from './kill-points.js'

for (const { name, operation, after } of points) {
  test(`a compute that is killed with a ${operation} at '${name}' leaves it ${after.vm_state} after the next start`, async (t) => {
    const folder = temporaryFolder(t)
    await killAt(folder, name)

    const next = liveCompute(folder)
    await next.start()
    await next.stop()

    const { fixture } = next
    const { actions, instances } = tablesOf(fixture.stores)
    const [row] = instances.filter(() => true)
    assert.ok(row !== undefined)
    const instance = await currentInstance(fixture, row.uuid)
    assert.deepEqual(
      {
        vm_state: instance.vm_state,
        task_state: instance.task_state,
        host: instance.host,
        guests: (await fixture.parts.driver.listGuests()).length,
        rescheduled: fixture.sent.some(({ method }) => method === 'build_instances'),
        event: actions[0]?.events.at(-1)?.result ?? actions[0]?.message,
      },
      after,
    )
    const interfaces = await fixture.stores.virtualInterfaces.listByInstanceUuid(fixture.ctx, row.uuid)
    assert.equal(interfaces.length, operation === 'build' && after.host === host ? 1 : 0)
    assert.equal(tablesOf(fixture.stores).faults.filter(() => true).length, after.vm_state === 'error' ? 1 : 0)

    assert.deepEqual(unfinishedIn(folder), [])
    const third = liveCompute(folder)
    await third.start()
    await third.stop()
    const isChange = ({ method }: { readonly method: string }) => method === 'instances.save' || method === 'cast build_instances'
    assert.ok(!third.fixture.calls.some(isChange), 'a further start finds nothing to do')
  })
}
