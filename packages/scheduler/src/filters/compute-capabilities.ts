import { extraSpecsOf } from '@micronova/model'
import type { HostState } from '../hosts/host-state.js'
import { fulfils } from './extra-spec-operators.js'
import { type HostFilter, passesAll } from './filter.js'
import { attributeText, hostAttribute } from './host-attributes.js'

/** Hosts whose attributes are as the extra specs `capabilities:NAME[:NAME...]` want them; names without a scope count if a host has them. */
export const computeCapabilitiesFilter: HostFilter = {
  name: 'ComputeCapabilitiesFilter',
  module: 'compute_capabilities_filter',
  oncePerRequest: true,
  onRebuild: false,
  prepare: ({ flavor }) => {
    const wanted = Object.entries(extraSpecsOf(flavor)).map(([key, value]) => ({ path: key.split(':'), value }))
    const relevant = wanted.filter(({ path }) => path.length === 1 || path[0] === 'capabilities')
    if (relevant.length === 0) return passesAll
    return (host) =>
      relevant.every(({ path, value }) => {
        if (path.length === 1 && !has(host, path[0]!)) return true
        const capability = lookUp(host, path.length === 1 ? path : path.slice(1))
        return capability !== null && fulfils(attributeText(capability), value)
      })
  },
}

function has(host: HostState, name: string): boolean {
  return hostAttribute(host, name) !== undefined || Object.hasOwn(host.facts.stats, name)
}

/** Follows the names, through JSON text as well. null: there is nothing. */
function lookUp(host: HostState, [first = '', ...rest]: readonly string[]): unknown {
  let found: unknown = hostAttribute(host, first) ?? host.facts.stats[first] ?? null
  for (const name of rest) {
    const dict = typeof found === 'string' ? parsed(found) : found
    if (typeof dict !== 'object' || dict === null || Array.isArray(dict) || !Object.hasOwn(dict, name)) return null
    found = (dict as Readonly<Record<string, unknown>>)[name] ?? null
  }
  return found
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
