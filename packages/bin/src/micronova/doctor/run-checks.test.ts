import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memorySources, parseConfig } from '@micronova/config'
import { FakeClock } from '@micronova/testing'
import { CommandFailed } from '../../usage-error.js'
import { type Check, failed, ok, skipped, warning, worstOf } from './check.js'
import { describeResults, resultsToJson } from './report.js'
import { runChecks } from './run-checks.js'

const limitMs = 10_000

function check(name: string, run: Check['run']): Check {
  return { name, run }
}

test('checks run side by side, and the results have their order', async () => {
  let release: () => void = () => {}
  const gate = new Promise<void>((resolve) => {
    release = resolve
  })
  const first = check('first', async () => {
    await gate
    return ok('waited for the second')
  })
  const second = check('second', async () => {
    release()
    return ok('ran')
  })
  const results = await runChecks([first, second], new FakeClock(), { limitMs })
  assert.deepEqual(
    results.map(({ name, status }) => [name, status]),
    [
      ['first', 'ok'],
      ['second', 'ok'],
    ],
  )
})

test('a check that hangs has failed at its limit, and does not hold up the others', async () => {
  const clock = new FakeClock()
  const running = runChecks([check('hung', () => new Promise(() => {})), check('quick', async () => ok(''))], clock, { limitMs })
  await clock.advance(limitMs)
  const [hung, quick] = await running
  assert.equal(hung?.status, 'failed')
  assert.match(hung?.found ?? '', /within 10 s/)
  assert.equal(hung?.durationMs, limitMs)
  assert.equal(quick?.status, 'ok')
  assert.equal(clock.pendingTimers, 0)
})

test('a check that heeds its signal says itself what it found until then', async () => {
  const clock = new FakeClock()
  const heeding = check('heeding', async (signal) => {
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    return failed('half of it', 'wait')
  })
  const running = runChecks([heeding], clock, { limitMs })
  await clock.advance(limitMs)
  assert.equal((await running)[0]?.found, 'half of it')
})

test('what a user can mend is a finding, a wrong configuration skips, and a mistake of the program is thrown', async () => {
  const wrong = () => parseConfig([], { program: 'p', groups: [], defaultConfigFiles: ['/none'], sources: memorySources({}) })
  const run = async (err: () => unknown) =>
    (await runChecks([check('it', async () => Promise.reject(err()))], new FakeClock(), { limitMs }))[0]
  assert.equal((await run(() => new CommandFailed('no such thing')))?.found, 'no such thing')
  const [skippedOne] = await runChecks([check('it', async () => ok(String(wrong())))], new FakeClock(), { limitMs })
  assert.equal(skippedOne?.status, 'skipped')
  await assert.rejects(
    run(() => new TypeError('undefined is not a function')),
    TypeError,
  )
})

test('of several findings the worst counts, with all that are as bad', () => {
  assert.deepEqual(worstOf([ok('a'), warning('b', 'x'), failed('c', 'y'), failed('d', 'y')]), failed('c; d', 'y'))
  assert.deepEqual(worstOf([ok('a'), warning('b', 'x')]), warning('b', 'x'))
  assert.deepEqual(worstOf([ok('a'), skipped('b')]), ok('a'))
})

test('the report has a line for each check, with what to do below it, and JSON the same', () => {
  const results = [
    { ...ok('fine'), name: 'node', durationMs: 1 },
    { ...failed('gone', 'bring it back'), name: 'database', durationMs: 1500 },
  ]
  assert.equal(
    describeResults(results),
    `ok      node      fine
failed  database  gone (1.5 s)
                  -> bring it back
1 ok, 0 warning, 1 failed, 0 skipped
`,
  )
  assert.deepEqual(JSON.parse(resultsToJson(results)), {
    failed: true,
    checks: [
      { name: 'node', status: 'ok', found: 'fine', mend: null, duration_ms: 1 },
      { name: 'database', status: 'failed', found: 'gone', mend: 'bring it back', duration_ms: 1500 },
    ],
  })
})
