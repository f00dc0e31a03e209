import assert from 'node:assert/strict'
import { test } from 'node:test'
import { powerStates, vmStates } from '@micronova/model'
import { decidePowerSync } from './decide-power-sync.js'

const { noState, running, paused, shutdown, crashed, suspended } = powerStates

/** Each vm state with what is done about each power state; what is not named is left alone. */
const table: Readonly<Record<string, Readonly<Partial<Record<number, string>>>>> = {
  active: { [noState]: 'warn', [paused]: 'warn', [shutdown]: 'stop', [crashed]: 'stop', [suspended]: 'stop' },
  stopped: { [running]: 'stop', [paused]: 'stop', [suspended]: 'stop' },
  paused: { [shutdown]: 'stop', [crashed]: 'stop' },
  'soft-delete': { [running]: 'warn', [paused]: 'warn', [crashed]: 'warn', [suspended]: 'warn' },
  deleted: { [running]: 'warn', [paused]: 'warn', [crashed]: 'warn', [suspended]: 'warn' },
}

for (const vmState of vmStates)
  test(`what is done about the guest of an instance that is ${vmState}`, () => {
    for (const [name, found] of Object.entries(powerStates))
      assert.equal(decidePowerSync({ vm_state: vmState, shutdown_terminate: false }, found), table[vmState]?.[found] ?? 'nothing', name)
  })

test('an instance that wants to be deleted when its guest ends is, but only if it was active', () => {
  const decide = (vm_state: string, found: number) => decidePowerSync({ vm_state, shutdown_terminate: true }, found)
  assert.deepEqual([decide('active', shutdown), decide('active', crashed)], ['terminate', 'terminate'])
  assert.deepEqual([decide('active', suspended), decide('paused', shutdown), decide('stopped', running)], ['stop', 'stop', 'stop'])
})
