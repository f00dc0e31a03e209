import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { maskSecrets, nullLogger, RecordingLogger } from '@micronova/log'
import { temporaryFolder } from '@micronova/testing'
import { type Backdoor, openBackdoor } from './backdoor.js'
import type { BackdoorPlace } from './place.js'

const anyPort: BackdoorPlace = { kind: 'port', from: 0, to: 0 }
const options = {
  program: 'nova-test',
  mask: maskSecrets,
  locals: { values: { inHand: { get: () => ['reboot_instance'], configurable: true } }, help: 'a list of what is here\n' },
}

async function open(t: TestContext, place = anyPort, log = nullLogger): Promise<Backdoor> {
  const backdoor = await openBackdoor(log, place, options)
  assert.ok(backdoor !== null)
  t.after(() => backdoor.close())
  return backdoor
}

/** What a client does, and what comes back. */
class Client {
  text = ''
  readonly socket: Socket
  readonly closed: Promise<unknown>

  constructor({ where }: Backdoor) {
    this.socket = typeof where === 'number' ? connect(where, '127.0.0.1') : connect(where)
    this.socket.on('data', (data) => {
      this.text += String(data)
    })
    this.socket.on('error', () => {})
    this.closed = once(this.socket, 'close')
  }

  /** Resolves with all that was written when the console has closed. */
  async run(...lines: string[]): Promise<string> {
    this.socket.write(lines.map((line) => `${line}\n`).join(''))
    await this.closed
    return this.text
  }

  async until(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.text)) await once(this.socket, 'data')
  }
}

test('what is typed is evaluated, with the locals; quit ends the connection and no more', async (t) => {
  const backdoor = await open(t)
  const text = await new Client(backdoor).run('6 * 7', 'inHand[0]', 'help', '.clear', 'inHand.length', 'quit')
  assert.match(text, /^nova-test, process \d+\..*\nnova-test> 42\nnova-test> 'reboot_instance'\nnova-test> a list of what is here\n/)
  assert.match(text, /Clearing context\.\.\.\nnova-test> 1\nnova-test> $/)
  assert.match(await new Client(backdoor).run('1 + 1', 'exit()'), /nova-test> 2\n/)
})

test('errors are shown in the console: thrown, of a timer, of a promise', async (t) => {
  const client = new Client(await open(t))
  client.socket.write("throw new Error('at once')\nvoid setTimeout(() => { throw new Error('later') })\n")
  client.socket.write("void Promise.reject(new Error('rejected'))\nnull.x\n")
  for (const error of [/Uncaught Error: at once/, /Uncaught Error: later/, /Uncaught Error: rejected/, /Uncaught TypeError/])
    await client.until(error)
  assert.match(await client.run('1 + 1', '.exit'), /> 2\n/)
})

test('clients do not see what others declare', async (t) => {
  const backdoor = await open(t)
  const [one, other] = [new Client(backdoor), new Client(backdoor)]
  one.socket.write('const mine = 1\n"declared"\n')
  await one.until(/'declared'/)
  assert.match(await other.run('typeof mine', 'quit'), /'undefined'/)
  one.socket.destroy()
})

test('passwords of URLs are masked in what is shown', async (t) => {
  const text = await new Client(await open(t)).run("({ url: 'rabbit://nova:S3' + 'CRET@rabbit1/' })", 'quit')
  assert.doesNotMatch(text, /S3CRET/)
  assert.match(text, /rabbit:\/\/nova:\*\*\*@rabbit1/)
})

test('a page in a browser can run nothing here: a request of HTTP is not taken, nor is its body', async (t) => {
  const log = new RecordingLogger('nova.service')
  const key = `micronova.test.${process.pid}`
  const backdoor = await open(t, anyPort, log)
  let runs = 0
  process.on(key, () => runs++)
  t.after(() => process.removeAllListeners(key))
  const emitting = `process.emit(${JSON.stringify(key)})`
  await new Client(backdoor).run(emitting, 'quit')
  const client = new Client(backdoor)
  await client.run('POST / HTTP/1.1\r', 'Host: 127.0.0.1\r', '\r', emitting)
  assert.equal(runs, 1)
  assert.doesNotMatch(client.text, /Uncaught|true|false/)
  assert.match(log.lines.map(({ message }) => message).join('\n'), /the client speaks HTTP/)
})

test('a client that sends garbage, an endless line or an endless block, vanishes, or says nothing harms no one', async (t) => {
  const backdoor = await open(t)
  const silent = new Client(backdoor)
  const vanishing = new Client(backdoor)
  vanishing.socket.write('inHa')
  vanishing.socket.resetAndDestroy()
  assert.doesNotMatch(await new Client(backdoor).run(`"${'x'.repeat(70_000)}"`), /xxx/)
  await new Client(backdoor).run('x = {', ...Array<string>(500).fill('a:1,'))
  const garbage = new Client(backdoor)
  garbage.socket.end(Buffer.from([0, 255, 254, 10, 123, 10, 0]))
  await garbage.closed
  assert.match(await new Client(backdoor).run('6 * 7', 'quit'), /42/)
  assert.equal(silent.socket.destroyed, false)
  silent.socket.destroy()
})

test('the first free port of a range is taken; a port that is taken leaves the service without a console, and the log says so', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1')
  t.after(() => taken.close())
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo
  const { where } = await open(t, { kind: 'port', from: port, to: Math.min(port + 20, 65535) })
  assert.ok(typeof where === 'number' && where > port)
  const log = new RecordingLogger('nova.service')
  assert.equal(await openBackdoor(log, { kind: 'port', from: port, to: port }, options), null)
  assert.deepEqual(
    log.lines.map(({ level, message }) => [level, message]),
    [['ERROR', `There is no console into this process: backdoor_port: port ${port} is taken`]],
  )
})

test('a socket is for its owner alone, and goes with the console', async (t) => {
  const path = join(temporaryFolder(t), 'backdoor.sock')
  const umask = process.umask()
  const log = new RecordingLogger('nova.service')
  const backdoor = await open(t, { kind: 'socket', path }, log)
  assert.equal(statSync(path).mode & 0o777, 0o600)
  assert.equal(process.umask(), umask)
  assert.equal(log.lines[0]?.message, `Backdoor listening on ${path} for process ${process.pid}`)
  const client = new Client(backdoor)
  await client.until(/nova-test> /)
  await backdoor.close()
  await client.closed
  assert.ok(!existsSync(path))
})

test('a socket that is left over is replaced, one in use and a file are not', async (t) => {
  const folder = temporaryFolder(t)
  const path = join(folder, 'backdoor.sock')
  const log = new RecordingLogger('nova.service')
  const refusal = async (place: string) => {
    assert.equal(await openBackdoor(log, { kind: 'socket', path: place }, options), null)
    return log.lines.at(-1)?.message
  }
  await leaveSocket(path)
  const backdoor = await open(t, { kind: 'socket', path })
  assert.match(await new Client(backdoor).run('6 * 7', 'quit'), /42/)
  assert.match(String(await refusal(path)), /another process listens on \S+backdoor\.sock$/)
  const file = join(folder, 'precious')
  writeFileSync(file, 'x')
  assert.match(String(await refusal(file)), /precious is there, and is no socket$/)
  assert.match(String(await refusal(join(folder, 'x'.repeat(120)))), /longer than the 107 bytes/)
  assert.match(String(await refusal('/nowhere/backdoor.sock')), /backdoor_socket: .*\/nowhere\/backdoor\.sock/)
})

/** As a process leaves it that is killed. */
async function leaveSocket(path: string): Promise<void> {
  const { execFileSync } = await import('node:child_process')
  const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
  assert.throws(() => execFileSync(process.execPath, ['-e', script]))
  assert.ok(existsSync(path))
}
