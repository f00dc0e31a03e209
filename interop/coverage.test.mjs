// The suite says of every method of compute RPC which scenario exercises it, or why none does.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { computeContract } from '@micronova/rpcapi'
import { configurations } from './configurations.mjs'
import { exercisedMethods, notExercised } from './coverage.mjs'
import { scenarios } from './scenarios/index.mjs'

test('every method of compute RPC is exercised by a scenario, or has a reason why not, and never both', () => {
  const exercised = exercisedMethods()
  for (const method of Object.keys(computeContract.methods)) {
    const stated = Number(exercised.has(method)) + Number(method in notExercised)
    assert.equal(stated, 1, `${method} is ${stated === 0 ? 'neither exercised nor left out' : 'exercised and left out'}`)
  }
})

test('scenarios and reasons name methods that exist', () => {
  const known = new Set(Object.keys(computeContract.methods))
  const named = [...scenarios.flatMap(({ methods }) => methods), ...Object.keys(notExercised)]
  assert.deepEqual(
    named.filter((method) => !known.has(method)),
    [],
  )
})

test('scenarios have names of their own, an expectation and a deadline, and name configurations that exist', () => {
  assert.equal(new Set(scenarios.map(({ name }) => name)).size, scenarios.length)
  const known = configurations.map(({ name }) => name)
  for (const { name, expects, timeoutSeconds, configurations: where = [] } of scenarios) {
    assert.ok(expects.length > 0 && timeoutSeconds > 0, name)
    for (const one of where) assert.ok(known.includes(one), `${name} names ${one}`)
  }
})
