// The clients against a server that answers badly, late, or not at all.
import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import { type Clients, type ClientsDeps, isClientError } from '@micronova/clients'
import { type Clock, systemClock, systemRandom } from '@micronova/lifecycle'
import { RecordingLogger } from '@micronova/log'
import { adminContext } from '@micronova/model'
import { FakeClock } from '@micronova/testing'
import { clientsFrom, passwordLines } from '../support/clients-from.js'
import { type Step, scriptedServer, tokenAnswer } from '../support/scripted-server.js'

const ctx = adminContext({ clock: systemClock, random: systemRandom })
const user = { ...ctx, isAdmin: false, authToken: 'users-token', projectId: 'users-project' }

/** Waits are over at once; how long they would have been is noted. */
class HastyClock implements Clock {
  readonly slept: number[] = []
  now = () => systemClock.now()
  monotonicMs = () => systemClock.monotonicMs()
  setTimer: Clock['setTimer'] = (delayMs, fire) => systemClock.setTimer(delayMs, fire)
  async sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    this.slept.push(delayMs)
  }
}

interface Setting {
  readonly steps?: readonly Step[]
  readonly placement?: string
  readonly neutron?: string
  readonly glance?: string
  readonly more?: string
  readonly onToken?: (url: string, count: number) => Step
  readonly deps?: Partial<ClientsDeps>
}

async function setUp(t: TestContext, { steps = [], placement = '', neutron = '', glance = '', more = '', onToken, deps }: Setting) {
  const server = await scriptedServer(t, steps, onToken)
  const clock = new HastyClock()
  const lines = passwordLines(server.url)
  const ini = [`[placement]`, lines, placement, '[neutron]', lines, neutron, '[glance]', glance, '[cinder]', lines, more].join('\n')
  const clients = clientsFrom(ini.replaceAll('$URL', server.url), { clock, ...deps })
  t.after(() => clients.close())
  return { server, clock, clients, ...present(clients) }
}

function present({ placement, neutron }: Clients) {
  assert.ok(placement !== null && neutron !== null)
  return { placement, neutron }
}

const nothing: Step = { status: 200, json: { allocations: {} } }
const reset: Step = (_, socket) => void socket.resetAndDestroy()
/** To a request over a connection that was kept. */
const dropped = reset
const silence: Step = () => {}
const coded = (code: string) => (err: unknown) => isClientError(err) && err.code === code

test('a token is shared by the services and by all who ask at once', async (t) => {
  const { server, placement, neutron } = await setUp(t, { steps: [nothing, nothing, { status: 200, json: { ports: [] } }] })
  await Promise.all([placement.getAllocations(ctx, 'a'), placement.getAllocations(ctx, 'b')])
  await neutron.listPorts(ctx, {})
  assert.equal(server.got.length - server.asked.length, 1)
  assert.deepEqual(new Set(server.asked.map(({ headers }) => headers['x-auth-token'])), new Set(['token-1']))
})

test('a token that is refused is asked for anew, once, and the request is made again', async (t) => {
  const { server, placement } = await setUp(t, { steps: [{ status: 401 }, nothing, { status: 401 }, { status: 401 }] })
  await placement.getAllocations(ctx, 'a')
  assert.deepEqual(
    server.asked.map(({ headers }) => headers['x-auth-token']),
    ['token-1', 'token-2'],
  )
  await assert.rejects(placement.getAllocations(ctx, 'a'), coded('unauthorized'))
  assert.equal(server.asked.length, 4)
})

test('the token of a user cannot be asked for anew', async (t) => {
  const { server, neutron } = await setUp(t, {
    steps: [{ status: 401, text: 'Authentication required' }],
    neutron: 'endpoint_override = $URL',
  })
  await assert.rejects(neutron.listPorts(user, {}), (err) => {
    assert.ok(isClientError(err, 'unauthorized'))
    assert.equal(err.detail, 'Authentication required')
    return true
  })
  assert.deepEqual(
    server.got.map(({ headers }) => headers['x-auth-token']),
    ['users-token'],
  )
})

test('a user without a token has no rights, and an administrator without one has those of the section', async (t) => {
  const { server, neutron, clients } = await setUp(t, { steps: [{ status: 200, json: { ports: [] } }] })
  await assert.rejects(neutron.listPorts({ ...user, authToken: null }, {}), coded('no_credentials'))
  await assert.rejects(clients.glance.showImage(ctx, 'i'), coded('no_credentials'))
  await neutron.listPorts(ctx, {})
  assert.equal(server.asked[0]?.headers['x-auth-token'], 'token-1')
})

test('the address of a service is found in the catalogue of the context', async (t) => {
  const { server, clients } = await setUp(t, { steps: [{ status: 200, json: { id: 'i', status: 'active' } }] })
  const serviceCatalog = [{ type: 'image', name: 'glance', endpoints: [{ publicURL: `${server.url}/v2/`, region: 'RegionOne' }] }]
  await clients.glance.showImage({ ...user, serviceCatalog }, 'i')
  assert.equal(server.asked[0]?.path, '/v2/images/i')
  await assert.rejects(clients.glance.showImage(user, 'i'), coded('no_endpoint'))
})

test('a service token goes with the token of the user where that is wanted, and is renewed when it is refused', async (t) => {
  const server = await scriptedServer(t, [{ status: 401 }, { status: 200, json: { ports: [] } }])
  const lines = passwordLines(server.url)
  const own = passwordLines(server.url, 'service')
  const ini = `[neutron]\n${lines}\nendpoint_override = ${server.url}\n[service_user]\nsend_service_user_token = true\n${own}\n`
  const clients = clientsFrom(ini)
  t.after(() => clients.close())
  await clients.neutron?.listPorts(user, {})
  const tokens = server.asked.map(({ headers }) => [headers['x-auth-token'], headers['x-service-token']])
  assert.deepEqual(tokens, [
    ['users-token', 'token-1'],
    ['users-token', 'token-2'],
  ])
})

test('a token is renewed two minutes before it ends', async (t) => {
  const clock = new FakeClock()
  const onToken = (url: string, count: number) => tokenAnswer(url, count, 600)
  const { server, placement } = await setUp(t, { steps: [nothing, nothing, nothing], onToken, deps: { clock } })
  await placement.getAllocations(ctx, 'a')
  await clock.advance(479_000)
  await placement.getAllocations(ctx, 'a')
  await clock.advance(1_000)
  await placement.getAllocations(ctx, 'a')
  assert.deepEqual(
    server.asked.map(({ headers }) => headers['x-auth-token']),
    ['token-1', 'token-1', 'token-2'],
  )
})

test('503 is tried again as often as status_code_retries says, after waits that grow', async (t) => {
  const busy: Step = { status: 503, text: 'busy' }
  const { server, clock, placement } = await setUp(t, {
    steps: [busy, busy, nothing, busy, busy, busy],
    placement: 'status_code_retries = 2',
  })
  await placement.getAllocations(ctx, 'a')
  assert.deepEqual(clock.slept, [500, 1000])
  await assert.rejects(placement.getAllocations(ctx, 'a'), (err) => isClientError(err, 'server_error') && err.status === 503)
  assert.equal(server.asked.length, 6)
})

test('503 is told at once where no retries are configured', async (t) => {
  const { clock, placement } = await setUp(t, { steps: [{ status: 503 }] })
  await assert.rejects(placement.getAllocations(ctx, 'a'), (err) => isClientError(err, 'server_error') && err.status === 503)
  assert.deepEqual(clock.slept, [])
})

test('a connection that breaks is tried again, with the configured wait', async (t) => {
  const { server, clock, placement } = await setUp(t, {
    steps: [dropped, reset, reset, nothing],
    placement: 'connect_retries = 2\nconnect_retry_delay = 0.25',
  })
  await placement.getAllocations(ctx, 'a')
  assert.deepEqual([clock.slept, server.asked.length], [[250, 250], 4])
})

test('a kept connection that the service has given up is replaced at once', async (t) => {
  const { server, clock, placement } = await setUp(t, { steps: [dropped, nothing, nothing, dropped, reset] })
  await placement.getAllocations(ctx, 'a')
  await placement.getAllocations(ctx, 'a')
  await assert.rejects(placement.getAllocations(ctx, 'a'), coded('unreachable'))
  assert.deepEqual([clock.slept, server.asked.length], [[], 5])
})

test('what is not HTTP is a bad response', async (t) => {
  const garbage: Step = (_, socket) => void socket.end('220 mail.example ESMTP\r\n')
  const { placement } = await setUp(t, { steps: [garbage], placement: 'connect_retries = 2' })
  await assert.rejects(placement.getAllocations(ctx, 'a'), coded('bad_response'))
})

test('what was perhaps carried out is not done twice: a POST whose connection broke fails', async (t) => {
  const { server, neutron } = await setUp(t, { steps: [reset, reset] })
  await assert.rejects(neutron.createPort(ctx, { network_id: 'n' }), coded('unreachable'))
  assert.equal(server.asked.length, 1)
})

test('nobody listens: every request is tried again, a POST too, and then it is unreachable', async (t) => {
  const free = createServer()
  const port = await new Promise<number>((resolve) => free.listen(0, '127.0.0.1', () => resolve((free.address() as { port: number }).port)))
  await new Promise((resolve) => free.close(resolve))
  const { clock, neutron } = await setUp(t, { neutron: `endpoint_override = http://127.0.0.1:${port}` })
  await assert.rejects(neutron.createPort(ctx, { network_id: 'n' }), (err) => {
    assert.ok(isClientError(err, 'unreachable'))
    assert.deepEqual([err.service, err.method, err.path, err.status], ['network', 'POST', '/v2.0/ports', null])
    return true
  })
  assert.deepEqual(clock.slept, [500, 1000, 2000])
})

test('an answer that does not come in time ends the request', async (t) => {
  const clock = new FakeClock()
  const { server, placement } = await setUp(t, { steps: [silence], placement: 'timeout = 7', deps: { clock } })
  const call = placement.putAllocations(ctx, 'a', { allocations: {}, project_id: 'p', user_id: 'u', consumer_generation: 1 })
  const refused = assert.rejects(call, (err) => {
    assert.ok(isClientError(err, 'timeout'))
    assert.equal(err.message, 'no answer from placement for PUT /allocations/a within 7000 ms')
    return true
  })
  await until(() => server.asked.length === 1)
  await clock.advance(7_000)
  await refused
})

test('an answer that stops in its middle ends in time too', async (t) => {
  const clock = new FakeClock()
  let begun = false
  const half: Step = (response) => {
    response.writeHead(200, { 'Content-Length': '100' }).write('{"allocations":')
    begun = true
  }
  const { placement } = await setUp(t, { steps: [half], placement: 'timeout = 7', deps: { clock } })
  const refused = assert.rejects(placement.getAllocations(ctx, 'a'), coded('timeout'))
  await until(() => begun)
  await clock.advance(7_000)
  await refused
})

test('an answer that is cut off is unreachable, and not taken for whole', async (t) => {
  const cut: Step = (response, socket) => {
    response.writeHead(200, { 'Content-Length': '100' }).write('{"allocations": {}}', () => socket.destroy())
  }
  const { placement } = await setUp(t, { steps: [cut] })
  await assert.rejects(placement.getAllocations(ctx, 'a'), coded('unreachable'))
})

test('the signal of a call ends it with its reason, also while it waits for a retry', async (t) => {
  const clock = new FakeClock()
  const { server, placement } = await setUp(t, { steps: [reset], placement: 'connect_retries = 9', deps: { clock } })
  const stop = new AbortController()
  const refused = assert.rejects(placement.getAllocations(ctx, 'a', { signal: stop.signal }), /the service stops/)
  await until(() => server.asked.length === 1 && clock.pendingTimers === 1)
  stop.abort(new Error('the service stops'))
  await refused
})

test('broken JSON, a list for an object, an object without its fields: a bad response', async (t) => {
  const bodies = ['{"allocations": {', '[]', '"text"', 'null', '', '{}', '{"allocations": []}', '<html>']
  const { server, placement } = await setUp(t, { steps: bodies.map((text) => ({ status: 200, text })) })
  for (const _ of bodies) await assert.rejects(placement.getAllocations(ctx, 'a'), coded('bad_response'))
  assert.equal(server.asked.length, bodies.length)
})

test('an answer without end is not read into memory', async (t) => {
  let closed = () => {}
  const gone = new Promise<void>((resolve) => {
    closed = resolve
  })
  const flood: Step = (response) => {
    response.on('close', closed)
    response.writeHead(200)
    const piece = Buffer.alloc(1_048_576, ' ')
    const pour = () => {
      while (!response.destroyed && response.write(piece));
      if (!response.destroyed) response.once('drain', pour)
    }
    pour()
  }
  const { placement } = await setUp(t, { steps: [flood] })
  await assert.rejects(placement.getAllocations(ctx, 'a'), coded('too_large'))
  await gone
})

test('a refusal says what the service said, and where to look it up', async (t) => {
  const headers = { 'x-openstack-request-id': 'req-1' }
  const { placement, neutron } = await setUp(t, {
    steps: [
      { status: 409, headers, json: { errors: [{ status: 409, detail: 'generation\n conflict  ', code: 'placement.concurrent_update' }] } },
      { status: 409, json: { NeutronError: { type: 'OverQuota', message: "Quota exceeded for resources: ['port'].", detail: '' } } },
      { status: 404, json: { NeutronError: { type: 'PortNotFound', message: 'Port p could not be found.', detail: '' } } },
      { status: 418, text: '<html><head><title>418</title></head><body><h1>No</h1>\n coffee </body></html>' },
    ],
  })
  await assert.rejects(placement.deleteInventories(ctx, 'rp'), (err) => {
    assert.ok(isClientError(err, 'conflict'))
    const { serviceCode, detail, responseRequestId, status, path } = err
    assert.deepEqual(
      { serviceCode, detail, responseRequestId, status, path },
      {
        serviceCode: 'placement.concurrent_update',
        detail: 'generation conflict',
        responseRequestId: 'req-1',
        status: 409,
        path: '/resource_providers/rp/inventories',
      },
    )
    return true
  })
  await assert.rejects(neutron.createPort(ctx, {}), (err) => isClientError(err, 'over_quota') && err.serviceCode === 'OverQuota')
  await assert.rejects(neutron.showPort(ctx, 'p'), (err) => isClientError(err, 'not_found') && err.serviceCode === 'PortNotFound')
  await assert.rejects(neutron.showPort(ctx, 'p'), (err) => isClientError(err, 'rejected') && err.detail === 'No coffee')
})

test('a redirection on the same host keeps method and body; to another host the token is not taken', async (t) => {
  const { server, placement } = await setUp(t, {
    steps: [
      { status: 301, headers: { Location: '/moved/allocations/a' } },
      { status: 204 },
      { status: 302, headers: { Location: 'http://somewhere.invalid/' } },
      ...Array.from({ length: 6 }, () => ({ status: 308, headers: { Location: '/again' } })),
    ],
  })
  const body = { allocations: {}, project_id: 'p', user_id: 'u', consumer_generation: 1 }
  await placement.putAllocations(ctx, 'a', body)
  assert.deepEqual(
    server.asked.map(({ method, path, body }) => [method, path, JSON.parse(body)]),
    [
      ['PUT', '/allocations/a', body],
      ['PUT', '/moved/allocations/a', body],
    ],
  )
  await assert.rejects(placement.getAllocations(ctx, 'a'), (err) => isClientError(err, 'rejected') && /another host/.test(err.message))
  await assert.rejects(placement.getAllocations(ctx, 'a'), (err) => isClientError(err, 'rejected') && /more than 5/.test(err.message))
})

test('Keystone is tried again; what it refuses is told', async (t) => {
  const answers: Step[] = [reset, { status: 503 }]
  const onToken = (url: string, count: number) => answers[count - 1] ?? tokenAnswer(url, count)
  const { server, placement } = await setUp(t, { steps: [nothing], onToken })
  await placement.getAllocations(ctx, 'a')
  assert.equal(server.asked[0]?.headers['x-auth-token'], 'token-3')

  const refusing = await setUp(t, {
    onToken: () => ({ status: 401, json: { error: { code: 401, message: 'The request you have made requires authentication.' } } }),
  })
  await assert.rejects(refusing.placement.getAllocations(ctx, 'a'), (err) => {
    assert.ok(isClientError(err, 'unauthorized'))
    assert.deepEqual([err.service, err.path], ['identity', '/v3/auth/tokens'])
    assert.match(err.message, /requires authentication/)
    return true
  })
})

test('an answer of Keystone without a token is a bad response', async (t) => {
  const answers: Step[] = [
    { status: 201, json: { token: {} } },
    { status: 201, headers: { 'X-Subject-Token': 'x' }, text: 'no json' },
    { status: 201, headers: { 'X-Subject-Token': 'x' }, json: { token: { issued_at: 'soon', expires_at: 'later' } } },
  ]
  const { placement } = await setUp(t, { onToken: (_, count) => answers[count - 1] ?? { status: 500 } })
  for (const _ of answers) await assert.rejects(placement.getAllocations(ctx, 'a'), coded('bad_response'))
  await assert.rejects(placement.getAllocations(ctx, 'a'), coded('server_error'))
})

test('no secret is in the log or in an error', async (t) => {
  const log = new RecordingLogger('keystoneauth')
  const volume = { status: 200, json: { attachment: { id: 'a', connection_info: { auth_password: 'chap-secret' } } } }
  const versions = { status: 200, json: { versions: [{ id: 'v3.0', version: '3.70' }] } }
  const server = await scriptedServer(t, [versions, volume, { status: 500, json: { computeFault: { message: "{'password': 'leaked'}" } } }])
  const lines = passwordLines(server.url, 'cinder', 'hunter2')
  const clients = clientsFrom(`[cinder]\n${lines}\nendpoint_template = ${server.url}/v3/%(project_id)s\n`, { log })
  t.after(() => clients.close())
  await clients.cinder.createAttachment(ctx, { volumeId: 'v', instanceUuid: 'i' })
  const failure = await clients.cinder.getVolume(ctx, 'v').catch((err: unknown) => err)
  const told = `${log.messages().join('\n')}\n${failure}\n${JSON.stringify(failure)}`
  assert.match(told, /REQ: curl -g -i -X POST .*\/v3\/project-1\/attachments .*-H "X-Auth-Token: \{SHA256\}[0-9a-f]{64}"/)
  assert.match(told, /RESP BODY: .*connection_info/)
  assert.doesNotMatch(told, /hunter2|token-1|chap-secret|leaked/)
})

test('with split_loggers the parts of an exchange have names of their own', async (t) => {
  const log = new RecordingLogger('keystoneauth')
  const { placement } = await setUp(t, { steps: [nothing], placement: 'split_loggers = true', deps: { log } })
  await placement.getAllocations(ctx, 'a')
  const names = new Set(log.lines.filter(({ message }) => !/auth\/tokens/.test(message)).map(({ name }) => name))
  assert.deepEqual([...names].filter((name) => /body|request$/.test(name)).sort(), [
    'keystoneauth.session.body',
    'keystoneauth.session.request',
  ])
})

test('Glance is asked at its addresses in turn until one answers', async (t) => {
  const first = await scriptedServer(t, [{ status: 503 }, { status: 503 }])
  const second = await scriptedServer(t, [{ status: 200, json: { id: 'i', status: 'active' } }])
  const clock = new HastyClock()
  const random = { ...systemRandom, next: () => 0 }
  const clients = clientsFrom(`[glance]\napi_servers = ${first.url},${second.url}/v2\n`, { clock, random })
  t.after(() => clients.close())
  assert.equal((await clients.glance.showImage(user, 'i')).id, 'i')
  assert.deepEqual([first.got.length, second.got.length, clock.slept], [1, 1, [1000]])
})

test('image data that ends early or is not what its checksum says is refused', async (t) => {
  const cut: Step = (response, socket) => {
    response.writeHead(200, { 'Content-Length': '100' }).write('half', () => socket.destroy())
  }
  const wrong: Step = { status: 200, headers: { 'Content-MD5': 'd41d8cd98f00b204e9800998ecf8427e' }, text: 'data' }
  const { clients } = await setUp(t, { steps: [cut, wrong, { status: 204 }], glance: 'endpoint_override = $URL' })
  const read = async () => {
    for await (const _ of (await clients.glance.downloadImage(user, 'i')) ?? []);
  }
  await assert.rejects(read(), coded('unreachable'))
  await assert.rejects(read(), coded('bad_response'))
  assert.equal(await clients.glance.downloadImage(user, 'i'), null)
})

test('image data is not read ahead of its reader, and a reader that leaves ends the request', async (t) => {
  let written = 0
  let closed = () => {}
  const gone = new Promise<void>((resolve) => {
    closed = resolve
  })
  const endless: Step = (response) => {
    response.on('close', closed)
    const piece = Buffer.alloc(1_048_576)
    const pour = () => {
      if (response.destroyed) return
      written += piece.length
      if (response.write(piece)) pour()
      else response.once('drain', pour)
    }
    pour()
  }
  const { clients } = await setUp(t, { steps: [endless], glance: 'endpoint_override = $URL' })
  let read = 0
  for await (const piece of (await clients.glance.downloadImage(user, 'i')) ?? []) {
    read += piece.length
    if (read > 4 * 1_048_576) break
  }
  await gone
  assert.ok(written < 64 * 1_048_576, `${written} bytes were sent`)
})

test('image data that stops coming ends the download, and the signal of the call does as well', async (t) => {
  const clock = new FakeClock()
  const some: Step = (response) => void response.writeHead(200, { 'Content-Length': '100' }).write('some')
  const { clients } = await setUp(t, { steps: [some, some], glance: 'endpoint_override = $URL', deps: { clock } })
  const begin = async (signal?: AbortSignal) => {
    const data = await clients.glance.downloadImage(user, 'i', signal === undefined ? {} : { signal })
    assert.ok(data !== null)
    const iterator = data[Symbol.asyncIterator]()
    assert.equal((await iterator.next()).value?.length, 4)
    return iterator.next()
  }
  const stopped = begin()
  const refused = assert.rejects(stopped, coded('timeout'))
  await until(() => clock.pendingTimers === 1)
  await new Promise((resolve) => setImmediate(resolve))
  await clock.advance(300_000)
  await refused

  const stop = new AbortController()
  const aborted = assert.rejects(begin(stop.signal), /the service stops/)
  await until(() => clock.pendingTimers === 1)
  await new Promise((resolve) => setImmediate(resolve))
  stop.abort(new Error('the service stops'))
  await aborted
})

test('data that was sent is not sent again', async (t) => {
  const { server, clients } = await setUp(t, { steps: [reset, { status: 204 }], glance: 'endpoint_override = $URL' })
  const data = async function* () {
    yield Buffer.from('data')
  }
  await assert.rejects(clients.glance.uploadImage(user, 'i', data()), coded('unreachable'))
  assert.equal(server.asked.length, 1)
})

test('source data that fails ends the upload with its own error', async (t) => {
  const { clients } = await setUp(t, { glance: 'endpoint_override = $URL' })
  const data = async function* () {
    yield Buffer.from('data')
    throw new Error('the disk is gone')
  }
  await assert.rejects(clients.glance.uploadImage(user, 'i', data()), /the disk is gone/)
})

test('a list of ports comes page after page, and a long one in several requests', async (t) => {
  const page = (id: string, next?: string): Step => ({
    status: 200,
    json: { ports: [{ id }], ...(next && { ports_links: [{ rel: 'next', href: `http://elsewhere:9696/v2.0/ports?${next}` }] }) },
  })
  const { server, neutron } = await setUp(t, { steps: [page('1', 'limit=1&marker=1'), page('2'), page('3'), page('4')] })
  assert.deepEqual(
    (await neutron.listPorts(ctx, { limit: '1' })).map(({ id }) => id),
    ['1', '2'],
  )
  assert.equal(server.asked[1]?.path, '/v2.0/ports?limit=1&marker=1')
  const ids = Array.from({ length: 300 }, (_, index) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`)
  assert.equal((await neutron.listPorts(ctx, { id: ids, status: 'ACTIVE' })).length, 2)
  const asked = server.asked.slice(2).flatMap(({ path }) => new URL(path, 'http://any').searchParams.getAll('id'))
  assert.deepEqual(asked, ids)
})

test('the extensions of Neutron are asked for once for a while, by however many', async (t) => {
  const clock = new FakeClock()
  const answer = (alias: string): Step => ({ status: 200, json: { extensions: [{ alias }] } })
  const { server, neutron } = await setUp(t, { steps: [{ status: 500 }, answer('binding'), answer('router')], deps: { clock } })
  await assert.rejects(neutron.extensions(ctx), coded('server_error'))
  const both = await Promise.all([neutron.extensions(ctx), neutron.extensions(user, { auth: 'admin' })])
  assert.deepEqual(both, [new Set(['binding']), new Set(['binding'])])
  await clock.advance(599_999)
  await neutron.extensions(ctx)
  assert.equal(server.asked.length, 2)
  await clock.advance(1)
  assert.deepEqual(await neutron.extensions(ctx), new Set(['router']))
})

test('Cinder tells its version once; one that is too old has no attachments', async (t) => {
  const { server, clients } = await setUp(t, {
    steps: [
      { status: 404, json: {} },
      { status: 300, json: { versions: [{ id: 'v3.0', version: '3.43' }] } },
    ],
    more: 'endpoint_template = $URL/volume/v3/%(project_id)s',
  })
  await assert.rejects(clients.cinder.isMicroversionSupported(ctx, '3.44'), coded('not_found'))
  assert.equal(await clients.cinder.isMicroversionSupported(ctx, '3.43'), true)
  await assert.rejects(clients.cinder.createAttachment(ctx, { volumeId: 'v', instanceUuid: 'i' }), coded('unsupported_version'))
  assert.deepEqual(
    server.asked.map(({ path }) => path),
    ['/volume/', '/volume/'],
  )
})

test('an attachment is deleted in spite of a backend that is busy for a while', async (t) => {
  const busy: Step = { status: 500 }
  const { server, clients } = await setUp(t, {
    steps: [busy, busy, { status: 200, json: {} }, busy, busy, busy, busy, busy],
    more: 'endpoint_template = $URL/v3/%(project_id)s',
  })
  await clients.cinder.deleteAttachment(ctx, 'a')
  await assert.rejects(clients.cinder.deleteAttachment(ctx, 'a'), coded('server_error'))
  assert.equal(server.asked.length, 8)
  assert.equal(server.asked[0]?.headers['openstack-api-version'], 'volume 3.44')
})

test('clients that were closed are unreachable', async (t) => {
  const { clients, placement } = await setUp(t, { steps: [nothing] })
  await placement.getAllocations(ctx, 'a')
  await clients.close()
  await clients.close()
  await assert.rejects(placement.getAllocations(ctx, 'a'), coded('unreachable'))
})

/** Lets the event loop turn until `condition` holds. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}
