import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { type Cleanup, temporaryFolder } from './temporary-folder.js'

const scripts = '/usr/lib/rabbitmq/bin'
const startTimeoutMs = 60_000
const pollMs = 50

/** A RabbitMQ node of a test's own: it may be stopped, killed and starved without harm to others. Starts in about 5 s. */
export interface PrivateBroker {
  readonly port: number
  /** `amqp://guest:guest@127.0.0.1:PORT/` */
  readonly url: string
  /** Run `rabbitmqctl`; resolves with what it prints. Takes a second or two. */
  ctl(...args: readonly string[]): Promise<string>
  /** End at once, as a power cut does: clients are told nothing. */
  kill(): Promise<void>
  /** Start again after `kill`. Resolves when it takes connections. */
  start(): Promise<void>
}

/** For a test's `skip`: false where RabbitMQ is installed. */
export function privateBrokerSkip(): string | false {
  if (existsSync(join(scripts, 'rabbitmq-server'))) return false
  if ((process.env.MICRONOVA_REQUIRE ?? '').split(',').includes('rabbitmq'))
    throw new Error(`rabbitmq is required and not installed in ${scripts}`)
  return `RabbitMQ is not installed in ${scripts}`
}

/** Start a node that is removed after the test. */
export async function startPrivateBroker(t: Cleanup): Promise<PrivateBroker> {
  const folder = temporaryFolder(t)
  const [port, distributionPort] = [await freePort(), await freePort()]
  const environment = nodeEnvironment(folder, port, distributionPort)
  let node: ChildProcess | null = null

  const kill = async () => {
    const running = node
    node = null
    if (running?.pid === undefined || running.exitCode !== null || running.signalCode !== null) return
    const gone = new Promise((resolve) => running.once('exit', resolve))
    process.kill(-running.pid, 'SIGKILL') // its group: the script and the Erlang machine that it runs
    await gone
    while (await accepts(port)) await delay(pollMs) // the machine takes a moment longer than the script
  }
  const start = async () => {
    node = spawn(join(scripts, 'rabbitmq-server'), { env: environment, detached: true, stdio: 'ignore' })
    await takesConnections(port, node)
  }

  t.after(kill)
  await start()
  return {
    port,
    url: `amqp://guest:guest@127.0.0.1:${port}/`,
    async ctl(...args) {
      const { stdout } = await promisify(execFile)(join(scripts, 'rabbitmqctl'), ['-q', ...args], { env: environment })
      return stdout
    },
    kill,
    start,
  }
}

function nodeEnvironment(folder: string, port: number, distributionPort: number): NodeJS.ProcessEnv {
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  return {
    PATH: process.env.PATH,
    HOME: folder, // where Erlang makes its cookie
    LANG: 'C.UTF-8',
    RABBITMQ_CONF_ENV_FILE: file('rabbitmq-env.conf', ''),
    RABBITMQ_CONFIG_FILE: file('rabbitmq.conf', `listeners.tcp.default = 127.0.0.1:${port}\n`),
    RABBITMQ_ENABLED_PLUGINS_FILE: file('enabled_plugins', '[].\n'),
    RABBITMQ_NODENAME: `micronova-test-${port}@localhost`,
    RABBITMQ_DIST_PORT: String(distributionPort),
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_PID_FILE: join(folder, 'pid'),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none',
  }
}

async function takesConnections(port: number, node: ChildProcess): Promise<void> {
  for (const giveUp = Date.now() + startTimeoutMs; Date.now() < giveUp; await delay(pollMs)) {
    if (node.exitCode !== null) throw new Error(`the private broker ended with status ${node.exitCode} before it took connections`)
    if (await accepts(port)) return
  }
  throw new Error(`the private broker took no connections within ${startTimeoutMs} ms`)
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port'))))
    })
  })
}
