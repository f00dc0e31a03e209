import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { test } from 'node:test'
import { systemClock } from '@micronova/lifecycle'
import { deferred, openTransport, plainSerializer } from '../../test/harness.js'
import { wrap } from '../envelope.js'
import { MemoryDriver } from '../memory/driver.js'
import { MemoryBus } from '../memory/memory-bus.js'

test('a request that an earlier process accepted is acknowledged and not run when the broker delivers it again', async (t) => {
  const bus = new MemoryBus({ clock: systemClock })
  const { transport, log } = openTransport(t, 'memory://', { bus, controlExchange: 'exchange' })
  const request = (uniqueId: string) => ({ method: 'work', args: { n: uniqueId }, version: '1.0', _unique_id: uniqueId })
  const firstRun = deferred<unknown>()
  const work = {
    parameters: [{ name: 'n' }],
    run: async (_ctx: unknown, { n }: Readonly<Record<string, unknown>>) => firstRun.resolve(n),
  }
  const server = transport.server({ topic: 'topic', server: 'host1' }, [{ target: { version: '1.0' }, methods: { work } }], {
    serializer: plainSerializer,
    acceptedBefore: ['unreadable', JSON.stringify(request('1'))],
  })
  await server.start(AbortSignal.timeout(1000))
  const driver = new MemoryDriver({ bus, clock: systemClock })
  const destination = { kind: 'topic', exchange: 'exchange', routingKey: 'topic' } as const
  for (const id of ['1', '2']) await driver.publish({ destination, body: wrap(request(id)), mandatory: true, retry: 0 })
  assert.equal(await firstRun.promise, '2')
  await server.stop(AbortSignal.timeout(1000))
  assert.deepEqual(log.matching(/duplicate/), ['WARNING dropped a duplicate of a request, 1'])
})

test('many requests at once may listen for the stop without a warning of Node about a leak', async (t) => {
  const warnings: string[] = []
  const onWarning = ({ name }: Error) => void warnings.push(name)
  process.on('warning', onWarning)
  t.after(() => process.off('warning', onWarning))
  const { transport } = openTransport(t, 'memory://', { bus: new MemoryBus({ clock: systemClock }) })
  const [allIn, mayEnd] = [deferred<void>(), deferred<void>()]
  const wait = {
    parameters: [],
    run: async (_ctx: unknown, _args: unknown, signal: AbortSignal) => {
      signal.addEventListener('abort', () => {})
      if (getEventListeners(signal, 'abort').length >= 20) allIn.resolve()
      await mayEnd.promise
    },
  }
  const server = transport.server({ topic: 'topic', server: 'host1' }, [{ target: { version: '1.0' }, methods: { wait } }], {
    serializer: plainSerializer,
  })
  await server.start(AbortSignal.timeout(1000))
  const client = transport.client({ topic: 'topic', version: '1.0' }, { serializer: plainSerializer })
  for (let i = 0; i < 20; i += 1) await client.cast({}, 'wait', {})
  await allIn.promise
  mayEnd.resolve()
  await server.stop(AbortSignal.timeout(1000))
  await new Promise((resolve) => setImmediate(resolve)) // warnings come a turn later
  assert.deepEqual(warnings, [])
})
