import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import { RecordingLogger } from '@micronova/log'
import { isLoopback } from '../loopback.js'
import { type Inspector, openRemoteDebug, type RemoteDebugOptions } from './remote-debug.js'

/** Opens, or does not. */
class FakeInspector implements Inspector {
  #url: string | undefined
  readonly #opens: boolean

  constructor({ opens = true } = {}) {
    this.#opens = opens
  }
  open(port?: number, host?: string): Disposable {
    if (this.#opens) this.#url = `ws://${host}:${port}/key-of-the-session`
    return { [Symbol.dispose]() {} }
  }
  close(): void {
    this.#url = undefined
  }
  url(): string | undefined {
    return this.#url
  }
}

const lines = (log: RecordingLogger, level: string) => log.lines.filter((line) => line.level === level).map(({ message }) => message)

test('the address is logged without the key of the session, and without a warning if it is loopback', async (t) => {
  const { log, node, end } = await opened(t, { host: '127.0.0.1', ports: [0] })
  assert.match(lines(log, 'INFO').join(), new RegExp(`^A debugger can connect to process ${process.pid} at ws://127.0.0.1:[1-9]\\d*$`))
  assert.deepEqual(lines(log, 'WARNING'), [])
  await end?.()
  assert.equal(node.url(), undefined)
})

test('an address that others reach is warned of', async (t) => {
  const { log } = await opened(t, { host: '0.0.0.0', ports: [0] })
  assert.match(
    lines(log, 'WARNING').join(),
    /^\[remote_debug\] host is 0\.0\.0\.0: whoever reaches ws:\/\/0\.0\.0\.0:\d+ owns this process$/,
  )
  assert.ok(!isLoopback('192.0.2.1') && !isLoopback('compute1') && isLoopback('127.8.8.8') && isLoopback('::1'))
})

test('a port that is taken is passed over; if there is no other, the log says so and nothing is thrown', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1')
  t.after(() => taken.close())
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo
  assert.ok((await opened(t, { host: '127.0.0.1', ports: [port, 0] })).end !== null)
  const { log, node, end } = await opened(t, { host: '127.0.0.1', ports: [port] })
  assert.equal(end, null)
  assert.equal(node.url(), undefined)
  assert.match(lines(log, 'ERROR').join(), /^No debugger can connect to this process: \[remote_debug\] port \d+: listen EADDRINUSE/)
})

test('an inspector that does not open is an error in the log', async (t) => {
  const { log, end } = await opened(t, { host: '127.0.0.1', ports: [0] }, new FakeInspector({ opens: false }))
  assert.equal(end, null)
  assert.equal(lines(log, 'ERROR').length, 1)
})

async function opened(t: TestContext, options: RemoteDebugOptions, node = new FakeInspector()) {
  const log = new RecordingLogger('nova.service')
  const end = await openRemoteDebug(log, options, node)
  t.after(() => end?.())
  return { log, node, end }
}
