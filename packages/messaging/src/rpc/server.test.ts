import assert from 'node:assert/strict'
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
