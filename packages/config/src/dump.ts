import type { ParsedConfig } from './config.js'
import { textOf } from './types/text.js'
import { mask } from './values.js'

/**
 * Lines that show every option with its value in force, secrets masked: what a service logs at start in debug mode.
 *
 * @see oslo.config 9.0.0, `cfg.ConfigOpts.log_opt_values`
 */
export function dumpConfig(config: ParsedConfig): string[] {
  const lines = config.entries().map(({ group, name, spec, value }) => {
    const label = group === 'DEFAULT' ? name : `${group}.${name}`
    return `${label.padEnd(30)} = ${spec.secret ? mask : value === null ? '<None>' : textOf(value)}`
  })
  const stars = '*'.repeat(80)
  return [stars, `config files: ${config.files.join(', ')}`, '='.repeat(80), ...lines, stars]
}
