import type { RequestSpec } from '@micronova/model'
import { pythonRepr } from '@micronova/versionedobjects'
import type { HostState } from '../hosts/host-state.js'
import { type FilterDeps, type HostFilter, passesAll } from './filter.js'
import { isRebuild } from './scheduler-hints.js'

/**
 * The hosts that pass all filters.
 *
 * @param index of the instance in its request: after the first one some filters have nothing new to say
 */
export function runFilters(
  filters: readonly HostFilter[],
  hosts: readonly HostState[],
  spec: RequestSpec,
  index: number,
  deps: FilterDeps,
): readonly HostState[] {
  const { log } = deps
  const rebuild = isRebuild(spec)
  const history: string[] = []
  let left = hosts
  for (const filter of filters) {
    if (filter.oncePerRequest && index > 0) continue
    const before = left.length
    if (!rebuild || filter.onRebuild) {
      const test = filter.prepare(spec, deps)
      if (test !== passesAll) left = left.filter(test)
    }
    history.push(`${filter.name}: (start: ${before}, end: ${left.length})`)
    if (left.length === 0) {
      log.info(`Filter ${filter.name} returned 0 hosts`)
      break
    }
    log.debug(`Filter ${filter.name} returned ${left.length} host(s)`)
  }
  if (left.length === 0) {
    const uuid = spec.objIsSet('instance_uuid') ? spec.instance_uuid : ''
    log.info(`Filtering removed all hosts for the request with instance ID '${uuid}'. Filter results: ${pythonRepr(history)}`)
  }
  return left
}
