import assert from 'node:assert/strict'
import { test } from 'node:test'
import { haveTraitsChanged, nodeTraits, traitsOfStatus } from './traits.js'

const abilities = new Map([
  ['COMPUTE_NET_ATTACH_INTERFACE', true],
  ['COMPUTE_RESCUE_BFV', false],
])
const sorted = (traits: ReadonlySet<string>) => [...traits].sort()

test("what the driver can is added, what it cannot is removed, and others' traits stay", () => {
  const stored = new Set(['COMPUTE_RESCUE_BFV', 'CUSTOM_RACK_7', 'HW_CPU_X86_AVX'])
  assert.deepEqual(sorted(nodeTraits(stored, abilities, false)), [
    'COMPUTE_NET_ATTACH_INTERFACE',
    'COMPUTE_NODE',
    'CUSTOM_RACK_7',
    'HW_CPU_X86_AVX',
  ])
  assert.equal(stored.size, 3)
})

test('a disabled service is seen at its node, and one of which nothing is known leaves what is there', () => {
  const traitsFor = (isDisabled: boolean | null, ...stored: string[]) => sorted(nodeTraits(new Set(stored), new Map(), isDisabled))
  assert.deepEqual(traitsFor(true), ['COMPUTE_NODE', 'COMPUTE_STATUS_DISABLED'])
  assert.deepEqual(traitsFor(false, 'COMPUTE_STATUS_DISABLED'), ['COMPUTE_NODE'])
  assert.deepEqual(traitsFor(null, 'COMPUTE_STATUS_DISABLED'), ['COMPUTE_NODE', 'COMPUTE_STATUS_DISABLED'])
  assert.deepEqual(traitsFor(null), ['COMPUTE_NODE'])
})

test('no node manages ports of remote devices, as it has no devices', () => {
  assert.deepEqual(sorted(nodeTraits(new Set(), new Map([['COMPUTE_REMOTE_MANAGED_PORTS', true]]), null)), ['COMPUTE_NODE'])
})

test('a change of the status changes that trait alone', () => {
  assert.deepEqual(sorted(traitsOfStatus(new Set(['CUSTOM_A']), true)), ['COMPUTE_STATUS_DISABLED', 'CUSTOM_A'])
  assert.deepEqual(sorted(traitsOfStatus(new Set(['CUSTOM_A', 'COMPUTE_STATUS_DISABLED']), false)), ['CUSTOM_A'])
})

test('traits are compared as sets', () => {
  assert.equal(haveTraitsChanged(new Set(['A', 'B']), new Set(['B', 'A'])), false)
  assert.equal(haveTraitsChanged(new Set(['A', 'B']), new Set(['A', 'C'])), true)
  assert.equal(haveTraitsChanged(new Set(['A', 'B']), new Set(['A'])), true)
})
