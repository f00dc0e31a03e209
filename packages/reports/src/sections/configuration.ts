import { mask, type ParsedConfig } from '@micronova/config'
import type { ReportValue, Section } from '../model.js'

/** Every option that the program reads, with its value in force; secrets as the log's dump of options shows them. */
export function configurationSection(config: Pick<ParsedConfig, 'entries'>): Section {
  const groups: Record<string, Record<string, ReportValue>> = {}
  for (const { group, name, spec, value } of config.entries()) {
    const key = group === 'DEFAULT' ? 'default' : group
    groups[key] ??= {}
    groups[key][name] = spec.secret ? mask : plain(value)
  }
  return { name: 'configuration', title: 'Configuration', form: 'configuration', model: groups }
}

function plain(value: unknown): ReportValue {
  if (value === null || value === undefined) return null
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  if (Array.isArray(value)) return value.map(plain)
  const isPlain = typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype
  return isPlain ? Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plain(item)])) : String(value)
}
