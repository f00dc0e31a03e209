import type { HostFilter } from './filter.js'

/** Hosts whose nova-compute is enabled and up. */
export const computeFilter: HostFilter = {
  name: 'ComputeFilter',
  module: 'compute_filter',
  oncePerRequest: true,
  onRebuild: false,
  prepare: (_spec, { log, clock, serviceDownTimeSeconds }) => {
    const now = clock.now()
    const downMs = serviceDownTimeSeconds * 1000
    return (host) => {
      const { disabled, forcedDown, seenAt } = host.service
      if (disabled) log.debug(`${host} is disabled`)
      else if (!forcedDown && Math.abs(now - seenAt) <= downMs) return true
      else log.warning(`${host} has not been heard from in a while`)
      return false
    }
  },
}
