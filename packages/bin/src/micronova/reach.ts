import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ControlTransport, controlSocket } from '@micronova/cloud'
import { systemClock, systemRandom } from '@micronova/lifecycle'
import { nullLogger } from '@micronova/log'
import { createTransport, messagingOptions, rabbitOptions, rpcOptions, type Transport, transportOptions } from '@micronova/messaging'
import { novaErrorCatalogue } from '@micronova/model'
import { parseArgs } from '../parse-args.js'
import { CommandFailed, UsageError } from '../usage-error.js'
import type { Terminal } from './terminal.js'

/** Flags by which a command says which services it means. */
export interface ReachOptions {
  /** A `transport_url`. */
  readonly url?: string
  /** A nova.conf whose `transport_url` counts. */
  readonly configFile?: readonly string[]
  /** State directory of a running `micronova up`; what counts if nothing else is given. */
  readonly stateDir: string
}

/** What a command needs of a transport. */
export interface Reached {
  readonly transport: Pick<Transport, 'client'>
  close(): Promise<void>
}

/** Seconds that a command waits for its last messages when it ends. */
const closeMs = 2000

/**
 * The way to the services that a command means.
 *
 * @throws UsageError, ConfigError; CommandFailed if no cloud runs in the state directory
 */
export async function reach(options: ReachOptions, terminal: Terminal): Promise<Reached> {
  const { url, configFile, stateDir } = options
  if (url !== undefined && configFile !== undefined) throw new UsageError('--url and --config-file exclude each other')
  if (url !== undefined) return open(url, {})
  if (configFile !== undefined) {
    const argv = configFile.flatMap((file) => ['--config-file', file])
    const parsed = await parseArgs(argv, { program: 'micronova', groups: messagingOptions, environment: terminal.environment })
    if (parsed.kind !== 'config') throw new UsageError('--config-file needs a file')
    const rpc = parsed.config.section(rpcOptions)
    return open(rpc.transport_url, transportOptions({ rpc, rabbit: parsed.config.section(rabbitOptions) }))
  }
  return reachCloud(stateDir)
}

function open(url: string, options: Parameters<typeof createTransport>[2]): Reached {
  if (url.startsWith('memory:')) throw new UsageError('memory:// is within one process: give --state-dir of a running micronova')
  const deps = { log: nullLogger, clock: systemClock, random: systemRandom, errors: novaErrorCatalogue }
  const transport = createTransport(url, deps, { ...options, clientName: `micronova:${process.pid}` })
  return { transport, close: () => transport.stop(AbortSignal.timeout(closeMs)) }
}

async function reachCloud(stateDir: string): Promise<Reached> {
  const socket = join(stateDir, controlSocket)
  if (!existsSync(socket))
    throw new CommandFailed(`no micronova runs with state directory ${stateDir}: start it with "npm start", or give --url or --config-file`)
  const transport = new ControlTransport(socket, { errors: novaErrorCatalogue })
  await transport.describe()
  return { transport, close: async () => {} }
}
