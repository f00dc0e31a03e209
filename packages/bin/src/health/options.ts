import { defineOptions, opt, type ParsedConfig } from '@micronova/config'
import { type HealthAddress, parseHealthAddress } from './address.js'

/** A group of our own: Python's services do not know it and leave it alone. */
export const healthOptions = defineOptions('micronova', {
  health_listen: opt.string({
    help: 'Address on which the service answers /livez, /readyz and /metrics: HOST:PORT, [ADDRESS]:PORT or unix:/PATH. Unset: it listens nowhere.',
  }),
})

/**
 * `[micronova] health_listen`; null: it is not set.
 *
 * @throws CommandFailed if it is no address
 */
export function healthAddress(config: ParsedConfig): HealthAddress | null {
  const text = config.section(healthOptions).health_listen
  return text === null || text === '' ? null : parseHealthAddress(text)
}
