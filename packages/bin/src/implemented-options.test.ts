import assert from 'node:assert/strict'
import { test } from 'node:test'
import { implementedOptions } from './implemented-options.js'
import { novaComputeGroups } from './nova-compute.js'
import { novaConductorGroups } from './nova-conductor.js'
import { novaSchedulerGroups } from './nova-scheduler.js'

test('the options that a program leaves to another are those that the programs declare', () => {
  const declared: Record<string, Set<string>> = {}
  for (const { group, options } of [...novaComputeGroups, ...novaConductorGroups, ...novaSchedulerGroups]) {
    declared[group] ??= new Set()
    for (const name of Object.keys(options)) declared[group].add(name)
  }
  const sorted = Object.fromEntries(Object.entries(declared).map(([group, names]) => [group, [...names].sort()]))
  assert.deepEqual(implementedOptions, sorted)
})
