import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeLeftover, judgeLeftoverMigration } from './leftovers.js'

const node = { host: 'h1', hypervisor_hostname: 'n1' }
const instance = { deleted: false, hidden: false, host: 'h1', node: 'n1', task_state: null }

test('only what a deleted instance has left is removed', () => {
  assert.equal(judgeLeftover({ ...instance, deleted: true }, node).kind, 'delete')
  assert.equal(judgeLeftover({ ...instance, deleted: true, hidden: true }, node).kind, 'keep', 'it has moved to another cell')
  assert.equal(judgeLeftover(instance, node).kind, 'keep')
})

test('an instance that is being scheduled, or is in motion, is nothing to speak of', () => {
  for (const usual of [undefined, { ...instance, host: null, node: null }, { ...instance, task_state: 'spawning' }]) {
    const verdict = judgeLeftover(usual, node)
    assert.ok(verdict.kind === 'keep' && verdict.isUsual)
  }
})

test('an instance that has gone elsewhere, or that should be counted here, is', () => {
  for (const odd of [{ ...instance, host: 'h2', node: 'n2' }, instance]) {
    const verdict = judgeLeftover(odd, node)
    assert.ok(verdict.kind === 'keep' && !verdict.isUsual)
  }
})

test('what a move that has succeeded has left is removed when it is found again; of others somebody should know', () => {
  for (const status of ['confirmed', 'completed']) {
    assert.deepEqual(judgeLeftoverMigration({ status }, undefined, node, true), { kind: 'delete', consumer: 'migration' })
    const first = judgeLeftoverMigration({ status }, undefined, node, false)
    assert.ok(first.kind === 'keep' && first.isUsual)
  }
  for (const status of ['reverted', 'failed', 'error', null]) {
    const verdict = judgeLeftoverMigration({ status }, undefined, node, true)
    assert.ok(verdict.kind === 'keep' && !verdict.isUsual)
  }
})

test('what a move that has failed holds goes with its instance, or when that is well elsewhere', () => {
  const migration = { status: 'error' }
  const elsewhere = { host: 'other', vm_state: 'active', task_state: null }
  assert.equal(judgeLeftoverMigration(migration, null, node, true).kind, 'delete')
  assert.equal(judgeLeftoverMigration(migration, elsewhere, node, true).kind, 'delete')
  assert.equal(judgeLeftoverMigration(migration, elsewhere, node, false).kind, 'keep')
  for (const change of [{ host: node.host }, { host: null }, { vm_state: 'resized' }, { vm_state: 'error' }, { task_state: 'migrating' }])
    assert.equal(judgeLeftoverMigration(migration, { ...elsewhere, ...change }, node, true).kind, 'keep')
})
