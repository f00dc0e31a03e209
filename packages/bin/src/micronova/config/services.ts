import type { OptionGroup } from '@micronova/config'
import { novaComputeGroups } from '../../nova-compute.js'
import { novaConductorGroups } from '../../nova-conductor.js'
import { novaSchedulerGroups } from '../../nova-scheduler.js'
import { commonGroups } from '../../open-program.js'

export const serviceNames = ['nova-compute', 'nova-conductor', 'nova-scheduler'] as const
export type ServiceName = (typeof serviceNames)[number]

/** A service, or all of them: then what any of them reads. */
export type ServiceChoice = ServiceName | 'all'

const ownGroups: Readonly<Record<ServiceName, readonly OptionGroup[]>> = {
  'nova-compute': novaComputeGroups,
  'nova-conductor': novaConductorGroups,
  'nova-scheduler': novaSchedulerGroups,
}

/** The options that a service declares. */
export function groupsOf(service: ServiceChoice): readonly OptionGroup[] {
  const names = service === 'all' ? serviceNames : [service]
  return [...commonGroups, ...names.flatMap((name) => ownGroups[name])]
}
