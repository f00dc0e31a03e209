import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '@micronova/lifecycle'
import { nullLogger } from '@micronova/log'
import { createTransport, decodeFailure, type Json, type RemoteFailure } from '@micronova/messaging'
import { adminContext, novaErrorCatalogue, novaRegistry, type RequestContext } from '@micronova/model'
import { createComputeApi, createNovaSerializer } from '@micronova/rpcapi'
import { readFixtureLines, temporaryFolder } from '@micronova/testing'
import { countingRandom, forever, host, runningInstance } from '../support/compute-fixture.js'
import { liveCompute } from '../support/live-compute.js'

interface RecordedRequest {
  readonly method: string
  readonly args: Readonly<Record<string, Json>>
  readonly version: string
  readonly namespace?: string
  readonly _msg_id?: string
}

const messages = readFixtureLines('wire/09-errors.jsonl').map((line) => JSON.parse(line))
const requests: readonly RecordedRequest[] = messages
  .filter(({ routing_key }) => routing_key === `compute.${host}`)
  .map(({ message }) => message)
  .filter(({ method, _msg_id }) => _msg_id && method !== 'ping')

/** What a Python nova-compute answered. */
function recordedFailure({ _msg_id: id }: RecordedRequest): RemoteFailure {
  const reply = messages.find(({ message }) => message._msg_id === id && 'failure' in message)
  return decodeFailure(reply.message.failure)
}

test('there are wrong calls to repeat', () => {
  assert.equal(requests.length, 7)
})

for (const request of requests) {
  const { method, version, namespace, args } = request
  test(`${namespace ?? ''} ${method} ${version} ${JSON.stringify(args)} is answered as by a Python nova-compute`, async (t) => {
    const live = liveCompute(temporaryFolder(t))
    await live.start()
    let answered: RemoteFailure | null = null
    const errors = {
      ...novaErrorCatalogue,
      fromFailure(failure: RemoteFailure) {
        answered = failure
        return undefined
      },
    }
    const transport = createTransport('memory://', { clock: systemClock, random: countingRandom, log: nullLogger, errors, bus: live.bus })
    const serializer = createNovaSerializer({ registry: novaRegistry() })
    const target = { topic: 'compute', server: host, version, ...(namespace === undefined ? {} : { namespace }) }
    const ctx: RequestContext = adminContext({ clock: systemClock, random: countingRandom })
    await assert.rejects(transport.client<RequestContext>(target, { serializer }).call(ctx, method, args))
    await transport.stop(forever)
    await live.stop()
    const { tb: _, ...expected } = recordedFailure(request)
    const { tb: __, ...actual } = answered ?? recordedFailure(request)
    assert.ok(answered !== null)
    assert.deepEqual(actual, expected)
  })
}

test('a caller that is capped to compute 5.0 reaches the same operation', async (t) => {
  const live = liveCompute(temporaryFolder(t))
  await live.start()
  const { transport, fixture } = live
  const instance = await runningInstance(fixture)
  const old = createComputeApi({ transport, serializer: createNovaSerializer({ registry: novaRegistry() }) }, { upgradeLevel: '5.0' })
  assert.equal(await old.getConsoleOutput(fixture.ctx, { instance, tailLength: 1 }), 'LAST LINE')
  await live.stop()
})
