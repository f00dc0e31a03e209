import assert from 'node:assert/strict'
import { statSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { systemClock, systemRandom } from '@micronova/lifecycle'
import { nullLogger } from '@micronova/log'
import { createTransport, type Endpoint, InvalidTarget, MemoryBus, MessagingTimeout, PythonError, RemoteError } from '@micronova/messaging'
import { adminContext, Instance, isNovaError, novaError, novaErrorCatalogue, novaRegistry, type RequestContext } from '@micronova/model'
import { createNovaSerializer } from '@micronova/rpcapi'
import { temporaryFolder } from '@micronova/testing'
import { ControlTransport } from './control-client.js'
import { ControlServer, wireErrors } from './control-server.js'
import { CloudError } from './errors.js'

const deps = { clock: systemClock, random: systemRandom, log: nullLogger }
const forever = new AbortController().signal
const serializer = createNovaSerializer({ registry: novaRegistry() })
const ctx = adminContext(deps, { projectId: 'project1' })

/** A server of the topic `test` with these methods, a control server beside it, and a client in what could be another process. */
async function control(t: TestContext, methods: Readonly<Record<string, Endpoint<RequestContext>['methods'][string]['run']>> = {}) {
  const bus = new MemoryBus(deps)
  const transport = createTransport('memory://', { ...deps, bus, errors: novaErrorCatalogue })
  const endpoint: Endpoint<RequestContext> = {
    target: { version: '1.0' },
    methods: Object.fromEntries(
      Object.entries(methods).map(([name, run]) => [name, { parameters: [{ name: 'value', default: null }], run }]),
    ),
  }
  const server = transport.server({ topic: 'test', server: 'here' }, [endpoint], { serializer })
  await server.start(forever)
  const inner = createTransport('memory://', { ...deps, bus, errors: wireErrors })
  const path = join(temporaryFolder(t), 'control.sock')
  const controlServer = new ControlServer(path, { transport: inner, describe: () => ({ pid: 1 }) })
  await controlServer.start()
  t.after(async () => {
    await controlServer.stop(AbortSignal.abort())
    await server.stop(AbortSignal.abort())
    await Promise.all([transport, inner].map((one) => one.stop(AbortSignal.abort())))
  })
  const client = new ControlTransport(path, { errors: novaErrorCatalogue }).client({ topic: 'test' }, { serializer })
  return { path, controlServer, client }
}

test('objects and integers beyond 2^53 come back as they went', async (t) => {
  const { client } = await control(t, { echo: async (_ctx, { value }) => value })
  const instance = new Instance({ uuid: '2bd9a56c-8b01-4bd0-a4ea-2e1eba3cd9cc', host: 'here' })
  const answer = await client.call<{ instance: Instance; big: bigint }>(ctx, 'echo', { value: { instance, big: 2n ** 70n } })
  assert.equal(answer.big, 2n ** 70n)
  assert.ok(answer.instance instanceof Instance)
  assert.equal(answer.instance.host, 'here')
})

test('the context goes with the request', async (t) => {
  const { client } = await control(t, { whose: async ({ projectId, requestId }) => `${projectId} ${requestId}` })
  assert.equal(await client.call(ctx, 'whose', {}), `project1 ${ctx.requestId}`)
})

test("an error of Nova comes back as that error, and one that is not Nova's with its names", async (t) => {
  const { client } = await control(t, {
    gone: () => Promise.reject(novaError('InstanceNotFound', { instance_id: 'x' })),
    broken: () => Promise.reject(new PythonError('ZeroDivisionError', 'by zero')),
  })
  await assert.rejects(client.call(ctx, 'gone', {}), (err) => isNovaError(err, 'InstanceNotFound') && err.kwargs.instance_id === 'x')
  await assert.rejects(client.call(ctx, 'broken', {}), (err) => err instanceof RemoteError && err.className === 'ZeroDivisionError')
})

test('a call that nobody answers ends with a timeout that tells how long it waited', async (t) => {
  const { client } = await control(t)
  const nobody = client.prepare({ topic: 'nobody', timeoutSeconds: 0.02 })
  await assert.rejects(
    nobody.call(ctx, 'ping', {}),
    (err) => err instanceof MessagingTimeout && err.waitedMs >= 20 && err.method === 'ping',
  )
})

test('a cast is sent on and answers nothing', async (t) => {
  let told: (value: unknown) => void = () => {}
  const got = new Promise((resolve) => {
    told = resolve
  })
  const { client } = await control(t, { tell: async (_ctx, { value }) => told(value) })
  assert.equal(await client.cast(ctx, 'tell', { value: 'news' }), undefined)
  assert.equal(await got, 'news')
})

test('what cannot be sent is refused with the reason', async (t) => {
  const { client } = await control(t)
  await assert.rejects(client.prepare({ topic: 'test', fanout: true }).call(ctx, 'ping', {}), InvalidTarget)
})

test('a request that is too large is refused with the bound, and the next one is answered', async (t) => {
  const { client } = await control(t, { echo: async (_ctx, { value }) => value })
  const value = 'x'.repeat(17 * 1024 * 1024)
  await assert.rejects(
    client.call(ctx, 'echo', { value }),
    (err: Error) => err instanceof InvalidTarget && /larger than 16777216 bytes/.test(err.message),
  )
  assert.equal(await client.call(ctx, 'echo', { value: 'small' }), 'small')
})

function ask(socketPath: string, method: string, path: string, body: string): Promise<{ status: number | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath, method, path }, async (response) => {
      let text = ''
      for await (const chunk of response) text += chunk
      resolve({ status: response.statusCode, text })
    })
    outgoing.on('error', reject).end(body)
  })
}

test('other paths are not found, and what is no request is refused', async (t) => {
  const { path } = await control(t)
  assert.equal((await ask(path, 'GET', '/nonesuch', '')).status, 404)
  assert.equal((await ask(path, 'GET', '/rpc', '')).status, 404)
  for (const body of ['no JSON', 'null', '{}']) {
    const { status, text } = await ask(path, 'POST', '/rpc', body)
    assert.equal(status, 400, body)
    assert.equal(JSON.parse(text).kind, 'refused')
  }
})

test('only the owner may open the socket, and one that a killed cloud has left is replaced', async (t) => {
  const { path } = await control(t)
  assert.equal(statSync(path).mode & 0o777, 0o600)
  const stale = join(temporaryFolder(t), 'control.sock')
  writeFileSync(stale, '')
  const server = new ControlServer(stale, { transport: { client: () => assert.fail() }, describe: () => ({ pid: 2 }) })
  await server.start()
  assert.deepEqual(await new ControlTransport(stale, { errors: novaErrorCatalogue }).describe(), { pid: 2 })
  await server.stop(forever)
})

test('a socket that cannot be made is named', async (t) => {
  const path = join(temporaryFolder(t), 'nonesuch', 'control.sock')
  const server = new ControlServer(path, { transport: { client: () => assert.fail() }, describe: () => null })
  await assert.rejects(server.start(), (err) => err instanceof CloudError && err.message.includes(path))
  await server.stop(forever)
  assert.equal(server.state, 'stopped')
})

const unavailable = (err: unknown) => err instanceof CloudError && err.code === 'control_unavailable'

test('where no cloud listens the socket is named', async (t) => {
  const path = join(temporaryFolder(t), 'control.sock')
  await assert.rejects(new ControlTransport(path, { errors: novaErrorCatalogue }).describe(), unavailable)
})

test('a caller who gives up has the reason of the signal', async (t) => {
  const controller = new AbortController()
  const { client } = await control(t, {
    hang: () => {
      controller.abort(new Error('enough'))
      return new Promise(() => {})
    },
  })
  await assert.rejects(client.call(ctx, 'hang', {}, controller.signal), /enough/)
})

test('a stop waits for the request in work until its deadline, then cuts it off', async (t) => {
  const deadline = new AbortController()
  let begun: () => void = () => {}
  const working = new Promise<void>((resolve) => {
    begun = resolve
  })
  const { client, controlServer } = await control(t, {
    hang: () => {
      begun()
      return new Promise(() => {})
    },
  })
  const calling = assert.rejects(client.call(ctx, 'hang', {}), unavailable)
  await working
  const stopping = controlServer.stop(deadline.signal)
  assert.equal(controlServer.state, 'stopping')
  deadline.abort()
  await stopping
  await calling
  assert.equal(controlServer.state, 'stopped')
})
