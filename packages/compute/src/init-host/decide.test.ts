import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Instance, powerStates } from '@micronova/model'
import { decideAtStart, type StartAction } from './decide.js'

const { noState, running, paused, shutdown, crashed } = powerStates

type Row = readonly [vmState: string, task: string | null, power: (typeof powerStates)[keyof typeof powerStates], kind: StartAction['kind']]

/** Branch by branch what `_init_instance` of nova 26.2.2 does. */
const table: readonly Row[] = [
  ['active', null, running, 'keep'],
  ['stopped', null, shutdown, 'keep'],
  ['paused', null, paused, 'keep'],
  ['suspended', null, noState, 'keep'],
  ['soft-delete', null, running, 'leave'],
  ['soft-delete', 'deleting', running, 'leave'],
  ['error', null, running, 'leave'],
  ['error', 'powering-off', running, 'leave'],
  ['error', 'deleting', running, 'delete'],
  ['error', 'resize_migrating', running, 'give_up_migration'],
  ['deleted', null, noState, 'complete_deletion'],
  ['building', null, noState, 'error'],
  ['building', 'deleting', noState, 'error'],
  ['active', 'spawning', noState, 'error'],
  ['building', 'block_device_mapping', noState, 'error'],
  ['active', 'rebuilding', running, 'error'],
  ['stopped', 'rebuild_spawning', shutdown, 'error'],
  ['paused', 'rebuilding', paused, 'keep'],
  ['active', 'image_snapshot_pending', running, 'clear_task'],
  ['active', 'image_uploading', running, 'clear_task'],
  ['active', 'image_backup', running, 'clear_task'], // upstream leaves the instance in it for ever
  ['shelved', 'shelving_offloading', shutdown, 'offload'],
  ['shelved_offloaded', null, noState, 'leave_host'],
  ['shelved', null, shutdown, 'keep'],
  ['active', 'resize_prep', running, 'clear_task'],
  ['active', 'deleting', running, 'delete'],
  ['stopped', 'deleting', noState, 'delete'],
  ['active', 'reboot_pending', running, 'reboot'],
  ['active', 'reboot_pending_hard', shutdown, 'reboot'],
  ['stopped', 'reboot_pending', shutdown, 'keep'],
  ['stopped', 'reboot_pending_hard', shutdown, 'reboot'],
  ['rescued', 'reboot_pending_hard', running, 'keep'],
  ['active', 'reboot_started', shutdown, 'reboot'],
  ['active', 'reboot_started_hard', crashed, 'reboot'],
  ['active', 'reboot_started', running, 'clear_task'],
  ['active', 'reboot_started_hard', running, 'clear_task'],
  ['active', 'pausing', running, 'clear_task'],
  ['paused', 'unpausing', running, 'clear_task'],
  ['paused', 'unpausing', paused, 'unpause'],
  ['active', 'powering-off', running, 'stop'],
  ['stopped', 'powering-on', shutdown, 'start'],
  ['active', 'migrating', running, 'give_up_migration'],
  ['active', 'resize_migrating', running, 'give_up_migration'],
]

function instanceOf(vm_state: string, task_state: string | null, host = 'compute1'): Instance {
  return Instance.objStored({ vm_state, task_state, host })
}

for (const [vmState, task, power, kind] of table) {
  test(`${vmState} with task state ${task} and power state ${power}: ${kind}`, () => {
    assert.equal(decideAtStart(instanceOf(vmState, task), 'compute1', power).kind, kind)
  })
}

test("another host's instance is left alone whatever its state", () => {
  for (const [vmState, task, power] of table)
    assert.equal(decideAtStart(instanceOf(vmState, task, 'compute2'), 'compute1', power).kind, 'leave')
})

test('a soft reboot becomes a hard one when the guest is down', () => {
  const type = (task: string, power: typeof running | typeof shutdown) => {
    const action = decideAtStart(instanceOf('active', task), 'compute1', power)
    return action.kind === 'reboot' ? action.type : null
  }
  assert.equal(type('reboot_pending', running), 'SOFT')
  assert.equal(type('reboot_pending', shutdown), 'HARD')
  assert.equal(type('reboot_started', shutdown), 'HARD')
  assert.equal(type('reboot_pending_hard', running), 'HARD')
})
