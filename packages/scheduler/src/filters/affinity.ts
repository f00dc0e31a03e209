import { BlockList, isIP } from 'node:net'
import type { InstanceGroup, RequestSpec } from '@micronova/model'
import { countMembers } from './count-members.js'
import { type HostFilter, passesAll } from './filter.js'
import { hintOf } from './scheduler-hints.js'

const ofHints = { module: 'affinity_filter', oncePerRequest: true, onRebuild: false } as const
const ofGroups = { module: 'affinity_filter', oncePerRequest: false, onRebuild: false } as const

/** Hosts without the instances of the hint `different_host`. */
export const differentHostFilter: HostFilter = {
  ...ofHints,
  name: 'DifferentHostFilter',
  prepare: (spec) => {
    const uuids = hintOf(spec, 'different_host') ?? []
    return uuids.length === 0 ? passesAll : ({ instances }) => !uuids.some((uuid) => instances.has(uuid))
  },
}

/** Hosts with one of the instances of the hint `same_host`. */
export const sameHostFilter: HostFilter = {
  ...ofHints,
  name: 'SameHostFilter',
  prepare: (spec) => {
    const uuids = hintOf(spec, 'same_host') ?? []
    return uuids.length === 0 ? passesAll : ({ instances }) => uuids.some((uuid) => instances.has(uuid))
  },
}

/** Hosts whose address is in the net of the hints `build_near_host_ip` and `cidr`. */
export const simpleCidrAffinityFilter: HostFilter = {
  ...ofHints,
  name: 'SimpleCIDRAffinityFilter',
  prepare: (spec) => {
    const address = hintOf(spec, 'build_near_host_ip')?.[0]
    if (!address) return passesAll
    const net = netOf(address, hintOf(spec, 'cidr')?.[0] ?? '/24')
    return ({ facts }) => facts.node.host_ip !== null && net.check(facts.node.host_ip, familyOf(facts.node.host_ip))
  },
}

function netOf(address: string, cidr: string): BlockList {
  const net = new BlockList()
  const prefix = /^\/(\d{1,3})$/.exec(cidr)?.[1]
  if (isIP(address) === 0 || prefix === undefined || Number(prefix) > (isIP(address) === 4 ? 32 : 128))
    throw new TypeError(`the scheduler hints build_near_host_ip and cidr name no net: ${address}${cidr}`)
  net.addSubnet(address, Number(prefix), familyOf(address))
  return net
}

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4')

/** Hosts with fewer members of an anti-affinity group than its rule allows, by default none; and the one that the instance is on. */
export const serverGroupAntiAffinityFilter: HostFilter = {
  ...ofGroups,
  name: 'ServerGroupAntiAffinityFilter',
  prepare: (spec) => {
    const group = groupOf(spec)
    if (group === null || policyOf(group) !== 'anti-affinity') return passesAll
    const members = group.members ?? []
    const limit = group.rules.max_server_per_host ?? 1
    const uuid = spec.objIsSet('instance_uuid') ? spec.instance_uuid : ''
    return ({ instances }) => instances.has(uuid) || countMembers(members, instances) < limit
  },
}

/** The hosts of an affinity group, once it has any. */
export const serverGroupAffinityFilter: HostFilter = {
  ...ofGroups,
  name: 'ServerGroupAffinityFilter',
  prepare: (spec) => {
    const group = groupOf(spec)
    if (group === null || policyOf(group) !== 'affinity') return passesAll
    const hosts = new Set(group.objIsSet('hosts') ? group.hosts : [])
    return hosts.size === 0 ? passesAll : ({ host }) => hosts.has(host)
  },
}

function groupOf(spec: RequestSpec): InstanceGroup | null {
  return spec.objIsSet('instance_group') ? spec.instance_group : null
}

/** Groups of before Rocky have a list of one instead. */
function policyOf(group: InstanceGroup): string | null {
  if (group.objIsSet('policy')) return group.policy
  return (group.objIsSet('policies') ? group.policies?.[0] : undefined) ?? null
}
