import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { RecordingLogger } from '@micronova/log'
import { temporaryFolder } from '@micronova/testing'
import { CommandFailed } from '../usage-error.js'
import type { HealthAddress } from './address.js'
import { HealthServer } from './health-server.js'

const anyPort: HealthAddress = { kind: 'tcp', host: '127.0.0.1', port: 0 }
const routes = {
  '/livez': async (query: URLSearchParams) => ({ status: query.has('verbose') ? 503 : 200, body: 'ok\n' }),
  '/broken': async () => {
    throw new Error('secret of the inside')
  },
}

async function listening(t: TestContext, address: HealthAddress = anyPort) {
  const log = new RecordingLogger()
  const server = new HealthServer({ log }, routes)
  const at = await server.listen(address)
  t.after(() => server.close())
  return { log, server, at, port: at.kind === 'tcp' ? at.port : 0 }
}

function ask(to: { port: number } | { socketPath: string }, path: string, method = 'GET'): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asking = request({ host: '127.0.0.1', ...to, path, method, agent: false }, async (response) => {
      let body = ''
      for await (const piece of response) body += piece
      resolve({ status: response.statusCode ?? 0, body })
    })
    asking.on('error', reject)
    asking.end()
  })
}

async function open(t: TestContext, port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  t.after(() => socket.destroy())
  await once(socket, 'connect')
  return socket
}

test('paths, methods and queries are told apart', async (t) => {
  const { port } = await listening(t)
  assert.deepEqual(await ask({ port }, '/livez'), { status: 200, body: 'ok\n' })
  assert.equal((await ask({ port }, '/livez?verbose')).status, 503)
  assert.deepEqual(await ask({ port }, '/livez', 'HEAD'), { status: 200, body: '' })
  for (const method of ['POST', 'DELETE', 'OPTIONS']) assert.equal((await ask({ port }, '/livez', method)).status, 405, method)
  for (const path of ['/', '/livez/', '/constructor', '/__proto__', '//livez']) assert.equal((await ask({ port }, path)).status, 404, path)
})

test('what fails inside is said in the log and not to the client', async (t) => {
  const { port, log } = await listening(t)
  const { status, body } = await ask({ port }, '/broken')
  assert.equal(status, 500)
  assert.doesNotMatch(body, /secret/)
  assert.equal(log.messages('ERROR').length, 1)
})

test('an address that is taken is refused in one sentence', async (t) => {
  const { at } = await listening(t)
  await assert.rejects(
    new HealthServer({ log: new RecordingLogger() }, routes).listen(at),
    (err) =>
      err instanceof CommandFailed &&
      /^\[micronova\] health_listen: cannot listen at 127\.0\.0\.1:\d+: another process has it/.test(err.message),
  )
})

test('an address that others can reach is warned of', async (t) => {
  const warnings = async (host: string) => (await listening(t, { kind: 'tcp', host, port: 0 })).log.messages('WARNING').length
  assert.equal(await warnings('127.0.0.1'), 0)
  assert.equal(await warnings('0.0.0.0'), 1)
})

test('a unix socket is for its owner alone, and gone after the end', async (t) => {
  const path = join(temporaryFolder(t), 'health.sock')
  const { server } = await listening(t, { kind: 'unix', path })
  assert.equal(statSync(path).mode & 0o777, 0o600)
  assert.equal((await ask({ socketPath: path }, '/livez')).status, 200)
  await server.close()
  assert.equal(existsSync(path), false)
})

test('a unix socket that a killed process has left is taken over; one that answers and a file are left alone', async (t) => {
  const folder = temporaryFolder(t)
  const path = join(folder, 'health.sock')
  const { server: first } = await listening(t, { kind: 'unix', path })
  const refused = (err: unknown) => err instanceof CommandFailed
  await assert.rejects(new HealthServer({ log: new RecordingLogger() }, routes).listen({ kind: 'unix', path }), refused)
  assert.equal((await ask({ socketPath: path }, '/livez')).status, 200)
  await first.close()

  const left = await leftSocket(path)
  assert.ok(left)
  await listening(t, { kind: 'unix', path })
  assert.equal((await ask({ socketPath: path }, '/livez')).status, 200)

  const file = join(folder, 'file')
  writeFileSync(file, 'precious')
  await assert.rejects(new HealthServer({ log: new RecordingLogger() }, routes).listen({ kind: 'unix', path: file }), refused)
  assert.ok(existsSync(file))
})

test('a path that is too long for a socket is refused, and not cut to another one', async (t) => {
  const path = join(temporaryFolder(t), 'x'.repeat(120))
  const listen = new HealthServer({ log: new RecordingLogger() }, routes).listen({ kind: 'unix', path })
  await assert.rejects(listen, (err) => err instanceof CommandFailed && /longer than the 107 bytes/.test(err.message))
})

/** As a process leaves it that is killed: bound, and nobody listens. */
async function leftSocket(path: string): Promise<boolean> {
  const { execFileSync } = await import('node:child_process')
  const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
  try {
    execFileSync(process.execPath, ['-e', script])
  } catch {
    // killed
  }
  return existsSync(path)
}

test('a client that sends garbage, or a header without end, is cut off, and others are answered', async (t) => {
  const { port } = await listening(t)
  const garbage = await open(t, port)
  garbage.end('\x16\x03\x01 not HTTP at all\r\n\r\n')
  const huge = await open(t, port)
  huge.write(`GET /livez HTTP/1.1\r\nX: ${'x'.repeat(1_000_000)}`)
  await Promise.all([once(garbage.resume(), 'close'), once(huge.resume(), 'close')])
  assert.equal((await ask({ port }, '/livez')).status, 200)
})

test('clients that say nothing, or send their header a byte at a time, are given up', async (t) => {
  const { port } = await listening(t)
  const silent = await open(t, port)
  const slow = await open(t, port)
  slow.write('GET /livez HTTP/1.1\r\n')
  const drip = setInterval(() => slow.write('X'), 200)
  t.after(() => clearInterval(drip))
  await Promise.all([once(silent.resume(), 'close'), once(slow.resume(), 'close')])
})

test('a request with a body is answered and its connection closed, whatever more is sent', async (t) => {
  const { port } = await listening(t)
  const socket = await open(t, port)
  socket.write('GET /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n')
  const [answer] = await once(socket, 'data')
  assert.match(String(answer), /^HTTP\/1\.1 200 OK\r\n/)
  await once(socket.resume(), 'close')
})

test('of a thousand connections most are closed as they come; when they are gone, others are answered', async (t) => {
  const { port } = await listening(t)
  let open = 1000
  let mostClosed = () => {}
  const closing = new Promise<void>((resolve) => {
    mostClosed = resolve
  })
  const sockets = Array.from({ length: 1000 }, () => connect(port, '127.0.0.1'))
  t.after(() => {
    for (const socket of sockets) socket.destroy()
  })
  for (const socket of sockets) {
    socket.on('error', () => {})
    socket.resume().on('close', () => --open === 64 && mostClosed())
  }
  await closing
  for (const socket of sockets) socket.destroy()
  for (;;) {
    const status = await ask({ port }, '/livez').then(
      (answer) => answer.status,
      () => null,
    )
    if (status === null) continue // the server has not noticed all the ends yet
    assert.equal(status, 200)
    break
  }
})

test('a port in use by something else than HTTP is taken, too', async (t) => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  t.after(() => other.close())
  const { port } = other.address() as { port: number }
  await assert.rejects(
    new HealthServer({ log: new RecordingLogger() }, routes).listen({ ...anyPort, port }),
    (err) => err instanceof CommandFailed && err.exitStatus === 1,
  )
})
