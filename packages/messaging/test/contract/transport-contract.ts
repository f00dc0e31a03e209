import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '@micronova/lifecycle'
import {
  type Endpoint,
  type JsonObject,
  MemoryBus,
  MessageUndeliverable,
  MessagingTimeout,
  type ReceivedWork,
  RemoteError,
  type RpcClient,
  type RpcObserver,
  type RpcServer,
  type RpcServerOptions,
  RpcVersionCapError,
  type TransportOptions,
} from '../../src/index.js'
import { deferred, openTransport, plainSerializer, Teapot, type TestContext, type TestTransport, uniqueName } from '../harness.js'

/** What differs between the buses that the contract is held against. */
export interface Bus {
  readonly name: string
  readonly url: string
  readonly skip: string | false
  /** Remove after the test what a broker would keep. */
  removeAfter(t: TestContext, names: { readonly queues: readonly string[]; readonly exchange: string }): void
}

interface Cloud {
  readonly server: RpcServer
  readonly client: RpcClient<JsonObject>
  readonly serverSide: TestTransport
  readonly clientSide: TestTransport
  readonly topic: string
}

interface CloudOptions {
  readonly endpoints: readonly Endpoint<JsonObject>[]
  readonly server?: Partial<RpcServerOptions<JsonObject>>
  readonly transport?: TransportOptions & { readonly observer?: RpcObserver }
}

type Methods = Endpoint<JsonObject>['methods']

const soon = () => AbortSignal.timeout(5000)
const method = (run: (args: Readonly<Record<string, unknown>>, ctx: JsonObject, signal: AbortSignal) => unknown, ...names: string[]) => ({
  parameters: names.map((name) => ({ name })),
  run: async (ctx: JsonObject, args: Readonly<Record<string, unknown>>, signal: AbortSignal) => run(args, ctx, signal),
})
const endpoint = (methods: Methods): Endpoint<JsonObject> => ({ target: { version: '1.5' }, methods })

/** What every transport must do, whatever carries its messages. */
export function testTransportContract(bus: Bus): void {
  const contract = (name: string, run: (t: TestContext) => Promise<void>) =>
    test(`${bus.name}: ${name}`, { skip: bus.skip, timeout: 20_000 }, run)

  /** A server and a client, each with a transport of its own. */
  async function openCloud(t: TestContext, options: CloudOptions): Promise<Cloud> {
    const shared = {
      bus: new MemoryBus({ clock: systemClock }),
      controlExchange: uniqueName('exchange'),
      ...options.transport,
      rabbit: { autoDelete: true, transientQueuesTtlSeconds: 60, ...options.transport?.rabbit },
    }
    const topic = uniqueName('topic')
    const serverSide = openTransport(t, bus.url, shared)
    const clientSide = openTransport(t, bus.url, shared)
    const server = serverSide.transport.server({ topic, server: 'host1' }, options.endpoints, {
      serializer: plainSerializer,
      ...options.server,
    })
    t.after(() => server.stop(AbortSignal.timeout(500)))
    if (!shared.rabbit.autoDelete) bus.removeAfter(t, { queues: [topic, `${topic}.host1`], exchange: shared.controlExchange })
    await server.start(soon())
    const client = clientSide.transport.client({ topic, version: '1.0' }, { serializer: plainSerializer })
    return { server, client, serverSide, clientSide, topic }
  }

  contract('a call is answered with the result, by topic and by server', async (t) => {
    const { client } = await openCloud(t, { endpoints: [endpoint({ add: method(({ a, b }) => Number(a) + Number(b), 'a', 'b') })] })
    assert.equal(await client.call({}, 'add', { a: 1, b: 2 }), 3)
    assert.equal(await client.prepare({ server: 'host1', version: '1.5' }).call({}, 'add', { a: 3, b: 4 }), 7)
  })

  contract('values of every kind survive both ways, and the context arrives', async (t) => {
    const { client } = await openCloud(t, { endpoints: [endpoint({ echo: method(({ value }, ctx) => ({ value, ctx }), 'value') })] })
    const value = {
      i: 1,
      f: 1.5,
      n: null,
      b: true,
      u: 'grüß \u2028 \ud83d\ude00',
      l: [1, [2]],
      big: 2n ** 70n,
      negative: -(2n ** 63n),
      nan: Number.NaN,
    }
    const ctx = { request_id: 'req-1', roles: ['admin', 'member'], auth_token: null }
    assert.deepEqual(await client.call(ctx, 'echo', { value }), { value, ctx })
  })

  contract('a report shows who consumes what, the work in hand, and the calls that wait for it', async (t) => {
    const begun = deferred()
    const go = deferred()
    const wait = method(async () => {
      begun.resolve()
      await go.promise
    })
    const before = Date.now()
    const { client, serverSide, clientSide, topic } = await openCloud(t, { endpoints: [endpoint({ wait })] })
    const answer = client.prepare({ server: 'host1' }).call({ request_id: 'req-1' }, 'wait', {})
    await begun.promise
    const { connections, servers } = serverSide.transport.report()
    const consuming = connections.filter(({ purpose }) => purpose === 'listen')
    assert.deepEqual(
      consuming.map(({ state, reconnects, isBlocked, queues }) => ({ state, reconnects, isBlocked, queues: queues.length })),
      [{ state: 'up', reconnects: 0, isBlocked: false, queues: 3 }],
    )
    assert.deepEqual(
      consuming[0]?.queues.map((queue) => queue.replace(/^.*\//, '').replace(/_fanout_[0-9a-f]{32}$/, '_fanout')),
      [topic, `${topic}.host1`, `${topic}_fanout`],
    )
    assert.ok(connections.every(({ address }) => address !== '' && !address.includes('guest')))
    const [server] = servers
    assert.deepEqual(
      { ...server, inHand: server?.inHand.map(({ sinceMs: _, ...rest }) => rest) },
      {
        topic,
        server: 'host1',
        state: 'running',
        inHand: [{ method: 'wait', requestId: 'req-1' }],
        waiting: 0,
      },
    )
    const { calls } = clientSide.transport.report()
    assert.deepEqual(
      calls.map(({ sinceMs: _, ...rest }) => rest),
      [{ to: `${topic}.host1`, method: 'wait', requestId: 'req-1' }],
    )
    for (const sinceMs of [calls[0]?.sinceMs, server?.inHand[0]?.sinceMs]) assert.ok(sinceMs! >= before - 5 && sinceMs! <= Date.now() + 5)
    go.resolve()
    await answer
    assert.deepEqual(clientSide.transport.report().calls, [])
  })

  contract('a server that has been stopped is not in the report', async (t) => {
    const { server, serverSide } = await openCloud(t, { endpoints: [] })
    await server.stop(soon())
    assert.deepEqual(serverSide.transport.report().servers, [])
  })

  contract('an observer is told of each request that was worked on, and of each call', async (t) => {
    const handled: unknown[] = []
    const called: unknown[] = []
    const observer: RpcObserver = {
      handled: ({ durationMs, ...rest }) => handled.push({ ...rest, isTimed: durationMs >= 0 }),
      called: ({ durationMs, ...rest }) => called.push({ ...rest, isTimed: durationMs >= 0 }),
    }
    const fail = method(() => {
      throw new Teapot(1)
    })
    const { client, topic } = await openCloud(t, { endpoints: [endpoint({ fail, fine: method(() => 1) })], transport: { observer } })
    await client.call({}, 'fine', {})
    await assert.rejects(client.call({}, 'fail', {}), Teapot)
    await assert.rejects(client.call({}, 'made_up', {}), RemoteError)
    const namespace = null
    assert.deepEqual(handled, [
      { topic, namespace, method: 'fine', outcome: 'done', isTimed: true },
      { topic, namespace, method: 'fail', outcome: 'failed', isTimed: true },
      { topic, namespace, method: null, outcome: 'failed', isTimed: true },
    ])
    assert.deepEqual(called, [
      { topic, method: 'fine', outcome: 'done', isTimed: true },
      { topic, method: 'fail', outcome: 'failed', isTimed: true },
      { topic, method: 'made_up', outcome: 'failed', isTimed: true },
    ])
  })

  contract('a method without a result answers null, and absent arguments have their defaults', async (t) => {
    const seen: unknown[] = []
    const quiet = { parameters: [{ name: 'reason', default: 'none' }], run: async (_: JsonObject, args: object) => void seen.push(args) }
    const { client } = await openCloud(t, { endpoints: [endpoint({ quiet })] })
    assert.equal(await client.call({}, 'quiet', {}), null)
    assert.deepEqual(seen, [{ reason: 'none' }])
  })

  contract('a cast reaches one server, a fanout every server of the topic', async (t) => {
    const calls: string[] = []
    const all = deferred()
    const note = (who: string) =>
      endpoint({
        note: method(({ what }) => {
          calls.push(`${who} ${String(what)}`)
          if (calls.length === 3) all.resolve()
        }, 'what'),
      })
    const { client, serverSide, topic } = await openCloud(t, { endpoints: [note('host1')] })
    const second = serverSide.transport.server({ topic, server: 'host2' }, [note('host2')], { serializer: plainSerializer })
    t.after(() => second.stop(AbortSignal.timeout(500)))
    await second.start(soon())
    await client.prepare({ server: 'host2' }).cast({}, 'note', { what: 'cast' })
    await client.prepare({ fanout: true }).cast({}, 'note', { what: 'fanout' })
    await all.promise
    assert.deepEqual(calls.sort(), ['host1 fanout', 'host2 cast', 'host2 fanout'])
  })

  contract('calls to the topic are shared out among its servers', async (t) => {
    const who = (name: string) => endpoint({ who: method(() => name) })
    const { client, serverSide, topic } = await openCloud(t, { endpoints: [who('host1')] })
    const second = serverSide.transport.server({ topic, server: 'host2' }, [who('host2')], { serializer: plainSerializer })
    t.after(() => second.stop(AbortSignal.timeout(500)))
    await second.start(soon())
    const answers = await Promise.all(Array.from({ length: 10 }, () => client.call<string>({}, 'who', {})))
    assert.deepEqual([...new Set(answers)].sort(), ['host1', 'host2'])
  })

  contract('an error of the catalogue is rebuilt, any other is a RemoteError with its names', async (t) => {
    const { client, serverSide } = await openCloud(t, {
      endpoints: [
        endpoint({
          known: method(() => {
            throw new Teapot(3)
          }),
          unknown: method(() => {
            throw new RangeError('too far')
          }),
        }),
      ],
    })
    await assert.rejects(client.call({}, 'known', {}), (err) => err instanceof Teapot && err.size === 3)
    await assert.rejects(client.call({}, 'unknown', {}), (err) => {
      assert.ok(err instanceof RemoteError)
      assert.deepEqual([err.moduleName, err.className, err.remoteMessage, err.args], ['builtins', 'Exception', 'too far', ['too far']])
      assert.match(err.traceback.join(''), /^Traceback.* at .*\nException: too far\n$/s)
      return true
    })
    assert.equal(serverSide.log.matching(/^ERROR Exception during message handling/).length, 2)
  })

  contract('an expected failure is answered as it is and logged at DEBUG only', async (t) => {
    const failing = method(() => {
      throw new Teapot(1)
    })
    const { client, serverSide } = await openCloud(t, {
      endpoints: [endpoint({ failing: { ...failing, isExpected: (err) => err instanceof Teapot } })],
    })
    await assert.rejects(client.call({}, 'failing', {}), Teapot)
    assert.deepEqual(serverSide.log.matching(/^(ERROR|WARNING)/), [])
  })

  contract('wrong calls are answered with the class that a Python peer expects', async (t) => {
    const { client } = await openCloud(t, { endpoints: [endpoint({ one: method(() => 1, 'a') })] })
    const className = async (prepared: RpcClient<JsonObject>, name: string, args: object = {}) => {
      const err = await prepared.call({}, name, { ...args }).catch((caught) => caught)
      return err instanceof RemoteError ? `${err.moduleName}.${err.className}` : err
    }
    assert.equal(await className(client, 'missing'), 'oslo_messaging.rpc.dispatcher.NoSuchMethod')
    assert.equal(await className(client.prepare({ version: '2.0' }), 'one'), 'oslo_messaging.rpc.dispatcher.UnsupportedVersion')
    assert.equal(await className(client.prepare({ namespace: 'other' }), 'one'), 'oslo_messaging.rpc.dispatcher.UnsupportedVersion')
    assert.equal(await className(client, 'one'), 'builtins.TypeError')
    assert.equal(await className(client, 'one', { a: 1, b: 2 }), 'builtins.TypeError')
  })

  contract('a version cap keeps a newer request from being sent', async (t) => {
    const { clientSide, topic } = await openCloud(t, { endpoints: [endpoint({ one: method(() => 1) })] })
    const capped = clientSide.transport.client({ topic, version: '1.2' }, { serializer: plainSerializer, versionCap: '1.3' })
    assert.equal(capped.canSendVersion('1.3'), true)
    assert.equal(capped.canSendVersion('1.4'), false)
    assert.equal(await capped.call({}, 'one', {}), 1)
    await assert.rejects(capped.prepare({ version: '1.4' }).call({}, 'one', {}), RpcVersionCapError)
    await assert.rejects(capped.prepare({ version: '1.4' }).cast({}, 'one', {}), RpcVersionCapError)
  })

  contract('a call to nobody times out; with atLeastOnce it is undeliverable at once', async (t) => {
    const { client } = await openCloud(t, { endpoints: [] })
    const nobody = client.prepare({ server: 'nowhere', timeoutSeconds: 0.2 })
    await assert.rejects(nobody.call({}, 'one', {}), (err) => err instanceof MessagingTimeout && err.method === 'one')
    await assert.rejects(nobody.prepare({ atLeastOnce: true, timeoutSeconds: 10 }).call({}, 'one', {}), MessageUndeliverable)
    await assert.rejects(nobody.prepare({ atLeastOnce: true }).cast({}, 'one', {}), MessageUndeliverable)
    await nobody.cast({}, 'one', {}) // dropped, as upstream drops it
  })

  contract('a reply that comes too late is logged once and harms nobody', async (t) => {
    const release = deferred()
    const { client, clientSide } = await openCloud(t, {
      endpoints: [endpoint({ slow: method(() => release.promise), quick: method(() => 'quick') })],
    })
    await assert.rejects(client.prepare({ timeoutSeconds: 0.1 }).call({}, 'slow', {}), MessagingTimeout)
    release.resolve()
    await clientSide.log.seen(/no call waits for the reply/)
    assert.equal(await client.call({}, 'quick', {}), 'quick')
    assert.equal(clientSide.log.matching(/no call waits/).length, 1)
  })

  contract('an aborted signal ends the wait with its reason, before and during the call', async (t) => {
    const { client } = await openCloud(t, {
      endpoints: [endpoint({ slow: method((_, __, signal) => new Promise((resolve) => signal.addEventListener('abort', resolve))) })],
    })
    const halt = new AbortController()
    const call = client.call({}, 'slow', {}, halt.signal)
    halt.abort(new Error('enough'))
    await assert.rejects(call, /enough/)
    await assert.rejects(client.call({}, 'slow', {}, halt.signal), /enough/)
  })

  contract('heartbeats keep a monitored call waiting beyond the silence that it bears', async (t) => {
    const release = deferred()
    const { client } = await openCloud(t, { endpoints: [endpoint({ slow: method(() => release.promise) })] })
    const monitored = client.prepare({ timeoutSeconds: 20, callMonitorTimeoutSeconds: 2 })
    const call = monitored.call({}, 'slow', {})
    setTimeout(release.resolve, 3200)
    assert.equal(await call, null)
  })

  contract('a monitored call ends when the server falls silent', async (t) => {
    const { client } = await openCloud(t, { endpoints: [] })
    const call = client.prepare({ server: 'nowhere', timeoutSeconds: 20, callMonitorTimeoutSeconds: 0.3 }).call({}, 'slow', {})
    await assert.rejects(call, (err) => err instanceof MessagingTimeout && err.waitedMs >= 299 && err.waitedMs < 5000)
  })

  contract('no more requests are in hand than allowed; the others wait their turn', async (t) => {
    let running = 0
    let most = 0
    const release = deferred()
    const full = deferred()
    const work = method(async () => {
      most = Math.max(most, ++running)
      if (running === 2) full.resolve()
      await release.promise
      running--
    })
    const { client, server } = await openCloud(t, { endpoints: [endpoint({ work })], server: { maxInHand: 2 } })
    const calls = Array.from({ length: 9 }, (_, index) => client.call({ request_id: `req-${index}` }, 'work', {}))
    await full.promise
    assert.deepEqual(
      server.inHand.map(({ requestId }) => requestId),
      ['req-0', 'req-1'],
    )
    release.resolve()
    await Promise.all(calls)
    assert.equal(most, 2)
    assert.deepEqual(server.inHand, [])
  })

  contract('a request is journalled before it is acknowledged and run, and its entry is closed after that', async (t) => {
    const events: string[] = []
    const journal = {
      accept: async (work: ReceivedWork) => {
        events.push(`accept ${work.method} ${work.version} ${work.isCall} ${JSON.parse(work.text).args.n}`)
        await new Promise((resolve) => setImmediate(resolve))
        return { finished: () => void events.push('finished') }
      },
    }
    const { client } = await openCloud(t, {
      endpoints: [endpoint({ work: method(({ n }) => void events.push(`run ${String(n)}`), 'n') })],
      server: { journal },
    })
    await client.call({}, 'work', { n: 1 })
    assert.deepEqual(events, ['accept work 1.0 true 1', 'run 1', 'finished'])
  })

  contract('a request that the journal cannot take comes again and is run once', async (t) => {
    let failures = 0
    let runs = 0
    const journal = {
      accept: (): Promise<{ finished(): void } | null> =>
        failures++ === 0 ? Promise.reject(new Error('disk full')) : Promise.resolve(null),
    }
    const { client, serverSide } = await openCloud(t, { endpoints: [endpoint({ work: method(() => void runs++) })], server: { journal } })
    await client.call({}, 'work', {})
    assert.equal(runs, 1)
    assert.equal(serverSide.log.matching(/could not be journalled/).length, 1)
  })

  contract('an entry of the journal is run again without a reply', async (t) => {
    const texts: string[] = []
    let runs = 0
    const journal = {
      accept: (work: ReceivedWork) => {
        texts.push(work.text)
        return null
      },
    }
    const { client, server, clientSide } = await openCloud(t, {
      endpoints: [
        endpoint({
          work: method(() => {
            if (++runs === 2) throw new Error('failed in replay')
          }),
        }),
      ],
      server: { journal },
    })
    await client.call({}, 'work', {})
    await server.replay(texts[0] ?? '')
    assert.equal(runs, 2)
    assert.equal(await client.call({}, 'work', {}), null) // any reply of the replay would have come before this one
    assert.deepEqual(clientSide.log.matching(/no call waits/), [])
  })

  contract('stop waits for the work in hand and its replies, and gives back what waits', async (t) => {
    const release = deferred()
    const started = deferred()
    const work = method(async () => {
      started.resolve()
      await release.promise
      return 'done'
    })
    const { client, server, serverSide, topic } = await openCloud(t, {
      endpoints: [endpoint({ work })],
      server: { maxInHand: 1 },
      transport: { rabbit: { autoDelete: false } },
    })
    const first = client.call({}, 'work', {})
    await started.promise
    const second = client.call({}, 'work', {})
    const stopping = server.stop(soon())
    release.resolve()
    await stopping
    assert.equal(server.state, 'stopped')
    assert.equal(await first, 'done')
    const successor = serverSide.transport.server({ topic, server: 'host1' }, [endpoint({ work: method(() => 'by the successor') })], {
      serializer: plainSerializer,
    })
    await successor.start(soon())
    assert.equal(await second, 'by the successor')
    await successor.stop(soon())
  })

  contract('a stop that runs out of patience aborts what still runs', async (t) => {
    const started = deferred()
    const aborted = deferred<string>()
    const work = method((_, __, signal) => {
      started.resolve()
      return new Promise(() => signal.addEventListener('abort', () => aborted.resolve(String(signal.reason))))
    })
    const { client, server } = await openCloud(t, { endpoints: [endpoint({ work })] })
    client.call({}, 'work', {}).catch(() => {})
    await started.promise
    await server.stop(AbortSignal.timeout(100))
    assert.match(await aborted.promise, /stopping/)
  })

  contract('a stopped transport ends the calls that wait, and takes no others', async (t) => {
    const { client, clientSide } = await openCloud(t, { endpoints: [] })
    const call = client.prepare({ server: 'nowhere' }).call({}, 'one', {})
    const ended = assert.rejects(call, { name: 'MessageDeliveryFailure' })
    await clientSide.transport.stop(soon())
    await ended
    await assert.rejects(client.call({}, 'one', {}), { name: 'MessageDeliveryFailure' })
    await assert.rejects(client.cast({}, 'one', {}), { name: 'MessageDeliveryFailure' })
  })

  contract('oslo_rpc_server_ping is answered where it is enabled', async (t) => {
    const { client } = await openCloud(t, { endpoints: [], transport: { pingEnabled: true } })
    assert.equal(await client.call({}, 'oslo_rpc_server_ping', {}), 'pong')
  })
}
