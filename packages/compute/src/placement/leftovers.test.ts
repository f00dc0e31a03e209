import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeLeftover } from './leftovers.js'

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
