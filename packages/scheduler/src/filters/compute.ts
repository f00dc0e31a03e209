import { isServiceUp } from '@micronova/service'
import type { HostFilter } from './filter.js'

/** Hosts whose nova-compute is enabled and up. */
export const computeFilter: HostFilter = {
  name: 'ComputeFilter',
  module: 'compute_filter',
  oncePerRequest: true,
  onRebuild: false,
  prepare: (_spec, { log, clock, serviceDownTimeSeconds }) => {
    const now = clock.now()
    return (host) => {
      const { service } = host
      if (service.disabled) log.debug(`${host} is disabled, reason: ${service.disabledReason ?? 'None'}`)
      else if (isServiceUp(service, serviceDownTimeSeconds, now)) return true
      else log.warning(`${host} has not been heard from in a while`)
      return false
    }
  },
}
