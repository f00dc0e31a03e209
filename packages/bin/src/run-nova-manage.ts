import { type Clients, clientsOptions, clientsSettings, createClients } from '@micronova/clients'
import { defineOptions, opt, type ParsedConfig } from '@micronova/config'
import { apiDatabaseOptions, databaseOptions } from '@micronova/db'
import { systemClock, systemRandom } from '@micronova/lifecycle'
import { logOptions, setupLogging } from '@micronova/log'
import { rpcOptions } from '@micronova/messaging'
import { adminContext, novaRegistry } from '@micronova/model'
import { serviceDownTime, serviceOptions } from '@micronova/service'
import { CommanderError } from 'commander'
import { errorText, isMendable } from './error-text.js'
import { initialRatios, ratioOptions } from './nova-databases.js'
import { categories } from './nova-manage/categories.js'
import type { Manage } from './nova-manage/command.js'
import { ManagedDatabases } from './nova-manage/managed-databases.js'
import { type ChosenCommand, chooseCommand, commandsHelp } from './nova-manage/program.js'
import { splitArguments } from './nova-manage/split-arguments.js'
import { novaRelease, parseArgs } from './parse-args.js'
import { CommandFailed } from './usage-error.js'

const manageOptions = defineOptions('DEFAULT', {
  cpu_allocation_ratio: opt.float({ min: 0, help: 'What compute nodes without one get, before initial_cpu_allocation_ratio.' }),
  ram_allocation_ratio: opt.float({ min: 0, help: 'What compute nodes without one get, before initial_ram_allocation_ratio.' }),
  disk_allocation_ratio: opt.float({ min: 0, help: 'What compute nodes without one get, before initial_disk_allocation_ratio.' }),
  default_availability_zone: opt.string({ default: 'nova', help: 'Zone of a compute host that is in no aggregate with one.' }),
  post_mortem: opt.boolean({ default: false, cli: true, help: 'Has no effect here.' }),
})

export const novaManageGroups = [
  rpcOptions,
  databaseOptions,
  apiDatabaseOptions,
  ratioOptions,
  serviceOptions,
  ...clientsOptions,
  manageOptions,
]

/** Wrong usage. */
const usageStatus = 2
/** A mistake in the program itself. */
const unexpectedStatus = 255
/** Time for the last lines of the log. */
const closeLogMs = 1000

/**
 * Be nova-manage and end the process with the status of the command; 2 for wrong usage. SIGINT and SIGTERM let a command end after its
 * present portion; a second one ends the process at once.
 */
export async function runNovaManage(argv: readonly string[]): Promise<void> {
  // A reader that has seen enough, such as `head`, is no failure.
  process.stdout.on('error', (err: NodeJS.ErrnoException) => process.exit(err.code === 'EPIPE' ? 0 : 1))
  process.exitCode = await manage(argv).catch(report)
  process.stdout.write('', () => process.exit())
}

async function manage(argv: readonly string[]): Promise<number> {
  const { own, rest } = splitArguments(argv, [logOptions, ...novaManageGroups])
  const parsed = await parseArgs(own, {
    program: 'nova-manage',
    description: 'Looks after the databases of a deployment: schemas, cells, deleted rows, services.',
    groups: [logOptions, ...novaManageGroups],
    environment: process.env,
  })
  if (parsed.kind === 'text') {
    const isHelp = parsed.text.startsWith('Usage')
    process.stdout.write(
      isHelp ? parsed.text.replace('[OPTION]...', '[OPTION]... CATEGORY COMMAND') + commandsHelp(categories) : parsed.text,
    )
    return 0
  }
  if (rest.length === 0) {
    process.stderr.write('nova-manage: a category and a command are missing; --help lists them\n')
    return usageStatus
  }
  const output = {
    write: (text: string) => void process.stdout.write(text),
    writeError: (text: string) => void process.stderr.write(text),
  }
  const command = chooseCommand(rest, categories, output)
  return command === null ? 0 : runCommand(command, parsed.config, parsed.extraLogLevels)
}

async function runCommand(command: ChosenCommand, config: ParsedConfig, extraLevels: readonly string[]): Promise<number> {
  const logging = setupLogging(config.section(logOptions), {
    clock: systemClock,
    program: 'nova-manage',
    version: novaRelease,
    stdout: process.stdout,
    stderr: process.stderr,
    extraLevels,
  })
  const deps = { clock: systemClock, random: systemRandom, registry: novaRegistry(), log: logging.getLogger('nova.db') }
  const [main, api] = [config.section(databaseOptions), config.section(apiDatabaseOptions)]
  const { transport_url: transportUrl } = config.section(rpcOptions)
  const initial = initialRatios(config)
  const databases = new ManagedDatabases(deps, { main, api, transportUrl, initialAllocationRatios: initial })
  const log = logging.getLogger('nova.manage')
  const own = config.section(manageOptions)
  for (const warning of config.warnings) log.debug(warning)
  let clients: Clients | undefined
  const parts: Manage = {
    print: (line) => void process.stdout.write(`${line}\n`),
    write: (text) => void process.stdout.write(text),
    databases,
    placement() {
      const keystoneauth = { clock: systemClock, random: systemRandom, log: logging.getLogger('keystoneauth') }
      clients ??= createClients(keystoneauth, { settings: clientsSettings(config), program: `nova-manage/${novaRelease}` })
      if (clients.placement === null) throw new CommandFailed('[placement] auth_type is not set: there is no way to Placement')
      return clients.placement
    },
    settings: {
      databaseUrl: main.connection,
      transportUrl,
      defaultZone: own.default_availability_zone,
      serviceDownTime: serviceDownTime(config.section(serviceOptions), log),
      ratios: {
        cpu: own.cpu_allocation_ratio || initial.cpu,
        ram: own.ram_allocation_ratio || initial.ram,
        disk: own.disk_allocation_ratio || initial.disk,
      },
    },
    ctx: adminContext(deps),
    clock: systemClock,
    random: systemRandom,
    log,
    interrupted: interruption(),
  }
  try {
    return await command.run(parts)
  } catch (err) {
    process.stderr.write(`nova-manage: ${command.name}: ${errorText(err)}\n`)
    return isMendable(err) ? command.failureStatus : unexpectedStatus
  } finally {
    await clients?.close()
    await databases.close()
    await logging.close(AbortSignal.timeout(closeLogMs))
  }
}

function interruption(): AbortSignal {
  const interrupted = new AbortController()
  const onSignal = () => {
    if (interrupted.signal.aborted) process.exit(1)
    interrupted.abort()
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  return interrupted.signal
}

function report(err: unknown): number {
  // commander has said what was wrong, or printed the help that was asked for.
  if (err instanceof CommanderError) return err.exitCode === 0 ? 0 : usageStatus
  process.stderr.write(`nova-manage: ${errorText(err)}\n`)
  return err instanceof Error && 'exitStatus' in err ? Number(err.exitStatus) : unexpectedStatus
}
