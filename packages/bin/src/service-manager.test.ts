import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { temporaryFolder } from '@micronova/testing'
import { RunningProgram } from '../test/program.js'
import type { Behaviour } from '../test/service-main.js'

interface Notice {
  readonly sender: number
  readonly text: string
}

/** The test program under a service manager, with what it sends through a stand-in for `systemd-notify`. */
class Managed {
  readonly program: RunningProgram
  readonly notices: Notice[] = []
  readonly #events = new EventEmitter()

  constructor(t: { after(fn: () => void): void }, behaviour: Behaviour, environment: NodeJS.ProcessEnv = {}) {
    const folder = temporaryFolder(t)
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    mkdirSync(join(folder, 'bin'))
    const standIn = `#!/bin/sh\n[ "$NOTIFY_SOCKET" = /s ] && echo "$PPID $*" >${pipe}\n`
    writeFileSync(join(folder, 'bin', 'systemd-notify'), standIn, { mode: 0o755 })
    // Held open for writing as well, so that it does not end with the first who writes.
    const cat = spawn('sh', ['-c', 'exec cat <>"$1"', 'sh', pipe], { stdio: ['ignore', 'pipe', 'inherit'] })
    t.after(() => cat.kill())
    createInterface(cat.stdout).on('line', (line) => {
      const [sender = '', ...words] = line.split(' ')
      this.notices.push({ sender: Number(sender), text: words.join(' ') })
      this.#events.emit('notice')
    })
    const PATH = `${folder}/bin:${process.env['PATH']}`
    this.program = new RunningProgram(t, behaviour, { PATH, NOTIFY_SOCKET: '/s', ...environment })
  }

  get texts(): string[] {
    return this.notices.map(({ text }) => text)
  }

  async noticed(text: string, count = 1): Promise<void> {
    while (this.texts.filter((other) => other === text).length < count) await once(this.#events, 'notice')
  }
}

const isReady = 'READY=1 STATUS='

test('a service manager is told when the service runs, not before, when it reads its configuration again, and when it stops', async (t) => {
  const managed = new Managed(t, {})
  await managed.noticed(isReady)
  assert.deepEqual(managed.program.texts, ['starting', 'running'])
  managed.program.signal('SIGHUP')
  await managed.noticed('READY=1')
  managed.program.signal('SIGTERM')
  await managed.noticed('STOPPING=1')
  assert.deepEqual(
    managed.texts.map((text) => text.replace(/\d{5,}$/, '...')),
    [isReady, 'RELOADING=1 MONOTONIC_USEC=...', 'READY=1', 'STOPPING=1'],
  )
  assert.equal((await managed.program.ended()).status, 0)
})

test('a start that is cancelled, or fails, is never ready, also if the configuration is read again meanwhile', async (t) => {
  const hangs = new Managed(t, { start: 'hangs' })
  await hangs.program.heard('starting')
  hangs.program.signal('SIGHUP')
  await hangs.program.heard('reset')
  hangs.program.signal('SIGTERM')
  await hangs.noticed('STOPPING=1')
  const fails = new Managed(t, { start: 'fails' })
  await fails.noticed('STOPPING=1')
  assert.deepEqual([hangs.texts, fails.texts], [['STOPPING=1'], ['STOPPING=1']])
})

test('the watchdog is fed from then on, and while a stop takes its time', async (t) => {
  const managed = new Managed(t, { stop: 'hangs' }, { WATCHDOG_USEC: '200000' })
  await managed.noticed('WATCHDOG=1', 2)
  assert.equal(managed.texts[0], isReady)
  managed.program.signal('SIGTERM')
  await managed.noticed('STOPPING=1')
  await managed.noticed('WATCHDOG=1', managed.texts.filter((text) => text === 'WATCHDOG=1').length + 2)
})

test('the watchdog of another process is not fed, nor one without an interval', async (t) => {
  for (const environment of [{ WATCHDOG_USEC: '20000', WATCHDOG_PID: '1' }, { WATCHDOG_USEC: '0' }]) {
    const managed = new Managed(t, {}, environment)
    await managed.noticed(isReady)
    managed.program.signal('SIGHUP')
    await managed.noticed('READY=1')
    assert.ok(!managed.texts.includes('WATCHDOG=1'))
  }
})

test('a service that is not fit does not feed it, and says why', async (t) => {
  const managed = new Managed(t, { ailment: 'it is stuck' }, { WATCHDOG_USEC: '200000' })
  await managed.noticed('STATUS=it is stuck', 2)
  assert.ok(!managed.texts.includes('WATCHDOG=1'))
  assert.ok(managed.program.texts.includes('ERROR The watchdog is not fed: it is stuck'))
})

test('a supervisor speaks for its workers, who do not know the service manager, and replaces those whose event loop is stuck', async (t) => {
  const { program, notices } = new Managed(t, { workers: 2, running: 'blocks' }, { WATCHDOG_USEC: '2000000' })
  await program.heard('blocked', 2)
  await program.heard('running', 4)
  assert.ok(program.texts.some((text) => /^ERROR Child \d+ has not answered since it was last asked/.test(text)))
  assert.deepEqual(new Set(notices.map(({ sender }) => sender)), new Set([program.pid]))
})

test('a machine without systemd-notify gets one warning, and the service goes on', async (t) => {
  const program = new RunningProgram(t, {}, { PATH: temporaryFolder(t), NOTIFY_SOCKET: '/s', WATCHDOG_USEC: '20000' })
  const warning = 'WARNING The service manager cannot be told that this service runs: systemd-notify is not on the PATH'
  await program.heard(warning)
  program.signal('SIGHUP')
  await program.heard('reset')
  program.signal('SIGTERM')
  assert.equal((await program.ended()).status, 0)
  assert.equal(program.texts.filter((text) => text === warning).length, 1)
})

/** Prints each datagram, as JSON. */
const receiver = `
import json, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print('bound', flush=True)
while True: print(json.dumps(s.recv(4096).decode()), flush=True)
`
const isThere = (program: string) => spawnSync(program, ['--version']).status === 0
const skip = isThere('python3') && isThere('systemd-notify') ? false : 'python3 or systemd-notify is not installed'

test('the real systemd-notify brings it to a socket', { skip }, async (t) => {
  const socket = join(temporaryFolder(t), 'notify')
  const python = spawn('python3', ['-c', receiver, socket], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => python.kill())
  const lines = createInterface(python.stdout)
  const datagrams: string[] = []
  await once(lines, 'line')
  const program = new RunningProgram(t, {}, { NOTIFY_SOCKET: socket, WATCHDOG_USEC: '200000' })
  for await (const line of lines) {
    datagrams.push(JSON.parse(line) as string)
    if (datagrams.includes('WATCHDOG=1')) break
  }
  assert.deepEqual(
    datagrams.filter((datagram) => datagram !== 'BARRIER=1'),
    ['READY=1\nSTATUS=', 'WATCHDOG=1'],
  )
  program.signal('SIGKILL')
})
