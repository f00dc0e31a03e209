import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Flavor } from '@micronova/model'
import { sum, usageOf } from './usage.js'

const flavor = Flavor.objStored({ memory_mb: 2048, vcpus: 2, root_gb: 20, ephemeral_gb: 5, swap: 1024 })

test('a guest takes its memory and processors, and root, ephemeral and swap disk together', () => {
  assert.deepEqual(usageOf(flavor, false), { memoryMb: 2048, vcpus: 2, diskGb: 26 })
})

test('a root disk that is a volume takes nothing of the host', () => {
  assert.deepEqual(usageOf(flavor, true), { memoryMb: 2048, vcpus: 2, diskGb: 6 })
})

test('swap counts in whole gibibytes', () => {
  const swapping = (swap: number) => usageOf(Flavor.objStored({ memory_mb: 1, vcpus: 1, root_gb: 0, ephemeral_gb: 0, swap }), false).diskGb
  assert.deepEqual([0, 512, 1023, 1024, 2047, 4096].map(swapping), [0, 0, 0, 1, 1, 4])
})

test('the sum of nothing is nothing', () => {
  assert.deepEqual(sum([]), { memoryMb: 0, vcpus: 0, diskGb: 0 })
  assert.deepEqual(sum([usageOf(flavor, true), usageOf(flavor, false)]), { memoryMb: 4096, vcpus: 4, diskGb: 32 })
})
