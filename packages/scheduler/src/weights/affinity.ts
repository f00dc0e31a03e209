import type { RequestSpec } from '@micronova/model'
import { countMembers } from '../filters/count-members.js'
import type { HostState } from '../hosts/host-state.js'
import type { HostWeigher } from './weigher.js'

/** Hosts with more members of a soft-affinity group are better. */
export const serverGroupSoftAffinityWeigher: HostWeigher = {
  name: 'ServerGroupSoftAffinityWeigher',
  module: 'affinity',
  multiplierName: 'soft_affinity_weight_multiplier',
  multiplier: ({ settings }) => settings.soft_affinity_weight_multiplier,
  prepare: (spec) => membersOn(spec, 'soft-affinity'),
}

/** Hosts with fewer members of a soft-anti-affinity group are better. */
export const serverGroupSoftAntiAffinityWeigher: HostWeigher = {
  name: 'ServerGroupSoftAntiAffinityWeigher',
  module: 'affinity',
  multiplierName: 'soft_anti_affinity_weight_multiplier',
  multiplier: ({ settings }) => settings.soft_anti_affinity_weight_multiplier,
  prepare: (spec) => {
    const members = membersOn(spec, 'soft-anti-affinity')
    return (host) => -members(host)
  },
}

function membersOn(spec: RequestSpec, policy: string): (host: HostState) => number {
  const group = spec.objIsSet('instance_group') ? spec.instance_group : null
  if (group === null || !group.objIsSet('policy') || group.policy !== policy) return () => 0
  const members = group.members ?? []
  return ({ instances }) => countMembers(members, instances)
}
