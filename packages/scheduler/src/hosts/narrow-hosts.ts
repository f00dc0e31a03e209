import type { Logger } from '@micronova/log'
import type { RequestSpec } from '@micronova/model'
import { hintOf } from '../filters/scheduler-hints.js'
import type { HostState } from './host-state.js'

export interface NarrowedHosts {
  readonly hosts: readonly HostState[]
  /** A host or node was forced: filters are not asked, and none of these is refused. */
  readonly isForced: boolean
}

/**
 * The hosts that a request names: its destination, forced ones, without those to be ignored.
 *
 * @see nova 26.2.2, `scheduler/host_manager.py`, `get_filtered_hosts`
 */
export function narrowHosts(hosts: readonly HostState[], spec: RequestSpec, log: Logger): NarrowedHosts {
  const ignored = listOf(spec, 'ignore_hosts')
  const forcedHosts = listOf(spec, 'force_hosts')
  const forcedNodes = listOf(spec, 'force_nodes')
  let left = atDestination(hosts, spec, log)
  if (ignored.length > 0) {
    const names = new Set(ignored.map((name) => name.toLowerCase()))
    const isIgnored = ({ host }: HostState) => names.has(host.toLowerCase())
    const gone = left.filter(isIgnored).map(({ host }) => host)
    left = left.filter((host) => !isIgnored(host))
    log.info(`Host filter ignoring hosts: ${gone.join(', ')}`)
    if (left.length === 0) return { hosts: left, isForced: true }
  }
  if (forcedHosts.length > 0) {
    const names = new Set(forcedHosts.map((name) => name.toLowerCase()))
    left = left.filter(({ host }) => names.has(host.toLowerCase()))
    if (left.length > 0) log.info(`Host filter forcing available hosts to ${left.map(({ host }) => host).join(', ')}`)
    else log.info(`No hosts matched due to not matching 'force_hosts' value of '${forcedHosts.join(', ')}'`)
  }
  if (forcedNodes.length > 0) {
    left = left.filter(({ nodename }) => forcedNodes.includes(nodename))
    if (left.length > 0) log.info(`Host filter forcing available nodes to ${left.map(({ nodename }) => nodename).join(', ')}`)
    else log.info(`No nodes matched due to not matching 'force_nodes' value of '${forcedNodes.join(', ')}'`)
  }
  const isForced = forcedHosts.length + forcedNodes.length > 0 && !hintOf(spec, '_nova_check_type')?.length
  return { hosts: left, isForced }
}

function listOf(spec: RequestSpec, name: 'ignore_hosts' | 'force_hosts' | 'force_nodes'): readonly string[] {
  return (spec.objIsSet(name) ? spec[name] : null) ?? []
}

function atDestination(hosts: readonly HostState[], spec: RequestSpec, log: Logger): readonly HostState[] {
  const destination = spec.requested_destination
  if (destination === null || !destination.objIsSet('host')) return hosts
  const { host } = destination
  const node = destination.objIsSet('node') ? destination.node : null
  const found = hosts.filter((state) => state.host === host && (!node || state.nodename === node))
  if (found.length > 0) log.info(`Host filter only checking host ${host} and node ${node ?? 'None'}`)
  else log.info(`No hosts matched due to not matching requested destination (${host}, ${node ?? 'None'})`)
  return found
}
