import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Instance } from '@micronova/model'
import { NodeAccount } from './node-account.js'

const reserved = { memoryMb: 512, vcpus: 1, diskGb: 2 }
const size = { memory_mb: 4096, local_gb: 100 }
const small = { memoryMb: 1024, vcpus: 2, diskGb: 10 }
const instance = (n: number) =>
  Instance.objStored({
    uuid: `00000000-0000-4000-8000-00000000000${n}`,
    vm_state: 'active',
    task_state: n === 3 ? 'rebooting' : null,
    os_type: null,
    project_id: 'p',
  })

function totals(account: NodeAccount) {
  const { stats, ...numbers } = account.totals(size)
  return numbers
}

test('an empty node has only what the host keeps for itself', () => {
  assert.deepEqual(new NodeAccount(reserved).totals(size), {
    memory_mb_used: 512,
    local_gb_used: 2,
    vcpus_used: 1,
    free_ram_mb: 3584,
    free_disk_gb: 98,
    running_vms: 0,
    current_workload: 0,
    stats: { failed_builds: '0' },
  })
})

test('instances and moves add up, and free memory falls below zero', () => {
  const account = new NodeAccount(reserved)
  for (const n of [1, 2, 3]) account.track(instance(n), small)
  account.holdForMove(instance(4).uuid, small)
  account.holdForMove(instance(5).uuid, { memoryMb: 1, vcpus: 1, diskGb: 1 })
  assert.deepEqual(totals(account), {
    memory_mb_used: 512 + 4 * 1024 + 1,
    local_gb_used: 2 + 4 * 10 + 1,
    vcpus_used: 1 + 4 * 2 + 1,
    free_ram_mb: -513,
    free_disk_gb: 57,
    running_vms: 3,
    current_workload: 1,
  })
})

test('an instance counts once however often it is tracked, and not at all when it is released', () => {
  const account = new NodeAccount(reserved)
  const before = totals(account)
  account.track(instance(1), small)
  account.track(instance(1), small)
  assert.equal(totals(account).memory_mb_used, 512 + 1024)
  assert.ok(account.has(instance(1).uuid))
  account.release(instance(1).uuid)
  account.release(instance(1).uuid)
  assert.deepEqual(totals(account), before)
  assert.ok(!account.has(instance(1).uuid))
})

test('a refresh counts the new states and leaves the usage', () => {
  const account = new NodeAccount(reserved)
  const one = instance(1)
  account.track(one, small)
  one.task_state = 'rebooting'
  account.refresh(one)
  assert.equal(totals(account).current_workload, 1)
  assert.equal(totals(account).memory_mb_used, 512 + 1024)
})

test('a reset leaves the reserve and the failed builds', () => {
  const account = new NodeAccount(reserved)
  account.track(instance(1), small)
  account.holdForMove(instance(2).uuid, small)
  account.buildFailed()
  account.reset()
  assert.deepEqual(account.totals(size).stats, { failed_builds: '1' })
  assert.deepEqual(totals(account), totals(new NodeAccount(reserved)))
  account.buildSucceeded()
  assert.deepEqual(account.totals(size).stats, { failed_builds: '0' })
})

test('a move that is over frees what was held for it, and only that', () => {
  const account = new NodeAccount(reserved)
  account.track(instance(1), small)
  account.holdForMove(instance(2).uuid, small)
  account.dropMove(instance(2).uuid, small)
  account.dropMove(instance(2).uuid, small)
  assert.equal(totals(account).memory_mb_used, 512 + 1024)
  assert.equal(totals(account).running_vms, 1)
})

test('a source that has not counted anew since the guest left counts it as an instance still, until its move is over', () => {
  const account = new NodeAccount(reserved)
  account.track(instance(1), small)
  account.dropMove(instance(1).uuid, small)
  assert.deepEqual(totals(account), totals(new NodeAccount(reserved)))
})

test('of a resize on one node the size that is not dropped remains, whichever of the two the instance was counted with', () => {
  const large = { memoryMb: 4096, vcpus: 4, diskGb: 40 }
  for (const [counted, held] of [
    [small, large],
    [large, small],
  ] as const)
    for (const [dropped, left] of [
      [small, large],
      [large, small],
    ] as const) {
      const account = new NodeAccount(reserved)
      account.track(instance(1), counted)
      account.holdForMove(instance(1).uuid, held)
      assert.equal(totals(account).vcpus_used, 1 + 6)
      account.dropMove(instance(1).uuid, dropped)
      assert.equal(totals(account).vcpus_used, 1 + left.vcpus)
      assert.equal(totals(account).local_gb_used, 2 + left.diskGb)
    }
})
