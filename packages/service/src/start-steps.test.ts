import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RecordingLogger } from '@micronova/log'
import { FakeClock } from '@micronova/testing'
import { type StartStep, StartSteps } from './start-steps.js'

test('each step is remembered with start, duration and outcome, logged once, and shown as it begins and ends', async () => {
  const clock = new FakeClock()
  const log = new RecordingLogger()
  const seen: string[] = []
  const steps = new StartSteps({ clock, log, observe: (step: StartStep) => seen.push(`${step.name} ${step.outcome}`) })
  const began = clock.now()

  const first = steps.run('first', async () => {
    await clock.sleep(1500)
    return 42
  })
  await clock.advance(1500)
  assert.equal(await first, 42)
  await assert.rejects(
    steps.run('second', () => Promise.reject(new Error('no'))),
    /no/,
  )
  const halt = new AbortController()
  halt.abort(new Error('enough'))
  await assert.rejects(
    steps.run('third', async () => assert.fail('a cancelled step does not begin'), halt.signal),
    /enough/,
  )

  assert.deepEqual(steps.steps, [
    { name: 'first', startedAt: began, durationMs: 1500, outcome: 'done' },
    { name: 'second', startedAt: began + 1500, durationMs: 0, outcome: 'failed' },
    { name: 'third', startedAt: began + 1500, durationMs: 0, outcome: 'cancelled' },
  ])
  assert.deepEqual(log.messages('INFO'), [
    'Start-up step first done after 1500 ms',
    'Start-up step second failed after 0 ms',
    'Start-up step third cancelled after 0 ms',
  ])
  assert.deepEqual(seen, ['first running', 'first done', 'second running', 'second failed', 'third running', 'third cancelled'])
})
