import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { accessSync, constants, existsSync, mkdirSync, rmSync } from 'node:fs'
import type { TestContext } from 'node:test'

/** A systemd-journald of the test's own. */
export interface Journal {
  /** Where services' standard output goes. */
  readonly streamPath: string
  /** Its /dev/log. */
  readonly syslogPath: string
  /** The entries of one identifier once there are `count` of them. */
  entries(identifier: string, count: number): Promise<Readonly<Record<string, string>>[]>
}

const journald = '/lib/systemd/systemd-journald'

/** Starts a journald in a namespace of its own, or skips the test where that is impossible. */
export async function startJournal(t: TestContext): Promise<Journal | undefined> {
  if (process.getuid?.() !== 0 || !existsSync(journald) || !existsSync('/etc/machine-id')) {
    t.skip('systemd-journald can only be started by root, where it is installed')
    return undefined
  }
  const namespace = `mntest${randomBytes(4).toString('hex')}`
  const folder = `/run/systemd/journal.${namespace}`
  mkdirSync('/run/systemd', { recursive: true })
  const daemon = spawn(journald, [namespace], { stdio: 'ignore' })
  t.after(async () => {
    await stopped(daemon)
    rmSync(folder, { recursive: true, force: true })
    for (const kept of [`/run/log/journal`, '/var/log/journal'])
      execFileSync(
        'find',
        [kept, '-maxdepth', '1', '-name', `*.${namespace}`, '-exec', 'rm', '-r', '{}', '+'].filter(() => existsSync(kept)),
      )
  })
  await until(() => existsSync(`${folder}/stdout`) && existsSync(`${folder}/dev-log`))
  const read = (identifier: string) =>
    execFileSync('journalctl', [`--namespace=${namespace}`, '-t', identifier, '-o', 'json', '--no-pager'], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, string>)
  return {
    streamPath: `${folder}/stdout`,
    syslogPath: `${folder}/dev-log`,
    async entries(identifier, count) {
      await until(() => read(identifier).length >= count)
      return read(identifier)
    },
  }
}

const receiver = `
import os, socket, sys
path = sys.argv[1]
if os.path.exists(path):
    os.unlink(path)
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(path)
print('ready', flush=True)
while True:
    print(repr(receiver.recv(262144))[2:-1], flush=True)
`

/** A syslog daemon that prints what it is sent. */
export interface SyslogDaemon {
  /** The datagrams so far. */
  readonly messages: readonly string[]
  stop(): Promise<void>
}

/** Starts one at `path`; undefined if there is no Python to run it. */
export async function startSyslogDaemon(t: TestContext, path: string): Promise<SyslogDaemon | undefined> {
  const python = ['/usr/bin/python3', '/usr/local/bin/python3'].find(isExecutable)
  if (python === undefined) {
    t.skip('there is no python3 to receive datagrams')
    return undefined
  }
  const child = spawn(python, ['-c', receiver, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => stopped(child))
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk
  })
  await until(() => output.startsWith('ready\n'))
  return {
    get messages() {
      return output.split('\n').slice(1, -1)
    },
    async stop() {
      await stopped(child)
      rmSync(path, { force: true })
    },
  }
}

/** Waits for another process, which cannot tell, at most 10 seconds. */
export async function until(condition: () => boolean): Promise<void> {
  for (const deadline = performance.now() + 10_000; !condition(); ) {
    if (performance.now() > deadline) throw new Error(`waited in vain: ${condition}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })
}
