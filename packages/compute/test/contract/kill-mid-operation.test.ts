import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '@micronova/testing'
import { journalPath } from '../../src/compute-service.js'
import { currentInstance, host, tablesOf } from '../support/compute-fixture.js'
import { liveCompute } from '../support/live-compute.js'
import { points } from './kill-points.js'

const program = fileURLToPath(new URL('./killed-compute.js', import.meta.url))

/** Runs a compute until it hangs at `point`, and kills it with SIGKILL. */
async function killAt(folder: string, point: string): Promise<void> {
  const child = spawn(process.execPath, [program, folder, point], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  try {
    const [output] = await Promise.race([once(child.stdout, 'data'), exited])
    assert.equal(String(output), 'hung\n')
  } finally {
    child.kill('SIGKILL')
    await exited
  }
}

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

/** Ids in the journal that have no end. */
function unfinishedIn(folder: string): number[] {
  const records = readFileSync(journalPath(folder, host), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line.slice(17)) as { kind: string; id: number })
  const finished = new Set(records.filter(({ kind }) => kind === 'finished').map(({ id }) => id))
  return records.filter(({ kind, id }) => kind === 'accepted' && !finished.has(id)).map(({ id }) => id)
}
