import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Transport } from '@micronova/messaging'
import type { Servable } from '@micronova/service'
import { withTransport } from './with-transport.js'

function parts(failing: readonly string[] = []) {
  const stopped: string[] = []
  const stop = (name: string) => async () => {
    stopped.push(name)
    if (failing.includes(name)) throw new Error(name)
  }
  const service = { state: 'running', start: async () => {}, reset: async () => {}, stop: stop('service') } as Servable
  const servable = withTransport(service, { stop: stop('transport') } as unknown as Transport, stop('database'))
  return { servable, stopped }
}

test('the service stops before its transport, and that before the database', async () => {
  const { servable, stopped } = parts()
  await servable.stop(new AbortController().signal)
  assert.deepEqual(stopped, ['service', 'transport', 'database'])
})

test('whatever cannot stop, the rest is closed, and every failure is told', async () => {
  const { servable, stopped } = parts(['service', 'transport'])
  await assert.rejects(servable.stop(new AbortController().signal), (err: AggregateError) => {
    assert.deepEqual(
      err.errors.map(({ message }) => message),
      ['service', 'transport'],
    )
    return true
  })
  assert.deepEqual(stopped, ['service', 'transport', 'database'])
})

test('a connection that is neither there nor tried any more makes the service unfit', () => {
  let stalledMs = 30_000
  const servable = withTransport({} as Servable, { stalledMs: () => stalledMs } as unknown as Transport)
  assert.equal(servable.examine?.(), null)
  stalledMs = 130_000
  assert.equal(servable.examine?.(), 'no connection to the broker has been tried for 130 s')
})
