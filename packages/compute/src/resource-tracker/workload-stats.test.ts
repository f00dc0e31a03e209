import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Instance } from '@micronova/model'
import { allowsResourceRemoval, WorkloadStats } from './workload-stats.js'

const instanceIn = (vm_state: string, task_state: string | null = null, uuid = '1', os_type: string | null = null) =>
  Instance.objStored({ uuid: uuid.padStart(36, '00000000-0000-4000-8000-000000000000'), vm_state, task_state, os_type, project_id: 'p' })

test('an instance is counted by its states, its system and its project', () => {
  const stats = new WorkloadStats()
  stats.count(instanceIn('active', null, '1', 'linux'))
  stats.count(instanceIn('stopped', 'powering-on', '2'))
  assert.deepEqual(stats.toFields(), {
    failed_builds: '0',
    num_instances: '2',
    num_vm_active: '1',
    num_vm_stopped: '1',
    num_task_None: '1',
    'num_task_powering-on': '1',
    num_os_type_linux: '1',
    num_os_type_None: '1',
    num_proj_p: '2',
    io_workload: '0',
  })
})

test('new states take the place of the earlier ones, which stay as 0', () => {
  const stats = new WorkloadStats()
  stats.count(instanceIn('building'))
  stats.count(instanceIn('active'))
  const { num_instances, num_vm_building, num_vm_active } = stats.toFields()
  assert.deepEqual({ num_instances, num_vm_building, num_vm_active }, { num_instances: '1', num_vm_building: '0', num_vm_active: '1' })
  assert.equal(stats.instances, 1)
})

test('an instance that is forgotten is counted nowhere, and forgetting it again does nothing', () => {
  const stats = new WorkloadStats()
  const instance = instanceIn('active')
  stats.count(instance)
  stats.forget(instance.uuid)
  stats.forget(instance.uuid)
  const { failed_builds, ...counts } = stats.toFields()
  assert.deepEqual(new Set(Object.values(counts)), new Set(['0']))
  assert.equal(failed_builds, '0')
  assert.equal(stats.instances, 0)
})

test('builds, resizes, snapshots and the like make the I/O load; other tasks do not', () => {
  const heavy: readonly [string, string | null][] = [
    ['building', null],
    ['active', 'resize_migrating'],
    ['active', 'rebuilding'],
    ['active', 'resize_prep'],
    ['active', 'image_snapshot'],
    ['active', 'image_backup'],
    ['active', 'rescuing'],
    ['shelved', 'unshelving'],
  ]
  const stats = new WorkloadStats()
  heavy.forEach(([vmState, taskState], i) => {
    stats.count(instanceIn(vmState, taskState, String(i)))
    assert.equal(stats.toFields().io_workload, String(i + 1), `${vmState} ${taskState}`)
  })
  stats.count(instanceIn('active', 'powering-off', '9'))
  assert.equal(stats.toFields().io_workload, String(heavy.length))
})

test('the workload is the number of instances with a task', () => {
  const stats = new WorkloadStats()
  stats.count(instanceIn('active', null, '1'))
  assert.equal(stats.workload(), 0)
  stats.count(instanceIn('active', 'rebooting', '2'))
  stats.count(instanceIn('active', 'rebooting', '3'))
  stats.count(instanceIn('active', 'deleting', '4'))
  assert.equal(stats.workload(), 3)
})

test('a reset forgets the instances but not the failed builds; a build that succeeds does', () => {
  const stats = new WorkloadStats()
  stats.count(instanceIn('active'))
  stats.buildFailed()
  stats.buildFailed()
  stats.reset()
  assert.deepEqual(stats.toFields(), { failed_builds: '2' })
  stats.buildSucceeded()
  assert.deepEqual(stats.toFields(), { failed_builds: '0' })
})

test('only a deleted instance, and a shelved one that is not on its way back, hold nothing of their host', () => {
  const holdsNothing = (vm_state: string, task_state: string | null = null) => allowsResourceRemoval({ vm_state, task_state })
  assert.ok(holdsNothing('deleted'))
  assert.ok(holdsNothing('deleted', 'deleting'))
  assert.ok(holdsNothing('shelved_offloaded'))
  assert.ok(!holdsNothing('shelved_offloaded', 'spawning'))
  assert.ok(!holdsNothing('shelved'))
  assert.ok(!holdsNothing('soft-delete'))
  assert.ok(!holdsNothing('error'))
})
