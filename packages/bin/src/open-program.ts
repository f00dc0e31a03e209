import { basename } from 'node:path'
import { dumpConfig, type OptionGroup, type ParsedConfig } from '@micronova/config'
import { type Clock, systemClock } from '@micronova/lifecycle'
import { type Logging, logOptions, setupLogging } from '@micronova/log'
import {
  messagingOptions,
  parseTransportUrl,
  rabbitOptions,
  rpcOptions,
  type TransportOptions,
  transportOptions,
} from '@micronova/messaging'
import { StartSteps, serviceOptions } from '@micronova/service'
import { checkDebugging } from './debugging/debugging.js'
import { openHealth } from './health/open-health.js'
import { healthAddress, healthOptions } from './health/options.js'
import type { ProgramHealth } from './health/program-health.js'
import { Inspection } from './inspection.js'
import { novaRelease, parseArgs } from './parse-args.js'
import { reportGroups } from './report/options.js'
import { ProgramReports } from './report/program-reports.js'
import type { Program } from './run-service.js'

export interface ProgramOptions<Db> {
  /** `nova-compute`. */
  readonly name: string
  /** For `--help`. */
  readonly description: string
  /** Those of the service; log, messaging and what every service has are added. */
  readonly groups: readonly OptionGroup[]
  /** Reads what the database needs, without opening it. */
  readonly configureDb?: (config: ParsedConfig) => Db
}

/** What a service is made with. */
export interface OpenedProgram<Db> {
  readonly config: ParsedConfig
  readonly logging: Logging
  readonly clock: Clock
  readonly steps: StartSteps
  /** To be shown the service once it is made. */
  readonly inspection: Inspection
  /** Null: nobody may ask. */
  readonly health: ProgramHealth | null
  readonly transport: { readonly url: string; readonly options: TransportOptions }
  readonly db: Db
}

/** What every service reads. */
export const commonGroups: readonly OptionGroup[] = [logOptions, serviceOptions, healthOptions, ...reportGroups, ...messagingOptions]

/** Time for the last lines of the log when the program ends. */
const closeLogMs = 1000

/**
 * Read the configuration of a service, then open its log: the first two steps of every start. Whatever is wrong with the
 * configuration is found here, before anything is opened.
 *
 * @returns null after `--help` or `--version`, which are answered on stdout
 * @throws ConfigError, InvalidTransportUrl, LogError
 */
export async function openProgram<Db>(argv: readonly string[], options: ProgramOptions<Db>): Promise<OpenedProgram<Db> | null> {
  const clock = systemClock
  const begunMs = clock.monotonicMs()
  const parsed = await parseArgs(argv, {
    program: options.name,
    description: options.description,
    groups: [...commonGroups, ...options.groups],
    environment: process.env,
    initRpc: (config) => {
      checkDebugging(config)
      return transportSettings(config)
    },
    configureDb: (config) => options.configureDb?.(config),
  })
  if (parsed.kind === 'text') {
    process.stdout.write(parsed.text)
    return null
  }
  const { config } = parsed
  healthAddress(config)
  const parsedMs = clock.monotonicMs()
  const logging = setupLogging(config.section(logOptions), {
    clock,
    program: basename(options.name),
    version: novaRelease,
    stdout: process.stdout,
    stderr: process.stderr,
    extraLevels: parsed.extraLogLevels,
  })
  const log = logging.getLogger('nova.service')
  const steps = new StartSteps({ log, clock })
  steps.record('parse_args', parsedMs - begunMs)
  steps.record('logging', clock.monotonicMs() - parsedMs)
  for (const warning of parsed.warnings) logging.getLogger('oslo_config.cfg').warning(warning)
  if (config.section(serviceOptions).log_options && log.isEnabled('DEBUG'))
    for (const line of dumpConfig(config)) logging.getLogger('oslo_service.service').debug(line)
  const inspection = new Inspection(basename(options.name), steps)
  const health = await openHealth(config, { inspection, logging, clock, release: novaRelease })
  const transport = parsed.rpc as OpenedProgram<Db>['transport']
  return { config, logging, clock, steps, inspection, health, transport, db: parsed.db as Db }
}

/** What of a program is the same for every service. */
export function commonProgram({
  config,
  logging,
  clock,
  inspection,
  health,
}: Pick<OpenedProgram<unknown>, 'config' | 'logging' | 'health' | 'clock' | 'inspection'>): Omit<Program, 'createService' | 'workers'> {
  const log = logging.getLogger('nova.service')
  const reports = new ProgramReports({ config, inspection, clock, log: logging.getLogger('oslo_reports.guru_meditation_report') })
  return {
    log,
    health,
    reports,
    gracefulShutdownSeconds: () => config.section(serviceOptions).graceful_shutdown_timeout,
    async reload() {
      const { changed, ignored, warnings } = config.mutate()
      for (const warning of warnings) log.warning(warning)
      for (const { group, name, before, after } of changed)
        log.info(`Option ${group}.${name} changed from [${String(before)}] to [${String(after)}]`)
      if (ignored.length > 0) {
        const names = ignored.map(({ group, name }) => `[${group}] ${name}`).join(', ')
        log.warning(`Changed in the configuration but in force only after a restart: ${names}`)
      }
      logging.reopen()
      // Other options are in force by now, and the service goes on with those: no reason to stop half way.
      await logging.reconfigure().catch((err) => log.error('The log goes on as it was', { err }))
    },
    async close() {
      await health?.close()
      await logging.close(AbortSignal.timeout(closeLogMs))
    },
  }
}

/** Judged now, so that a wrong URL is a wrong configuration and not a failed connection. */
function transportSettings(config: ParsedConfig): OpenedProgram<unknown>['transport'] {
  const rpc = config.section(rpcOptions)
  parseTransportUrl(rpc.transport_url)
  return { url: rpc.transport_url, options: transportOptions({ rpc, rabbit: config.section(rabbitOptions) }) }
}
