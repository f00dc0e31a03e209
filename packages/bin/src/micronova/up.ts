import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { Cloud, type ServiceRow, type StateFolder, takeStateFolder } from '@micronova/cloud'
import { computeOptions, computeSettings, periodicOptions, resourceOptions } from '@micronova/compute'
import type { Defaults } from '@micronova/config'
import { databaseOptions } from '@micronova/db'
import { systemClock, systemRandom } from '@micronova/lifecycle'
import { type Logging, logOptions, setupLogging } from '@micronova/log'
import { messagingOptions, rabbitOptions, rpcOptions, transportOptions } from '@micronova/messaging'
import { type ServiceReport, type StartStep, serviceOptions } from '@micronova/service'
import { virtOptions } from '@micronova/virt'
import { openHealth } from '../health/open-health.js'
import { healthOptions } from '../health/options.js'
import type { ProgramHealth } from '../health/program-health.js'
import { Inspection } from '../inspection.js'
import { machineOptions, serviceConfig } from '../nova-compute.js'
import { micronovaRelease, novaRelease, parseArgs } from '../parse-args.js'
import { reportGroups } from '../report/options.js'
import { ProgramReports } from '../report/program-reports.js'
import { CommandFailed, UsageError } from '../usage-error.js'
import { formatDuration, formatTable, type Terminal } from './terminal.js'

export interface UpOptions {
  readonly stateDir: string
  /** Number of computes; more than one are simulated hosts. */
  readonly hosts: number
  /** `auto` takes a hypervisor that is there; only the fake one is available. */
  readonly driver: 'auto' | 'fake'
  /** Written once everything answers. */
  readonly readyFile?: string
  /** A nova.conf; what it says comes before the embedded defaults. */
  readonly configFile?: readonly string[]
  readonly debug?: boolean
}

/** A cloud that runs, and how to end it. */
export interface RunningCloud {
  readonly cloud: Cloud
  readonly reports: ProgramReports
  stop(deadline: AbortSignal): Promise<void>
}

const closeLogMs = 1000

/**
 * Start the all-in-one: conductor and computes in this process. Shows each step of the start as it happens.
 *
 * @throws UsageError, ConfigError, CloudError, and what a part could not start for
 */
export async function startCloud(options: UpOptions, terminal: Terminal, signal: AbortSignal): Promise<RunningCloud> {
  const begunMs = systemClock.monotonicMs()
  const stateDir = resolve(options.stateDir)
  const folder = takeStateFolder(stateDir)
  const { cloud, logging, reports, health } = await createCloud(options, folder, terminal).catch((err) => {
    folder.release()
    throw err
  })
  terminal.stdout.write(`micronova ${micronovaRelease}, Nova ${novaRelease}\nstate directory ${stateDir}\n\n`)
  const stop = async (deadline: AbortSignal) => {
    try {
      await cloud.stop(deadline)
    } finally {
      await health?.close()
      await logging.close(AbortSignal.timeout(closeLogMs))
      folder.release()
    }
  }
  try {
    await health?.listen({ examine: () => null, isStopping: () => signal.aborted, workers: null })
    await cloud.start(signal)
    const services = await cloud.services()
    if (options.readyFile !== undefined) writeReadyFile(options.readyFile, { stateDir, services })
    terminal.stdout.write(`\n${serviceTable(services)}\nready after ${formatDuration(systemClock.monotonicMs() - begunMs)}\n`)
    return { cloud, reports, stop }
  } catch (err) {
    await stop(AbortSignal.timeout(closeLogMs)).catch(() => {}) // the first error is the one that counts
    throw err
  }
}

async function createCloud(
  options: UpOptions,
  folder: StateFolder,
  terminal: Terminal,
): Promise<{ cloud: Cloud; logging: Logging; reports: ProgramReports; health: ProgramHealth | null }> {
  const { hosts, readyFile, configFile = [], debug } = options
  if (readyFile !== undefined) removeReadyFile(readyFile)
  const argv = [...configFile.flatMap((file) => ['--config-file', file]), ...(debug ? ['--debug'] : [])]
  const parsed = await parseArgs(argv, {
    program: 'micronova',
    groups: [
      ...messagingOptions,
      ...reportGroups,
      healthOptions,
      ...computeOptions,
      serviceOptions,
      periodicOptions,
      resourceOptions,
      virtOptions,
      databaseOptions,
      machineOptions,
    ],
    environment: terminal.environment,
    // Without a --config-file nothing on the machine is read: what another Nova here is configured for is not for this one.
    defaultConfigFiles: [],
    defaults: embeddedDefaults(folder.path),
  })
  if (parsed.kind !== 'config') throw new UsageError('--config-file needs a file')
  const { config } = parsed
  const logging = setupLogging(config.section(logOptions), {
    clock: systemClock,
    program: 'micronova',
    version: novaRelease,
    stdout: process.stdout,
    stderr: process.stderr,
    extraLevels: parsed.extraLogLevels,
  })
  for (const warning of parsed.warnings) logging.getLogger('oslo_config.cfg').warning(warning)
  const service = serviceConfig(config)
  const steps = new StepsOfParts()
  const inspection = new Inspection('micronova', steps)
  const health = await openHealth(config, { inspection, logging, clock: systemClock, release: novaRelease })
  const rpc = config.section(rpcOptions)
  const cloud = new Cloud(
    {
      getLogger: (name) => logging.getLogger(name),
      clock: systemClock,
      random: systemRandom,
      observe(part, step) {
        steps.note(part, step)
        showStep(terminal, part, step)
      },
      rpcObserver: inspection.rpcObserver,
    },
    {
      folder,
      hosts: hostNames(service.host, hosts),
      controller: service.host,
      transportUrl: rpc.transport_url,
      transport: transportOptions({ rpc, rabbit: config.section(rabbitOptions) }),
      databaseUrl: config.section(databaseOptions).connection,
      computeDriver: config.section(virtOptions).compute_driver ?? 'fake.FakeDriver',
      hostIp: config.section(machineOptions).my_ip ?? '127.0.0.1',
      service,
      settings: computeSettings(config),
      periodic: config.section(periodicOptions),
      resources: config.section(resourceOptions),
      version: novaRelease,
    },
  )
  const log = logging.getLogger('oslo_reports.guru_meditation_report')
  inspection.show({
    service: { report: () => cloudReport(cloud, service.host) },
    transports: () => cloud.look().transports,
    places: () => cloud.look().places,
  })
  return { cloud, logging, health, reports: new ProgramReports({ config, inspection, clock: systemClock, log }) }
}

/** The steps of all parts of a cloud, in the order in which they began. */
class StepsOfParts {
  readonly #steps = new Map<string, StartStep>()

  get steps(): readonly StartStep[] {
    return [...this.#steps.values()]
  }

  note(part: string, step: StartStep): void {
    const name = `${part} ${step.name}`
    this.#steps.set(name, { ...step, name })
  }
}

/** A cloud as one service: it runs when all of its parts do. */
function cloudReport(cloud: Cloud, host: string): ServiceReport {
  const periodicTasks = cloud
    .look()
    .services.map((service) => service.report())
    .flatMap(({ identity, periodicTasks }) => periodicTasks.map((task) => ({ ...task, name: `${identity.host} ${task.name}` })))
  return { identity: { binary: 'micronova', host, topic: 'all' }, managerName: 'all', state: cloud.state, heartbeat: null, periodicTasks }
}

/** What the all-in-one runs with where no nova.conf says otherwise. */
function embeddedDefaults(stateDir: string): Defaults {
  return {
    DEFAULT: {
      transport_url: 'memory://',
      state_path: stateDir,
      log_file: 'micronova.log',
      log_dir: stateDir,
      use_stderr: false,
      host: hostname(),
      // One machine: nothing is gained by spreading the first runs of its tasks over a minute.
      periodic_fuzzy_delay: 0,
    },
  }
}

/** The machine's own name for a single host; `NAME-1` and so on for several. */
function hostNames(name: string, count: number): string[] {
  return count === 1 ? [name] : Array.from({ length: count }, (_, index) => `${name}-${index + 1}`)
}

function showStep({ stdout }: Terminal, part: string, { name, outcome, durationMs }: StartStep): void {
  if (outcome === 'running') return
  const mark = outcome === 'done' ? '' : `  ${outcome}`
  stdout.write(`  ${part.padEnd(28)}  ${name.padEnd(24)} ${formatDuration(durationMs ?? 0).padStart(8)}${mark}\n`)
}

function serviceTable(services: readonly ServiceRow[]): string {
  const rows = services.map(({ binary, host, up, version }) => [binary, host, up ? 'up' : 'down', String(version)])
  return formatTable([['Binary', 'Host', 'State', 'Version'], ...rows])
}

/** That of an earlier run would say that this one is ready. */
function removeReadyFile(path: string): void {
  changingReadyFile(path, () => rmSync(path, { force: true }))
}

/** In one piece: a reader sees all of it or no file. */
function writeReadyFile(
  path: string,
  { stateDir, services }: { readonly stateDir: string; readonly services: readonly ServiceRow[] },
): void {
  const content = {
    pid: process.pid,
    state_dir: stateDir,
    endpoints: { control: `unix:${stateDir}/control.sock` },
    credentials_file: null,
    services,
  }
  changingReadyFile(path, () => {
    writeFileSync(`${path}.new`, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 })
    renameSync(`${path}.new`, path)
  })
}

function changingReadyFile(path: string, change: () => void): void {
  try {
    change()
  } catch (err) {
    throw new CommandFailed(`--ready-file ${path} cannot be written: ${(err as NodeJS.ErrnoException).code}`)
  }
}
