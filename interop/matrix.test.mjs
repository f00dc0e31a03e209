import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tryAll } from './matrix.mjs'

const scenarios = [{ name: 'sound' }, { name: 'unlucky' }, { name: 'broken' }]

/** Scenarios with these results, try by try. */
function attempt(results, again) {
  const told = []
  const repeated = []
  const run = async ({ name }) => {
    const result = results[name].shift()
    return { scenario: name, configuration: 'ours', result, seconds: 1, ...(result === 'red' && { error: `${name} failed` }) }
  }
  const how = { told: ({ scenario, result }) => told.push(`${scenario}: ${result}`), again }
  return tryAll(scenarios, run, { ...how, beforeAgain: async (red) => void repeated.push(...red.map(({ name }) => name)) }).then(
    (outcomes) => ({ outcomes, told, repeated }),
  )
}

test('what is red is run once more where that is wished, and keeps the error of its first try', async () => {
  const results = { sound: ['green'], unlucky: ['red', 'green'], broken: ['red', 'red', 'green'] }
  const { outcomes, told, repeated } = await attempt(results, true)
  assert.deepEqual(repeated, ['unlucky', 'broken'])
  assert.deepEqual(told, ['sound: green', 'unlucky: red', 'broken: red', 'unlucky: green', 'broken: red'])
  assert.deepEqual(
    outcomes.map(({ result, firstError }) => [result, firstError]),
    [
      ['green', undefined],
      ['green', 'unlucky failed'],
      ['red', 'broken failed'],
    ],
  )
})

test('otherwise red stays red', async () => {
  const { outcomes, repeated } = await attempt({ sound: ['green'], unlucky: ['red', 'green'], broken: ['red'] }, false)
  assert.deepEqual(repeated, [])
  assert.deepEqual(
    outcomes.map(({ result }) => result),
    ['green', 'red', 'red'],
  )
})
