import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { FakeClock } from '@micronova/testing'
import { Counter, Gauge, Registry } from 'prom-client'
import { figure, parsePrometheusText } from '../../test/prometheus-text.js'
import type { Check } from './checks.js'
import type { Snapshot } from './metrics/metrics.js'
import { parseQuestion, WorkerAnswers } from './worker-answers.js'

class FakeWorker extends EventEmitter {
  readonly pid: number
  readonly #registry = new Registry()
  readonly requests = new Counter({ name: 'requests_total', help: 'h', registers: [this.#registry] })
  readonly #inHand = new Gauge({ name: 'in_hand', help: 'h', registers: [this.#registry] })
  isSilent = false
  ailment: string | null = null
  checks: readonly Check[] = [{ name: 'start', failure: null, sinceMs: null }]

  constructor(pid: number) {
    super()
    this.pid = pid
    this.#inHand.set(1)
  }

  send(message: string): boolean {
    if (!this.isSilent) void this.#answer(message)
    return true
  }

  async #answer(message: string): Promise<void> {
    const { id, wantsMetrics } = parseQuestion(message)!
    const metrics = wantsMetrics ? ((await this.#registry.getMetricsAsJSON()) as Snapshot) : null
    this.emit('message', { health: id, ailment: this.ailment, checks: this.checks, metrics })
  }
}

function fixture() {
  const clock = new FakeClock()
  const [one, other] = [new FakeWorker(11), new FakeWorker(12)] as const
  const children = new Set([one, other])
  return { clock, one, other, children, answers: new WorkerAnswers(clock, { wanted: 2, children }) }
}

const failures = (checks: readonly Check[]) =>
  checks.filter(({ failure }) => failure !== null).map(({ name, failure }) => `${name} ${failure}`)

test('workers that are ready make the whole ready; each check carries the worker', async () => {
  const { answers } = fixture()
  assert.deepEqual(
    (await answers.readinessChecks()).map(({ name, failure }) => [name, failure]),
    [
      ['workers', null],
      ['worker-11/start', null],
      ['worker-12/start', null],
    ],
  )
})

test('a worker that is not ready, one that does not answer within a second, and one that is missing are named', async () => {
  const { clock, one, other, children, answers } = fixture()
  one.checks = [{ name: 'start', failure: 'in step conductor', sinceMs: 5 }]
  other.isSilent = true
  const checks = answers.readinessChecks()
  await clock.advance(1000)
  assert.deepEqual(failures(await checks), ['worker-11/start in step conductor', 'worker-12 no answer within 1 s'])
  children.delete(other)
  assert.deepEqual(failures(await answers.readinessChecks()), ['workers 1 of 2 run', 'worker-11/start in step conductor'])
})

test('the whole is alive as long as one worker is', async () => {
  const { clock, one, other, answers } = fixture()
  one.ailment = 'no connection to the broker has been tried for 130 s'
  assert.deepEqual(failures(await answers.livenessChecks()), [])
  other.isSilent = true
  const checks = answers.livenessChecks()
  await clock.advance(1000)
  assert.deepEqual(failures(await checks), [
    'worker-11 no connection to the broker has been tried for 130 s',
    'worker-12 no answer within 1 s',
  ])
})

test('figures are the sum of the workers; a counter does not fall when a worker is silent or ends, a gauge goes with it', async () => {
  const { clock, one, other, children, answers } = fixture()
  const look = async () => {
    const text = answers.metrics()
    await new Promise((resolve) => setImmediate(resolve)) // the answers are promises of prom-client
    await clock.advance(1000)
    const families = parsePrometheusText(await text)
    const state = (name: string) => figure(families, 'micronova_workers', { state: name })
    return [figure(families, 'requests_total'), figure(families, 'in_hand'), state('ready'), state('silent')]
  }
  one.requests.inc(5)
  other.requests.inc(2)
  assert.deepEqual(await look(), [7, 2, 2, 0])
  other.isSilent = true
  assert.deepEqual(await look(), [7, 1, 1, 1])
  for (const worker of [one, other]) {
    children.delete(worker)
    worker.emit('exit')
  }
  children.add(new FakeWorker(13))
  assert.deepEqual(await look(), [7, 1, 1, 0])
  assert.deepEqual(await look(), [7, 1, 1, 0])
})
