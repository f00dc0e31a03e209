import type { ParsedConfig } from '@micronova/config'
import { maskSecrets } from '@micronova/log'
import type { ServiceHooks } from '@micronova/rpcapi'
import type { Servable } from '@micronova/service'
import type { OpenedProgram } from '../open-program.js'
import { novaRelease } from '../parse-args.js'
import { backdoorPlace } from './backdoor/place.js'
import { patchesOf } from './hooks/open-hooks.js'
import { backdoorOptions, remoteDebugOptions } from './options.js'
import { processView } from './process-view.js'

/** What lets people look into a service that runs. */
export interface Debugging {
  /** For `baseapi.get_backdoor_port`. */
  readonly backdoorPort: ServiceHooks['backdoorPort']
  /** To be called when the service has stopped. */
  close(): Promise<void>
}

/**
 * Judge what is configured, before anything is opened.
 *
 * @throws CommandFailed in one sentence
 */
export function checkDebugging(config: ParsedConfig): void {
  backdoorPlace(config.section(backdoorOptions), process.pid)
  patchesOf(config)
}

/**
 * Make a service that may be looked into, and close what was opened for that if the service cannot be made.
 *
 * @param workers how many processes the service runs in; each has a console and a debugger of its own, as far as there are ports
 */
export async function withDebugging(
  program: OpenedProgram<unknown>,
  create: (debugging: Debugging) => Promise<Servable>,
  workers = 1,
): Promise<Servable> {
  const debugging = await openDebugging(program, workers)
  try {
    return await create(debugging)
  } catch (err) {
    await debugging.close()
    throw err
  }
}

/**
 * What is off is not loaded. Modules that are loaded later import nothing of ours but each other and types: the bundler puts a wrapper
 * around each module that they share with the rest of a program, which every start would pay for.
 */
async function openDebugging(program: OpenedProgram<unknown>, workers: number): Promise<Debugging> {
  const { config, logging, steps, inspection } = program
  const log = logging.getLogger('nova.service')
  const backdoor = config.section(backdoorOptions)
  const { host, port } = config.section(remoteDebugOptions)
  const place = backdoorPlace(backdoor, process.pid)
  const closers: (() => unknown)[] = []
  let where: Debugging['backdoorPort'] = null

  if (port !== null) {
    const ports = port === 0 ? [0] : Array.from({ length: workers }, (_, index) => port + index).filter((one) => one <= 65535)
    const end = await steps.run('remote_debug', async () => {
      const { openRemoteDebug } = await import('./remote-debug.js')
      return openRemoteDebug(log, { host: host ?? '127.0.0.1', ports })
    })
    if (end !== null) closers.push(end)
  } else if (host !== null) log.warning('[remote_debug] host has no effect without a port')
  if (place !== null) {
    if (backdoor.backdoor_port !== null && place.kind === 'socket')
      log.warning('backdoor_port has no effect: backdoor_socket is set, and there is one console only')
    const view = processView({ inspection, version: novaRelease, config, process })
    const opened = await steps.run('backdoor', async () => {
      const [{ openBackdoor }, { consoleLocals }] = await Promise.all([
        import('./backdoor/backdoor.js'),
        import('./backdoor/console-locals.js'),
      ])
      return openBackdoor(log, place, { program: inspection.program, locals: consoleLocals(view, logging), mask: maskSecrets })
    })
    if (opened !== null) {
      where = opened.where
      closers.push(() => opened.close())
    }
  }
  return {
    backdoorPort: where,
    async close() {
      for (const close of closers.splice(0)) await close()
    },
  }
}
