import { type Clock, systemClock } from '@micronova/lifecycle'
import { type Command, InvalidArgumentError } from 'commander'
import { CommandFailed, UsageError } from '../../usage-error.js'
import { type ConfigChoice, checkServiceConfig } from '../config/check.js'
import { serviceOption, withConfigFiles } from '../config/command.js'
import type { ServiceChoice } from '../config/services.js'
import type { Terminal } from '../terminal.js'
import type { CheckResult } from './check.js'
import { describeResults, resultsToJson } from './report.js'
import { runChecks } from './run-checks.js'
import { serviceChecks } from './service-checks.js'
import { stateDirChecks } from './state-dir-checks.js'

interface DoctorFlags {
  readonly configFile?: readonly string[]
  readonly configDir?: readonly string[]
  readonly service: ServiceChoice
  readonly stateDir?: string
  readonly json?: boolean
  readonly timeout: number
}

/** `micronova doctor`: what is wrong with a configuration and with all that a service needs, and how to mend it. */
export function addDoctor(command: Command, terminal: Terminal): void {
  withConfigFiles(command.command('doctor'))
    .description('ask everything that a service needs whether it works, and say what is wrong and how to mend it')
    .addOption(serviceOption())
    .option('--state-dir <dir>', 'look at the all-in-one in this folder instead')
    .option('--timeout <seconds>', 'longest time for each check; they run side by side', seconds, 10)
    .option('--json', 'print one JSON object')
    .action(async (flags: DoctorFlags) => {
      const results = await examine(flags, terminal)
      terminal.stdout.write(flags.json ? resultsToJson(results) : describeResults(results))
      const ill = results.filter(({ status }) => status === 'failed')
      if (ill.length > 0) throw new CommandFailed(`failed: ${ill.map(({ name }) => name).join(', ')}`)
    })
}

/** @throws UsageError */
export async function examine(
  { stateDir, timeout, ...flags }: DoctorFlags,
  { environment }: Pick<Terminal, 'environment'>,
  clock: Clock = systemClock,
): Promise<readonly CheckResult[]> {
  const limitMs = timeout * 1000
  const deps = { clock, environment }
  if (stateDir !== undefined) {
    if (flags.configFile !== undefined || flags.configDir !== undefined)
      throw new UsageError('--state-dir and --config-file exclude each other')
    return runChecks(stateDirChecks(deps, { stateDir, limitMs }), clock, { limitMs })
  }
  const choice: ConfigChoice = flags
  const { checks, close } = serviceChecks(deps, {
    checked: checkServiceConfig(choice, { environment }),
    service: choice.service,
    limitMs,
  })
  try {
    return await runChecks(checks, clock, { limitMs })
  } finally {
    await close()
  }
}

function seconds(text: string): number {
  const value = Number(text)
  if (!(value > 0 && value <= 3600)) throw new InvalidArgumentError('It must be a number above 0 and up to 3600.')
  return value
}
