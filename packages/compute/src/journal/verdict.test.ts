import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BlockDeviceMapping, Instance, Migration } from '@micronova/model'
import { journalledMethods } from './operation-journal.js'
import { judgeWork, type Verdict } from './verdict.js'

const host = 'compute1'
type Values = Readonly<Record<string, unknown>>

function judge(method: string, values: Values | null, guestExists = false, blockDevice: BlockDeviceMapping | null = null): Verdict['kind'] {
  const defaults = { vm_state: 'active', task_state: null, host, deleted: false, system_metadata: {} }
  const instance = values === null ? null : Instance.objStored({ migration_context: null, ...defaults, ...values })
  const migration = Migration.objStored({ id: 1, status: 'confirming' })
  return judgeWork({ method, instance, host, guestExists, migration, blockDevice }).kind
}

const building = { vm_state: 'building', host: null }
const builds: readonly (readonly [what: string, values: Values | null, guest: boolean, verdict: Verdict['kind']])[] = [
  ['as the API left it', { ...building, task_state: 'scheduling' }, false, 'replay'],
  ['accepted and not claimed', { ...building, task_state: null }, false, 'replay'],
  ['claimed here', { ...building, host, task_state: null }, false, 'unwind'],
  ['with its networks begun', { ...building, host, task_state: 'networking' }, false, 'unwind'],
  ['spawning without a guest', { ...building, host, task_state: 'spawning' }, false, 'unwind'],
  ['spawning with a guest', { ...building, host, task_state: 'spawning' }, true, 'unwind'],
  ['given up, and its guest still here', { ...building, task_state: 'scheduling' }, true, 'unwind'],
  [
    'perhaps handed back to the conductor',
    { ...building, task_state: 'scheduling', system_metadata: { network_allocated: 'False' } },
    false,
    'error',
  ],
  ['given up but not handed back', { ...building, task_state: null, system_metadata: { network_allocated: 'False' } }, false, 'replay'],
  ['active', {}, true, 'done'],
  ['stopped since', { vm_state: 'stopped' }, true, 'done'],
  ['in ERROR, off this host', { vm_state: 'error', host: null }, false, 'superseded'],
  ['in ERROR, with a guest left', { vm_state: 'error', host: null }, true, 'remove_guest'],
  ['on another host', { host: 'compute2' }, false, 'superseded'],
  ['on another host, with a guest here', { host: 'compute2' }, true, 'remove_guest'],
  ['being deleted', { ...building, host, task_state: 'deleting' }, false, 'superseded'],
  ['being deleted, with a guest', { ...building, host, task_state: 'deleting' }, true, 'remove_guest'],
  ['gone', null, false, 'superseded'],
  ['gone, with a guest', null, true, 'remove_guest'],
  ['deleted, with a guest', { deleted: true }, true, 'remove_guest'],
]

for (const [what, values, guest, verdict] of builds)
  test(`the build of an instance that is ${what}: ${verdict}`, () => {
    assert.equal(judge('build_and_run_instance', values, guest), verdict)
  })

const others: readonly (readonly [method: string, values: Values | null, verdict: Verdict['kind']])[] = [
  ['stop_instance', { task_state: 'powering-off' }, 'replay'],
  ['stop_instance', { vm_state: 'stopped' }, 'done'],
  ['stop_instance', { vm_state: 'active' }, 'superseded'],
  ['stop_instance', { task_state: 'deleting' }, 'superseded'],
  ['stop_instance', null, 'superseded'],
  ['start_instance', { vm_state: 'stopped', task_state: 'powering-on' }, 'replay'],
  ['reboot_instance', { task_state: 'rebooting' }, 'replay'],
  ['reboot_instance', { task_state: 'reboot_started_hard' }, 'replay'],
  ['reboot_instance', {}, 'done'],
  ['snapshot_instance', { task_state: 'image_snapshot_pending' }, 'replay'],
  ['snapshot_instance', { task_state: 'image_snapshot' }, 'cancel'],
  ['snapshot_instance', { task_state: 'image_uploading' }, 'cancel'],
  ['snapshot_instance', { vm_state: 'stopped' }, 'done'],
  ['snapshot_instance', { task_state: 'deleting' }, 'superseded'],
  ['backup_instance', { task_state: 'image_backup' }, 'replay'],
  ['backup_instance', { task_state: 'image_pending_upload' }, 'cancel'],
  ['rescue_instance', { task_state: 'rescuing' }, 'replay'],
  ['rescue_instance', { vm_state: 'rescued' }, 'done'],
  ['rescue_instance', { vm_state: 'error' }, 'superseded'],
  ['unrescue_instance', { vm_state: 'rescued', task_state: 'unrescuing' }, 'replay'],
  ['unrescue_instance', {}, 'done'],
  ['shelve_instance', { task_state: 'shelving' }, 'replay'],
  ['shelve_instance', { task_state: 'shelving_image_uploading' }, 'cancel'],
  ['shelve_instance', { vm_state: 'shelved', task_state: 'shelving_offloading' }, 'done'],
  ['shelve_instance', { vm_state: 'shelved' }, 'done'],
  ['shelve_instance', { vm_state: 'shelved_offloaded', host: null }, 'done'],
  ['shelve_offload_instance', { vm_state: 'stopped', task_state: 'shelving' }, 'replay'],
  ['shelve_offload_instance', { vm_state: 'shelved', task_state: 'shelving_offloading' }, 'replay'],
  ['shelve_offload_instance', { vm_state: 'shelved_offloaded' }, 'done'],
  ['unshelve_instance', { vm_state: 'shelved_offloaded', task_state: 'unshelving', host: null }, 'replay'],
  ['unshelve_instance', { vm_state: 'shelved_offloaded', task_state: 'spawning', host: null }, 'replay'],
  ['unshelve_instance', { vm_state: 'shelved_offloaded', task_state: 'spawning' }, 'cancel'],
  ['unshelve_instance', { vm_state: 'shelved_offloaded', task_state: 'deleting' }, 'superseded'],
  ['unshelve_instance', { vm_state: 'shelved_offloaded', host: null }, 'superseded'],
  ['unshelve_instance', {}, 'done'],
  ['attach_interface', {}, 'cancel'],
  ['attach_interface', { task_state: 'deleting' }, 'superseded'],
  ['attach_interface', { host: 'compute2' }, 'superseded'],
  ['attach_interface', null, 'superseded'],
  ['terminate_instance', { task_state: 'deleting' }, 'replay'],
  ['terminate_instance', { vm_state: 'deleted' }, 'replay'],
  ['terminate_instance', { deleted: true }, 'done'],
  ['terminate_instance', null, 'done'],
  ['terminate_instance', { task_state: 'deleting', host: null }, 'replay'],
  ['terminate_instance', { task_state: 'deleting', host: 'compute2' }, 'superseded'],
  ['stop_instance', { task_state: 'powering-off', host: 'compute2' }, 'superseded'],
  ['get_console_output', {}, 'superseded'],
]

for (const [method, values, verdict] of others)
  test(`${method} of ${JSON.stringify(values)}: ${verdict}`, () => {
    assert.equal(judge(method, values), verdict)
  })

const begun = BlockDeviceMapping.objStored({ connection_info: null })
const connected = BlockDeviceMapping.objStored({ connection_info: '{"serial": "v"}' })
const ofVolumes: readonly (readonly [method: string, values: Values, mapping: BlockDeviceMapping | null, verdict: Verdict['kind']])[] = [
  ['attach_volume', {}, begun, 'replay'],
  ['attach_volume', {}, connected, 'done'],
  ['attach_volume', {}, null, 'superseded'],
  ['attach_volume', { task_state: 'deleting' }, begun, 'superseded'],
  ['attach_volume', { host: 'compute2' }, begun, 'superseded'],
  ['detach_volume', {}, connected, 'replay'],
  ['detach_volume', {}, null, 'done'],
]

for (const [method, values, mapping, verdict] of ofVolumes)
  test(`${method} of ${JSON.stringify(values)} with ${mapping === null ? 'no mapping' : mapping.connection_info}: ${verdict}`, () => {
    assert.equal(judge(method, values, true, mapping), verdict)
  })

test('every method that is written down can be taken up again', () => {
  const tasks = [
    'pausing',
    'unpausing',
    'suspending',
    'resuming',
    'powering-off',
    'powering-on',
    'rebooting',
    'restoring',
    'soft-deleting',
    'updating_password',
    'deleting',
    'image_snapshot_pending',
    'image_backup',
    'rescuing',
    'unrescuing',
    'shelving',
    'unshelving',
    'rebuilding',
    'resize_prep',
    'resize_migrated',
    'resize_reverting',
  ]
  for (const method of journalledMethods) {
    const verdicts = [
      ...tasks.map((task_state) => judge(method, { task_state, host: task_state === 'unshelving' ? null : host }, true, begun)),
      judge(method, { ...building, task_state: 'scheduling' }),
    ]
    assert.ok(verdicts.includes('replay'), method)
  }
})
