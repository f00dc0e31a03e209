// What the checks of micronova doctor find at real brokers and databases, and at peers that are not well.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { clientsOptions, clientsSettings, createServiceProbes, type ServiceProbe } from '@micronova/clients'
import { memorySources, parseConfig } from '@micronova/config'
import { migrate, openDatabase } from '@micronova/db'
import type { Clock } from '@micronova/lifecycle'
import { defaultRabbitOptions } from '@micronova/messaging'
import { FakeClock, needs, temporaryFolder } from '@micronova/testing'
import { connect } from 'amqplib'
import { sql } from 'kysely'
import type { Check, Finding } from '../../src/micronova/doctor/check.js'
import { broker } from '../../src/micronova/doctor/checks/broker.js'
import { database } from '../../src/micronova/doctor/checks/database.js'
import { restService } from '../../src/micronova/doctor/checks/rest-service.js'
import { runChecks } from '../../src/micronova/doctor/run-checks.js'
import { Cleanups } from '../e2e/support/cleanups.js'
import { createDatabase, createVirtualHost, rabbitmqctl, servicesSkip, systemDeps } from '../e2e/support/services.js'

const rabbitmq = await needs('rabbitmq')
const mariadb = await needs('mariadb')
const postgresql = await needs('postgresql')

/** Far longer than any of it takes. */
const limitMs = 60_000

async function findingOf(check: Check, clock: Clock = systemDeps.clock): Promise<Finding> {
  const [result] = await runChecks([check], clock, { limitMs })
  assert.ok(result !== undefined)
  return result
}

/** A server that takes connections and says nothing. `taken` resolves with the first. */
async function silentServer(t: TestContext): Promise<{ readonly port: number; readonly taken: Promise<void> }> {
  const sockets = new Set<Socket>()
  let take: () => void = () => {}
  const taken = new Promise<void>((resolve) => {
    take = resolve
  })
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}))
    take()
  })
  await listen(server)
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { port: portOf(server), taken }
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

/** A port at which nothing listens. */
async function closedPort(): Promise<number> {
  const server = createServer()
  await listen(server)
  const port = portOf(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** The check against a server that never answers, its time used up as soon as that has the connection. */
async function neverAnswered(check: (port: number, clock: Clock) => Check, t: TestContext): Promise<Finding> {
  const { port, taken } = await silentServer(t)
  const clock = new FakeClock()
  const running = findingOf(check(port, clock), clock)
  await taken
  await clock.advance(limitMs)
  return running
}

const transportUrl = (amqpUrl: string) => amqpUrl.replace('amqp:', 'rabbit:')

/** Everything in a virtual host that somebody has made. */
async function contentOf(vhost: string): Promise<string[]> {
  const [queues, exchanges] = await Promise.all([
    rabbitmqctl('list_queues', '-p', vhost, '--no-table-headers', 'name'),
    rabbitmqctl('list_exchanges', '-p', vhost, '--no-table-headers', 'name'),
  ])
  return `${queues}\n${exchanges}`.split('\n').filter((name) => name !== '' && !name.startsWith('amq.'))
}

test('a broker that is well is found so, and nothing is left there', { skip: servicesSkip }, async (t) => {
  const url = await createVirtualHost(new Cleanups(t))
  const vhost = decodeURIComponent(new URL(url).pathname.slice(1))
  assert.equal((await findingOf(broker('transport_url', transportUrl(url), {}))).status, 'ok')
  assert.deepEqual(await contentOf(vhost), [])
  const connection = await connect(url)
  const channel = await connection.createChannel()
  await channel.assertExchange('nova', 'topic', { durable: false })
  assert.equal((await findingOf(broker('transport_url', transportUrl(url), {}))).status, 'ok')
  assert.deepEqual(await contentOf(vhost), ['nova'])
  const durable = { rabbit: { ...defaultRabbitOptions, durableQueues: true } }
  const finding = await findingOf(broker('transport_url', transportUrl(url), durable))
  assert.match(JSON.stringify(finding), /"failed".*the exchange is there with other properties.*amqp_durable_queues/)
  await connection.close()
})

test('a wrong password, a virtual host that is not there and a missing right are told apart', { skip: servicesSkip }, async (t) => {
  const cleanups = new Cleanups(t)
  const url = new URL(await createVirtualHost(cleanups))
  const vhost = decodeURIComponent(url.pathname.slice(1))
  const user = `doctor-${randomBytes(6).toString('hex')}`
  await rabbitmqctl('add_user', user, 'geheim')
  cleanups.after(async () => void (await rabbitmqctl('delete_user', user)))
  const at = (password: string, path: string) => broker('transport_url', `rabbit://${user}:${password}@${url.host}/${path}`, {})
  const refused = await findingOf(at('falsch', vhost))
  assert.match(JSON.stringify(refused), /"failed".*login of user.*rabbitmqctl change_password/)
  assert.match(JSON.stringify(await findingOf(at('geheim', vhost))), /"failed".*is not open to user.*rabbitmqctl add_vhost/)
  assert.match(JSON.stringify(await findingOf(at('geheim', 'nonesuch'))), /"failed".*virtual host nonesuch is not open/)
  await rabbitmqctl('set_permissions', '-p', vhost, user, '^$', '.*', '.*')
  assert.match(JSON.stringify(await findingOf(at('geheim', vhost))), /"failed".*lacks a right.*set_permissions/)
  await rabbitmqctl('set_permissions', '-p', vhost, user, '.*', '.*', '.*')
  assert.equal((await findingOf(at('geheim', vhost))).status, 'ok')
  assert.doesNotMatch(JSON.stringify(refused), /falsch/)
})

test('a port at which nothing listens is told, and beside a broker that works it is a warning', { skip: rabbitmq.skip }, async () => {
  const port = await closedPort()
  const closed = `guest:guest@127.0.0.1:${port}`
  assert.match(
    JSON.stringify(await findingOf(broker('transport_url', `rabbit://${closed}/`, {}))),
    /"failed".*cannot be reached: connect ECONNREFUSED/,
  )
  const { username, password, host, pathname } = new URL(rabbitmq.url)
  const both = `rabbit://${closed},${username}:${password}@${host}${pathname}`
  assert.equal((await findingOf(broker('transport_url', both, {}))).status, 'warning')
})

test('a broker that takes the connection and never answers has failed when its time is up', async (t) => {
  const finding = await neverAnswered((port) => broker('transport_url', `rabbit://guest:guest@127.0.0.1:${port}/`, {}), t)
  assert.match(JSON.stringify(finding), /"failed".*takes a connection and does not answer/)
})

test('what is no broker has failed', async (t) => {
  const server = createHttpServer((_, response) => response.end('no'))
  await listen(server)
  t.after(() => server.close())
  assert.equal((await findingOf(broker('transport_url', `rabbit://127.0.0.1:${portOf(server)}/`, {}))).status, 'failed')
})

const cell = (url: string, clock: Clock = systemDeps.clock) =>
  database({ clock }, { name: 'database', url, settings: {}, serviceDownTime: 60 })

/** Three states of a database of one's own: empty, with the schema, with another revision. */
async function throughItsStates(url: string): Promise<void> {
  assert.match((await findingOf(cell(url))).found, /is empty; the schema is made at the first start/)
  const opened = await openDatabase(url, systemDeps)
  try {
    await migrate(opened)
    const sound = await findingOf(cell(url))
    assert.equal(sound.status, 'ok')
    assert.match(sound.found, /, schema ccb0fa1a2252$/)
    await sql`update alembic_version set version_num = '8f2f1571d55b'`.execute(opened.kysely)
    assert.match(
      JSON.stringify(await findingOf(cell(url))),
      /"failed".*at schema revision 8f2f1571d55b, not ccb0fa1a2252.*nova-manage db sync/,
    )
  } finally {
    await opened.close()
  }
}

test('a MariaDB is found empty, sound, and with an old schema; its clock is that of this machine', { skip: servicesSkip }, async (t) => {
  const cleanups = new Cleanups(t)
  const url = await createDatabase(cleanups)
  await throughItsStates(url)
})

test('a PostgreSQL is found empty, sound, and with an old schema', { skip: postgresql.skip }, async (t) => {
  const name = `micronova_test_${randomBytes(6).toString('hex')}`
  const admin = await openDatabase(postgresql.url, systemDeps)
  t.after(() => admin.close())
  await sql.raw(`create database ${name}`).execute(admin.kysely)
  try {
    await throughItsStates(new URL(`/${name}`, postgresql.url).href)
  } finally {
    await sql.raw(`drop database ${name} with (force)`).execute(admin.kysely)
  }
})

test('a server whose clock is an hour off is told', { skip: mariadb.skip }, async (t) => {
  const url = await createDatabase(new Cleanups(t))
  const opened = await openDatabase(url, systemDeps)
  await migrate(opened)
  await opened.close()
  const slow: Clock = { ...systemDeps.clock, now: () => systemDeps.clock.now() - 3_600_000 }
  const clock = Object.assign(Object.create(systemDeps.clock), slow)
  assert.match(JSON.stringify(await findingOf(cell(url, clock))), /"failed".*3600 s ahead of this host/)
})

for (const [kind, server] of [
  ['MariaDB', mariadb],
  ['PostgreSQL', postgresql],
] as const) {
  const scheme = new URL(server.url).protocol
  test(`a ${kind} that refuses is told, without the password`, { skip: server.skip }, async () => {
    const { hostname, port } = new URL(server.url)
    const wrong = await findingOf(cell(`${scheme}//nonesuch:geheim@${hostname}:${port}/nonesuch`))
    assert.match(JSON.stringify(wrong), /"failed".*it refuses: /)
    assert.doesNotMatch(JSON.stringify(wrong), /geheim/)
  })

  test(`where no ${kind} listens, that is told`, async () => {
    const closed = await findingOf(cell(`${scheme}//nova:x@127.0.0.1:${await closedPort()}/nova`))
    assert.match(JSON.stringify(closed), /"failed".*it cannot be reached: /)
  })

  test(`a ${kind} that never answers has failed when its time is up`, async (t) => {
    const finding = await neverAnswered((port, clock) => cell(`${scheme}//nova:x@127.0.0.1:${port}/nova`, clock), t)
    assert.equal(finding.status, 'failed')
  })
}

test('a SQLite file that is not there yet is no failure, and is not made', async (t) => {
  const file = join(temporaryFolder(t), 'nova.sqlite')
  assert.match((await findingOf(cell(`sqlite:///${file}`))).found, /does not exist yet/)
  assert.match((await findingOf(cell(`sqlite:///${file}`))).found, /does not exist yet/)
})

function probesOf(text: string, clock: Clock = systemDeps.clock): readonly ServiceProbe[] {
  const sources = memorySources({ '/f': text })
  const outcome = parseConfig(['--config-file', '/f'], { program: 'p', groups: clientsOptions, sources })
  assert.ok(outcome.kind === 'config')
  return createServiceProbes({ ...systemDeps, clock }, { settings: clientsSettings(outcome.config), program: 'p' }).probes
}

const section = (name: string, url: string) => `[${name}]\nauth_type = password\nauth_url = ${url}\nusername = u\npassword = geheim\n`

test('Keystone, Placement, Neutron, Glance and Cinder are each asked for a token and their versions', async (t) => {
  const server = createHttpServer((request, response) => {
    const base = `http://${request.headers.host}`
    const url = request.url ?? ''
    if (request.method === 'POST') {
      const endpoint = (type: string) => ({ type, name: type, endpoints: [{ interface: 'public', region: 'R', url: `${base}/${type}` }] })
      const cinder = { type: 'volumev3', name: 'cinder', endpoints: [{ interface: 'public', region: 'R', url: `${base}/volume/v3/p` }] }
      const [issued_at, expires_at] = ['2026-01-01T00:00:00Z', '2026-01-01T01:00:00Z']
      const token = { issued_at, expires_at, catalog: [...['placement', 'network'].map(endpoint), cinder] }
      response.writeHead(201, { 'x-subject-token': 't' }).end(JSON.stringify({ token }))
      return
    }
    const versions: Readonly<Record<string, [number, unknown]>> = {
      '/placement/': [200, [{ id: 'v1.0', max_version: '1.39' }]],
      '/network/': [200, [{ id: 'v2.0' }]],
      '/volume/': [
        300,
        [
          { id: 'v3.0', version: '3.9' },
          { id: 'v3.0', version: '3.70' },
        ],
      ],
    }
    const [status, body] = versions[url] ?? [404, []]
    response.writeHead(status).end(JSON.stringify({ versions: body }))
  })
  await listen(server)
  t.after(() => server.closeAllConnections())
  t.after(() => server.close())
  const url = `http://127.0.0.1:${portOf(server)}`
  const probes = probesOf(['placement', 'neutron', 'cinder'].map((name) => `${section(name, url)}valid_interfaces = public\n`).join(''))
  const results = await runChecks(probes.map(restService), systemDeps.clock, { limitMs })
  assert.deepEqual(
    results.map(({ name, status, found }) => [name, status, /version (\S+)$/.exec(found)?.[1]]),
    [
      ['keystone (placement)', 'ok', undefined],
      ['keystone (neutron)', 'ok', undefined],
      ['keystone (cinder)', 'ok', undefined],
      ['placement', 'ok', '1.39'],
      ['neutron', 'ok', '2.0'],
      ['glance', 'failed', undefined],
      ['cinder', 'ok', '3.70'],
    ],
  )
  assert.match(JSON.stringify(results[5]), /the catalogue has no .* image.*register the service/)
})

test('a Keystone that refuses the credentials is told with their section, and without the password', async (t) => {
  const server = createHttpServer((_, response) => response.writeHead(401).end('{"error": {"code": 401, "message": "no"}}'))
  await listen(server)
  t.after(() => server.closeAllConnections())
  t.after(() => server.close())
  const [keystone] = probesOf(section('placement', `http://127.0.0.1:${portOf(server)}`))
  const finding = JSON.stringify(await findingOf(restService(keystone!)))
  assert.match(finding, /"failed".*correct username, password, project and domains in \[placement\]/)
  assert.doesNotMatch(finding, /geheim/)
})

test('a Keystone that never answers has failed when its time is up', async (t) => {
  const finding = await neverAnswered(
    (port, clock) => restService(probesOf(section('placement', `http://127.0.0.1:${port}`), clock)[0]!),
    t,
  )
  assert.equal(finding.status, 'failed')
})
