import type { Logger } from '@micronova/log'
import { pythonFloat, pythonInt } from '@micronova/model'
import type { HostState } from '../hosts/host-state.js'

/** What the aggregates of a host say under `key`. @see nova 26.2.2, `scheduler/filters/utils.py` */
export function aggregateValues(host: HostState, key: string): ReadonlySet<string> {
  const values = host.aggregates.flatMap(({ metadata }) => (metadata !== null && Object.hasOwn(metadata, key) ? [metadata[key]!] : []))
  return new Set(values)
}

/** All metadata of the aggregates of a host; several values of an aggregate are separated by commas. With `key`: of those that have it. */
export function aggregateMetadata(host: HostState, key?: string): ReadonlyMap<string, ReadonlySet<string>> {
  const all = new Map<string, Set<string>>()
  for (const { metadata } of host.aggregates) {
    if (metadata === null || (key !== undefined && !Object.hasOwn(metadata, key))) continue
    for (const [name, text] of Object.entries(metadata)) {
      const values = all.get(name) ?? new Set()
      for (const value of text.split(',')) values.add(value.trim())
      all.set(name, values)
    }
  }
  return all
}

/** The least of the numbers that the aggregates of a host have under `key`; what is no number is logged, and `fallback` holds. */
export function leastAggregateNumber(host: HostState, key: string, fallback: number, log: Logger, kind: 'int' | 'float' = 'int'): number {
  // Asked for each host and weigher: most hosts are in aggregates that say nothing of it.
  if (!host.aggregates.some(({ metadata }) => metadata !== null && Object.hasOwn(metadata, key))) return fallback
  const values = [...aggregateValues(host, key)]
  const numbers = values.map(kind === 'int' ? pythonInt : pythonFloat)
  const wrong = numbers.indexOf(null)
  if (wrong < 0) return Math.min(...numbers.map(Number))
  log.warning(`Could not decode ${key}: '${values[wrong]}' is not a number`)
  return fallback
}
