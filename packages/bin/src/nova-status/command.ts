import { clientsOptions } from '@micronova/clients'
import { type ConfigSources, systemSources } from '@micronova/config'
import { apiDatabaseOptions, databaseOptions } from '@micronova/db'
import { systemClock } from '@micronova/lifecycle'
import { logOptions, setupLogging } from '@micronova/log'
import { messagingOptions } from '@micronova/messaging'
import { novaRelease, parseArgs } from '../parse-args.js'
import { UsageError } from '../usage-error.js'
import { checkUpgrade, worst } from './check-upgrade.js'
import { openDeployment, policyOptions } from './open-deployment.js'
import { renderJson, renderTable } from './render-results.js'

export const statusGroups = [logOptions, ...messagingOptions, databaseOptions, apiDatabaseOptions, ...clientsOptions, policyOptions]

export interface StatusDeps {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly stdout: { write(text: string): unknown }
  readonly stderr: { write(text: string): unknown }
  /** Default: those of this machine. */
  readonly sources?: ConfigSources
}

/** What is asked for. */
type Request =
  | { readonly kind: 'check'; readonly json: boolean; readonly rest: readonly string[] }
  | { readonly kind: 'version' | 'options'; readonly rest: readonly string[] }

/**
 * nova-status: `[options] upgrade check [--json]`, `version`.
 *
 * @returns the exit status: 0 success, 1 warning, 2 failure
 * @throws UsageError; whatever kept a check from being made
 * @see nova 26.2.2, `cmd/status.py`
 */
export async function novaStatus(argv: readonly string[], deps: StatusDeps): Promise<number> {
  const request = readRequest(argv)
  if (request.kind === 'version') {
    deps.stdout.write(`${novaRelease}\n`)
    return 0
  }
  const sources = deps.sources ?? systemSources(deps.environment)
  const parsed = await parseArgs(request.rest, {
    program: 'nova-status',
    description: 'Says whether a deployment is ready for an upgrade: nova-status [options] upgrade check [--json].',
    groups: statusGroups,
    environment: deps.environment,
    sources,
  })
  if (parsed.kind === 'text') {
    deps.stdout.write(parsed.text)
    return 0
  }
  if (request.kind !== 'check') throw new UsageError('say what to do: upgrade check, or version')
  const logging = setupLogging(parsed.config.section(logOptions), {
    clock: systemClock,
    program: 'nova-status',
    version: novaRelease,
    stdout: process.stderr, // where a log without a file would otherwise stand among the results
    stderr: process.stderr,
    extraLevels: parsed.extraLogLevels,
  })
  try {
    const deployment = openDeployment({ config: parsed.config, logging, clock: systemClock, sources })
    try {
      const results = await checkUpgrade(deployment)
      deps.stdout.write(request.json ? renderJson(results) : renderTable(results))
      return worst(results)
    } finally {
      await deployment.close()
    }
  } finally {
    await logging.close(AbortSignal.timeout(closeLogMs))
  }
}

const closeLogMs = 1000

/** The words of the command wherever they stand; all else is options. @throws UsageError */
export function readRequest(argv: readonly string[]): Request {
  const at = argv.findIndex((word, index) => word === 'upgrade' && argv[index + 1] === 'check')
  if (at >= 0) {
    const others = [...argv.slice(0, at), ...argv.slice(at + 2)]
    return { kind: 'check', json: others.includes('--json'), rest: others.filter((word) => word !== '--json') }
  }
  if (argv.at(-1) === 'version') return { kind: 'version', rest: argv.slice(0, -1) }
  if (argv.at(-1) === 'upgrade') throw new UsageError('upgrade needs to know what to do: check')
  return { kind: 'options', rest: argv }
}
