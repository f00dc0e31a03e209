import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compatibility } from './compatibility.mjs'
import { summary, table } from './table.mjs'

const outcome = (configuration, scenario, result) => ({ configuration, scenario, result, seconds: 1 })
const outcomes = [
  outcome('python', 'stop and start', 'green'),
  outcome('ours', 'stop and start', 'red'),
  outcome('ours', 'rebuild', 'green'),
  outcome('ours', 'hypervisors', 'skipped'),
]

test('the table has a row for each scenario and a column for each configuration that was run', () => {
  assert.deepEqual(
    table(outcomes)
      .split('\n')
      .map((line) => line.trim().split(/ {2,}/)),
    [
      ['python', 'ours'],
      ['stop and start', 'green', 'red'],
      ['rebuild', '-', 'green'],
      ['hypervisors', '-', 'skipped'],
    ],
  )
  assert.equal(summary(outcomes), '2 green, 1 red, 1 skipped')
})

test('the page counts what was tried, shows what was not, and names what is missing on this cloud', () => {
  const page = compatibility(outcomes, { ours: '0.1.0', theirs: ['nova-api 26'] })
  assert.match(page, /\| ours \| everything ours but nova-api \| .* \| 1 of 2 \|/)
  assert.match(page, /\| mixed \| .* \| not run \|/)
  assert.match(page, /\| stop and start \| green \| - \| - \| - \| red \|/)
  assert.match(page, /\| `check_instance_shared_storage` \| none: asked by drivers/)
  assert.match(page, /Ours: micronova 0\.1\.0\. Theirs, from Debian 12: nova-api 26\./)
})

test('what was green at the second try only says so, in the table and on the page', () => {
  const second = [{ ...outcome('ours', 'rebuild', 'green'), firstError: 'did not end within 120 s' }]
  assert.match(table(second), /rebuild +green\*/)
  assert.equal(summary(second), '1 green (1 of them, marked *, at the second try), 0 red, 0 skipped')
  assert.match(compatibility(second, { ours: '0.1.0', theirs: [] }), /\| rebuild \|.* green at the second try \|/)
})
