import { novaError } from '@micronova/model'
import {
  differentHostFilter,
  sameHostFilter,
  serverGroupAffinityFilter,
  serverGroupAntiAffinityFilter,
  simpleCidrAffinityFilter,
} from './affinity.js'
import { aggregateImagePropertiesIsolation } from './aggregate-image-properties-isolation.js'
import { aggregateInstanceExtraSpecsFilter } from './aggregate-instance-extra-specs.js'
import { aggregateMultiTenancyIsolation } from './aggregate-multitenancy-isolation.js'
import { aggregateTypeAffinityFilter } from './aggregate-type-affinity.js'
import { allHostsFilter } from './all-hosts.js'
import { availabilityZoneFilter } from './availability-zone.js'
import { computeFilter } from './compute.js'
import { computeCapabilitiesFilter } from './compute-capabilities.js'
import type { HostFilter } from './filter.js'
import { imagePropertiesFilter } from './image-properties.js'
import { aggregateIoOpsFilter, ioOpsFilter } from './io-ops.js'
import { isolatedHostsFilter } from './isolated-hosts.js'
import { jsonFilter } from './json-query.js'
import { metricsFilter } from './metrics.js'
import { aggregateNumInstancesFilter, numInstancesFilter } from './num-instances.js'
import { numaTopologyFilter } from './numa-topology.js'
import { pciPassthroughFilter } from './pci-passthrough.js'

/** All filters of Nova. @see nova 26.2.2, `scheduler/filters/` */
export const hostFilters: readonly HostFilter[] = [
  aggregateImagePropertiesIsolation,
  aggregateInstanceExtraSpecsFilter,
  aggregateIoOpsFilter,
  aggregateMultiTenancyIsolation,
  aggregateNumInstancesFilter,
  aggregateTypeAffinityFilter,
  allHostsFilter,
  availabilityZoneFilter,
  computeCapabilitiesFilter,
  computeFilter,
  differentHostFilter,
  imagePropertiesFilter,
  ioOpsFilter,
  isolatedHostsFilter,
  jsonFilter,
  metricsFilter,
  numaTopologyFilter,
  numInstancesFilter,
  pciPassthroughFilter,
  sameHostFilter,
  serverGroupAffinityFilter,
  serverGroupAntiAffinityFilter,
  simpleCidrAffinityFilter,
]

const everything = 'nova.scheduler.filters.all_filters'

/**
 * The filters of `enabled_filters`, in its order.
 *
 * @param available `available_filters`: `nova.scheduler.filters.all_filters`, or Python names of classes
 * @throws NovaError `SchedulerHostFilterNotFound` with all names that are not among the available ones
 */
export function chooseFilters(available: readonly string[], enabled: readonly string[]): readonly HostFilter[] {
  const known = hostFilters.filter(
    ({ name, module }) => available.includes(everything) || available.includes(`nova.scheduler.filters.${module}.${name}`),
  )
  const byName = new Map(known.map((filter) => [filter.name, filter]))
  const unknown = enabled.filter((name) => !byName.has(name))
  if (unknown.length > 0) throw novaError('SchedulerHostFilterNotFound', { filter_name: unknown.join(', ') })
  return enabled.flatMap((name) => byName.get(name) ?? [])
}
