import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cell } from '../support/cell.js'
import { leaks, strandedStates } from '../support/cell-leaks.js'
import * as acts from '../support/cell-servers.js'
import { currentInstance, tablesOf } from '../support/compute-fixture.js'
import type { Act } from '../support/troubles.js'

const { attachInterface, attachVolume, build, confirmResize, detachInterface, detachVolume, liveMigrate } = acts
const { reboot, rebuild, rescue, resize, revertResize, shelve, simple, snapshot, terminate, unrescue, unshelve } = acts
const [stop, start] = [simple('stopInstance', 'powering-off'), simple('startInstance', 'powering-on')]
const [pause, unpause] = [simple('pauseInstance', 'pausing'), simple('unpauseInstance', 'unpausing')]
const [suspend, resume] = [simple('suspendInstance', 'suspending'), simple('resumeInstance', 'resuming')]
const [softDelete, restore] = [simple('softDeleteInstance', 'soft-deleting'), simple('restoreInstance', 'restoring')]

/** Each ends in the vm state. */
const journeys: readonly (readonly [vmState: string, ...steps: readonly Act[]])[] = [
  ['deleted', terminate],
  ['active', reboot],
  ['active', stop, start],
  ['active', pause, unpause],
  ['active', suspend, resume],
  ['active', softDelete, restore],
  ['active', rescue, unrescue],
  ['active', rebuild],
  ['active', snapshot],
  ['shelved_offloaded', shelve],
  ['active', shelve, unshelve],
  ['active', attachInterface],
  ['active', detachInterface],
  ['active', attachVolume],
  ['active', detachVolume],
  ['resized', resize],
  ['active', resize, confirmResize],
  ['active', resize, revertResize],
  ['active', liveMigrate],
]

for (const [vmState, ...steps] of journeys)
  for (const sends of ['all', 'columns'] as const)
    test(`${steps.map(({ name }) => name).join(', ')} ends well for an instance that comes with ${sends === 'all' ? 'everything' : 'its columns alone'}`, async (t) => {
      const made = await cell(t)
      const server = await acts.newServer(made)
      await build(made, server)
      await made.quiet()
      made.sends = sends
      for (const step of steps) {
        await step(made, server)
        await made.quiet()
      }
      assert.equal((await currentInstance(made, server.uuid)).vm_state, vmState)
      const faults = tablesOf(made.stores).faults.filter(() => true)
      assert.deepEqual(
        faults.map(({ message }) => message),
        [],
      )
      assert.deepEqual(await strandedStates(made, server), [])
      await made.mend()
      assert.deepEqual(await leaks(made, server), [])
    })
