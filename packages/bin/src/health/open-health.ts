import type { ParsedConfig } from '@micronova/config'
import type { Clock } from '@micronova/lifecycle'
import type { Logging } from '@micronova/log'
import type { Inspection } from '../inspection.js'
import { healthAddress } from './options.js'
import type { ProgramHealth } from './program-health.js'

export interface HealthDeps {
  readonly inspection: Inspection
  readonly logging: Logging
  readonly clock: Clock
  /** Of Nova. */
  readonly release: string
}

/**
 * Null unless `health_listen` is set: nothing is loaded then, and nothing is counted. Otherwise what is made from now on is observed.
 *
 * @throws CommandFailed if it is no address
 */
export async function openHealth(config: ParsedConfig, deps: HealthDeps): Promise<ProgramHealth | null> {
  const address = healthAddress(config)
  if (address === null) return null
  const { Health } = await import('./health.js')
  return new Health(deps, address)
}
