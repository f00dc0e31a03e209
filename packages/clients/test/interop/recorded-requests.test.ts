// Each request that Nova's services made in the recordings is made by our clients, and is the same.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type Clients, isClientError, type NewGlanceImage, type PortBody } from '@micronova/clients'
import { systemClock, systemRandom } from '@micronova/lifecycle'
import { adminContext, type RequestContext } from '@micronova/model'
import { readFixtureLines, restRecordings } from '@micronova/testing'
import { clientsFrom, passwordLines } from '../support/clients-from.js'
import { type Answer, type Received, ReplayTransport } from '../support/replay-transport.js'

interface Exchange {
  readonly seq: number
  readonly service: 'keystone' | 'placement' | 'glance' | 'neutron'
  readonly method: string
  readonly path: string
  readonly request_headers: Readonly<Record<string, string>>
  readonly request_body: unknown
  readonly status: number
  readonly response_headers: Readonly<Record<string, string>>
  readonly response_body: unknown
}

const exchangesOf = (name: string) => readFixtureLines(`rest/${name}.jsonl`).map((line) => JSON.parse(line) as Exchange)
const tokenExchange = exchangesOf('01-compute-startup').find(({ path }) => path === '/v3/auth/tokens')

/** Asked by the Python clients for reasons of their own: versions by keystoneauth, the schema of images by glanceclient. */
const notAsked = /^(keystone GET |keystone POST |glance GET \/v2\/schemas\/)/

type Perform = (clients: Clients, ctx: RequestContext, exchange: Exchange, match: readonly string[]) => Promise<unknown>

/** A body as it was recorded. */
function bodyOf<T>(exchange: Exchange): T {
  return exchange.request_body as T
}

const admin = { auth: 'admin' } as const

function placement(clients: Clients) {
  assert.ok(clients.placement !== null)
  return clients.placement
}

function neutron(clients: Clients) {
  assert.ok(clients.neutron !== null)
  return clients.neutron
}

/** Filters and fields of a recorded list. */
function listArguments(path: string) {
  const filters: Record<string, string | boolean | string[]> = {}
  const fields: string[] = []
  for (const [name, value] of new URL(path, 'http://any').searchParams) {
    const before = filters[name]
    if (name === 'fields') fields.push(value)
    else if (value === 'True' || value === 'False') filters[name] = value === 'True'
    else filters[name] = before === undefined ? value : [before, value].flat().map(String)
  }
  return { filters, options: { ...admin, ...(fields.length > 0 && { fields }) } }
}

const microversion = ({ request_headers: headers }: Exchange) => headers['OpenStack-API-Version']?.replace('placement ', '') ?? ''

/** Requests by service, method and path, and the call that makes them. */
const calls: readonly (readonly [RegExp, Perform])[] = [
  [/^placement GET \/$/, (c) => placement(c).maxMicroversion()],
  [
    /^placement GET \/resource_providers\?(.*)$/,
    (c, ctx, _, [query]) => placement(c).listResourceProviders(ctx, Object.fromEntries(new URLSearchParams(query))),
  ],
  [/^placement POST \/resource_providers$/, (c, ctx, e) => placement(c).createResourceProvider(ctx, bodyOf(e))],
  [/^placement DELETE \/resource_providers\/([^/]+)$/, (c, ctx, _, [id = '']) => placement(c).deleteResourceProvider(ctx, id)],
  [/^placement GET \/resource_providers\/(.+)\/inventories$/, (c, ctx, _, [id = '']) => placement(c).getInventories(ctx, id)],
  [/^placement PUT \/resource_providers\/(.+)\/inventories$/, (c, ctx, e, [id = '']) => placement(c).putInventories(ctx, id, bodyOf(e))],
  [/^placement GET \/resource_providers\/(.+)\/aggregates$/, (c, ctx, _, [id = '']) => placement(c).getAggregates(ctx, id)],
  [/^placement GET \/resource_providers\/(.+)\/traits$/, (c, ctx, _, [id = '']) => placement(c).getProviderTraits(ctx, id)],
  [/^placement PUT \/resource_providers\/(.+)\/traits$/, (c, ctx, e, [id = '']) => placement(c).putProviderTraits(ctx, id, bodyOf(e))],
  [/^placement GET \/resource_providers\/(.+)\/allocations$/, (c, ctx, _, [id = '']) => placement(c).getProviderAllocations(ctx, id)],
  [/^placement GET \/traits\?name=in:(.*)$/, (c, ctx, _, [names = '']) => placement(c).listTraits(ctx, names.split(','))],
  [/^placement GET \/allocations\/(.+)$/, (c, ctx, _, [id = '']) => placement(c).getAllocations(ctx, id)],
  [
    /^placement PUT \/allocations\/(.+)$/,
    (c, ctx, e, [id = '']) => placement(c).putAllocations(ctx, id, bodyOf(e), { microversion: microversion(e) }),
  ],
  [/^placement POST \/allocations$/, (c, ctx, e) => placement(c).postAllocations(ctx, bodyOf(e))],
  [/^placement DELETE \/allocations\/(.+)$/, (c, ctx, _, [id = '']) => placement(c).deleteAllocations(ctx, id)],
  [
    /^placement GET \/allocation_candidates\?(.*)$/,
    (c, ctx, _, [query]) => placement(c).getAllocationCandidates(ctx, [...new URLSearchParams(query)]),
  ],
  [/^neutron GET \/v2.0\/extensions$/, (c, ctx) => neutron(c).extensions(ctx, admin)],
  [/^neutron GET \/v2.0\/quotas\/(.+)$/, (c, ctx, _, [id = '']) => neutron(c).showQuota(ctx, id, admin)],
  [/^neutron POST \/v2.0\/ports$/, (c, ctx, e) => neutron(c).createPort(ctx, bodyOf<{ port: PortBody }>(e).port, admin)],
  [
    /^neutron PUT \/v2.0\/ports\/([^/]+)$/,
    (c, ctx, e, [id = '']) => neutron(c).updatePort(ctx, id, bodyOf<{ port: PortBody }>(e).port, admin),
  ],
  [/^neutron DELETE \/v2.0\/ports\/([^/]+)$/, (c, ctx, _, [id = '']) => neutron(c).deletePort(ctx, id, admin)],
  [
    /^neutron POST \/v2.0\/ports\/(.+)\/bindings$/,
    (c, ctx, e, [id = '']) => neutron(c).createPortBinding(ctx, id, bodyOf<{ binding: { host: string } }>(e).binding, admin),
  ],
  [
    /^neutron GET \/v2.0\/ports\/(.+)\/bindings\/(.+)$/,
    (c, ctx, _, [id = '', host = '']) => neutron(c).showPortBinding(ctx, id, host, admin),
  ],
  [
    /^neutron PUT \/v2.0\/ports\/(.+)\/bindings\/(.+)\/activate$/,
    (c, ctx, _, [id = '', host = '']) => neutron(c).activatePortBinding(ctx, id, host, admin),
  ],
  [
    /^neutron DELETE \/v2.0\/ports\/(.+)\/bindings\/(.+)$/,
    (c, ctx, _, [id = '', host = '']) => neutron(c).deletePortBinding(ctx, id, host, admin),
  ],
  [
    /^neutron GET \/v2.0\/(networks|ports)\/([^/?]+)/,
    (c, ctx, { path }, [kind, id = '']) =>
      kind === 'ports'
        ? neutron(c).showPort(ctx, id, listArguments(path).options)
        : neutron(c).showNetwork(ctx, id, listArguments(path).options),
  ],
  [
    /^neutron GET \/v2.0\/(ports|networks|subnets|floatingips|security-groups)\?/,
    (c, ctx, { path }, [kind]) => {
      const { filters, options } = listArguments(path)
      if (kind === 'ports') return neutron(c).listPorts(ctx, filters, options)
      if (kind === 'networks') return neutron(c).listNetworks(ctx, filters, options)
      if (kind === 'subnets') return neutron(c).listSubnets(ctx, filters, options)
      return kind === 'floatingips'
        ? neutron(c).listFloatingIps(ctx, filters, options)
        : neutron(c).listSecurityGroups(ctx, filters, options)
    },
  ],
  [/^glance GET \/v2\/images\/([^/]+)$/, (c, ctx, _, [id = '']) => c.glance.showImage(ctx, id)],
  [/^glance POST \/v2\/images$/, (c, ctx, e) => c.glance.createImage(ctx, bodyOf<NewGlanceImage>(e))],
  [/^glance PATCH \/v2\/images\/(.+)$/, (c, ctx, e, [id = '']) => c.glance.updateImage(ctx, id, bodyOf(e))],
  [/^glance DELETE \/v2\/images\/(.+)$/, (c, ctx, _, [id = '']) => c.glance.deleteImage(ctx, id)],
  [
    /^glance GET \/v2\/images\/(.+)\/file$/,
    async (c, ctx, _, [id = '']) => {
      for await (const _ of (await c.glance.downloadImage(ctx, id)) ?? []);
    },
  ],
  [
    /^glance PUT \/v2\/images\/(.+)\/file$/,
    (c, ctx, e, [id = '']) =>
      c.glance.uploadImage(
        ctx,
        id,
        (async function* () {
          yield Buffer.alloc(bodyOf<{ length: number }>(e).length)
        })(),
      ),
  ],
]

function answerOf({ status, response_headers: headers, response_body: body }: Exchange): Answer {
  const { 'Content-MD5': _, ...rest } = headers
  if (body === null) return { status, headers: rest, body: '' }
  const held = body as { length?: number; text?: string }
  if (typeof held.text === 'string') return { status, headers: rest, body: held.text }
  if (typeof held.length === 'number' && Object.keys(held).length === 1) return { status, headers: rest, body: Buffer.alloc(held.length) }
  return { status, headers: rest, body: JSON.stringify(body) }
}

/** Headers that the service reads. Those of a body only where there is one; python-glanceclient sends a type without. */
function headersThatMatter(headers: Readonly<Record<string, string>>, hasBody: boolean) {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])
  const wanted = new Set(['accept', 'openstack-api-version', 'x-openstack-request-id', ...(hasBody ? ['content-type'] : [])])
  return Object.fromEntries(entries.filter(([name]) => wanted.has(name ?? '')))
}

function assertSame(request: Received, exchange: Exchange): void {
  assert.deepEqual([request.method, request.path], [exchange.method, exchange.path])
  const hasBody = exchange.request_body !== null
  assert.deepEqual(headersThatMatter(request.headers, hasBody), headersThatMatter(exchange.request_headers, hasBody))
  const requestId = Object.keys(exchange.request_headers).find((name) => name.toLowerCase() === 'x-openstack-request-id')
  assert.ok(requestId === undefined || requestId in request.headers, `the header is written ${requestId}`)
  if (request.data === null) assert.deepEqual(request.body === null ? null : JSON.parse(request.body), exchange.request_body)
  else assert.deepEqual({ length: request.data.length }, exchange.request_body)
  if (exchange.request_headers['X-Auth-Token'] !== undefined) assert.ok(request.headers['X-Auth-Token'])
}

async function replay(t: TestContext, exchange: Exchange): Promise<void> {
  const name = `${exchange.service} ${exchange.method} ${exchange.path}`
  const [found] = calls.flatMap(([pattern, perform]) => {
    const match = pattern.exec(name)
    return match === null ? [] : [{ perform, match: match.slice(1) }]
  })
  assert.ok(found !== undefined, `no call makes ${name}`)
  const transport = new ReplayTransport(({ path }) => {
    assert.ok(tokenExchange !== undefined)
    return answerOf(path === '/v3/auth/tokens' ? tokenExchange : exchange)
  })
  const lines = passwordLines('http://keystone:5000', 'placement')
  const sections = [`[placement]`, lines, '[neutron]', lines, '[glance]', 'api_servers = http://glance:9292/v2'].join('\n')
  const clients = clientsFrom(sections, { createTransport: () => transport })
  t.after(() => clients.close())
  const requestId = exchange.request_headers['X-OpenStack-Request-ID'] ?? exchange.request_headers['X-Openstack-Request-Id']
  const ctx = {
    ...adminContext({ clock: systemClock, random: systemRandom }),
    authToken: 'users',
    ...(requestId !== undefined && { requestId }),
  }
  const call = found.perform(clients, ctx, exchange, found.match)
  if (exchange.status < 400) await call
  else await assert.rejects(call, (err) => isClientError(err) && err.status === exchange.status)
  const requests = transport.received.filter(({ path }) => path !== '/v3/auth/tokens')
  assert.equal(requests.length, 1)
  assert.ok(requests[0] !== undefined)
  assertSame(requests[0], exchange)
}

for (const recording of restRecordings) {
  test(`our requests are those of Nova in ${recording}`, async (t) => {
    let compared = 0
    for (const exchange of exchangesOf(recording)) {
      if (notAsked.test(`${exchange.service} ${exchange.method} ${exchange.path}`)) continue
      await replay(t, exchange)
      compared += 1
    }
    assert.ok(compared > 0)
  })
}

test('a token is asked for with the body that keystoneauth sends', async () => {
  assert.ok(tokenExchange !== undefined)
  const tokens: Received[] = []
  const transport = new ReplayTransport((request) => {
    if (request.path === '/v3/auth/tokens' && tokenExchange !== undefined) {
      tokens.push(request)
      return answerOf(tokenExchange)
    }
    return { status: 200, headers: {}, body: '{"allocations": {}}' }
  })
  const lines = passwordLines('http://127.0.0.1:5000', 'placement', 'REDACTED')
  const clients = clientsFrom(`[placement]\n${lines}\n`, { createTransport: () => transport })
  await clients.placement?.getAllocations(adminContext({ clock: systemClock, random: systemRandom }), 'consumer')
  assert.deepEqual(JSON.parse(tokens[0]?.body ?? ''), tokenExchange.request_body)
  assert.equal(transport.received[1]?.url, 'http://127.0.0.1:8778/allocations/consumer')
})
