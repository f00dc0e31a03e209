import {
  ComputeNode,
  ComputeNodeList,
  type Destination,
  type InstanceGroup,
  novaError,
  RequestSpec,
  SchedulerLimits,
  SchedulerRetries,
  type Selection,
} from '@micronova/model'

/** Hosts that were tried, in the form that nova-compute gets and gives back. */
export interface Retry {
  num_attempts: number
  hosts: (readonly [host: string, node: string])[]
  /** Of a compute that gives a build back: its traceback and its reason. */
  exc?: unknown
  exc_reason?: unknown
}

/** What was asked of the scheduler, as a dict: the form of before RequestSpec, which computes still get. */
export interface FilterProperties {
  ignore_hosts?: string[] | null
  force_hosts?: string[] | null
  force_nodes?: string[] | null
  retry?: Retry | null
  limits?: Readonly<Record<string, unknown>> | null
  scheduler_hints?: Readonly<Record<string, unknown>> | null
  requested_destination?: Destination | null
  instance_group?: InstanceGroup | null
  group_updated?: boolean
  group_hosts?: readonly string[]
  group_policies?: readonly (string | null)[]
  group_members?: readonly string[]
  group_uuid?: string
  [other: string]: unknown
}

/** @see nova 26.2.2, `objects/request_spec.py`, `to_legacy_filter_properties_dict` */
export function filterPropertiesOf(spec: RequestSpec): FilterProperties {
  const properties: FilterProperties = {}
  for (const name of ['ignore_hosts', 'force_hosts', 'force_nodes'] as const) {
    const hosts = spec.objIsSet(name) ? spec[name] : null
    if (hosts !== null && hosts.length > 0) properties[name] = [...hosts]
  }
  if (spec.objIsSet('retry') && spec.retry) properties.retry = retryOf(spec.retry)
  if (spec.objIsSet('limits') && spec.limits) properties.limits = limitsOf(spec.limits)
  if (spec.objIsSet('instance_group') && spec.instance_group) Object.assign(properties, groupOf(spec.instance_group))
  const hints = spec.objIsSet('scheduler_hints') ? spec.scheduler_hints : null
  if (hints !== null && Object.keys(hints).length > 0)
    properties.scheduler_hints = Object.fromEntries(
      Object.entries(hints).map(([name, values]) => [name, values.length === 1 ? values[0] : values]),
    )
  if (spec.objIsSet('requested_destination') && spec.requested_destination) properties.requested_destination = spec.requested_destination
  return properties
}

/** Those limits that are set. */
export function limitsOf(limits: SchedulerLimits | null): Record<string, unknown> {
  if (limits === null) return {}
  return Object.fromEntries(Object.entries(limits.objGetSet()).filter(([, value]) => value !== null))
}

function retryOf({ num_attempts, hosts }: SchedulerRetries): Retry {
  return { num_attempts, hosts: hosts.objects.map(({ host, hypervisor_hostname }) => [host ?? '', hypervisor_hostname ?? '']) }
}

function groupOf(group: InstanceGroup): FilterProperties {
  const listOf = (name: 'hosts' | 'members') => [...new Set(group.objIsSet(name) ? (group[name] ?? []) : [])]
  return {
    group_updated: true,
    group_hosts: listOf('hosts'),
    group_policies: [group.objIsSet('policy') ? group.policy : null],
    group_members: listOf('members'),
    ...(group.objIsSet('uuid') ? { group_uuid: group.uuid } : {}),
  }
}

/**
 * Count one more attempt, unless there is only one host to try, or only one attempt.
 *
 * @throws NovaError `MaxRetriesExceeded`
 * @see nova 26.2.2, `scheduler/utils.py`, `populate_retry`
 */
export function countAttempt(properties: FilterProperties, instanceUuid: string, maxAttempts: number): void {
  if (maxAttempts === 1 || properties.force_hosts?.length === 1 || properties.force_nodes?.length === 1) return
  const retry: Retry = properties.retry ?? { num_attempts: 0, hosts: [] }
  properties.retry = retry
  retry.num_attempts += 1
  const { exc_reason: reason = null } = retry
  delete retry.exc_reason
  if (retry.num_attempts <= maxAttempts) return
  throw novaError('MaxRetriesExceeded', {
    reason: `Exceeded max scheduling attempts ${maxAttempts} for instance ${instanceUuid}. Last exception: ${reason ?? 'None'}`,
  })
}

/** Note that `selection` is tried now, and what may be overcommitted there. */
export function noteSelection(properties: FilterProperties, selection: Selection): void {
  const { service_host, nodename } = selection
  properties.retry?.hosts.push([service_host, nodename])
  if (!properties.force_hosts?.length) properties.limits = limitsOf(selection.objIsSet('limits') ? selection.limits : null)
}

/** A copy whose lists of tried hosts are its own. Objects in it stay the same ones. */
export function copyOf(properties: FilterProperties): FilterProperties {
  const { retry } = properties
  return { ...properties, ...(retry ? { retry: { ...retry, hosts: [...retry.hosts] } } : {}) }
}

/**
 * The request spec that the next compute gets when a build is tried again: what the last one was asked for, with the hosts and limits
 * of `properties`.
 *
 * @see nova 26.2.2, `objects/request_spec.py`, `from_primitives`
 */
export function specWith(asked: RequestSpec, properties: FilterProperties): RequestSpec {
  const kept = ['image', 'numa_topology', 'pci_requests', 'instance_uuid', 'project_id', 'user_id', 'availability_zone', 'flavor'] as const
  const values: Record<string, unknown> = { num_instances: asked.objIsSet('num_instances') ? asked.num_instances : 1 }
  for (const name of kept) if (asked.objIsSet(name)) values[name] = asked[name]
  const { retry, limits, scheduler_hints: hints } = properties
  const spec = new RequestSpec({
    ...values,
    ignore_hosts: properties.ignore_hosts ?? null,
    force_hosts: properties.force_hosts ?? null,
    force_nodes: properties.force_nodes ?? null,
    retry: retry ? retriesOf(retry) : null,
    limits: limitsObject(limits ?? {}),
    instance_group: properties.instance_group ?? groupObject(asked, properties),
    scheduler_hints: hints === null ? null : hintLists(hints ?? {}),
    requested_destination: properties.requested_destination ?? null,
    requested_resources: asked.objIsSet('requested_resources') ? asked.requested_resources : null,
  } as ConstructorParameters<typeof RequestSpec>[0])
  return spec
}

function retriesOf({ num_attempts, hosts }: Retry): SchedulerRetries {
  const objects = hosts.map(([host, hypervisor_hostname]) => new ComputeNode({ host, hypervisor_hostname }))
  return new SchedulerRetries({ num_attempts, hosts: new ComputeNodeList({ objects }) })
}

function limitsObject(limits: Readonly<Record<string, unknown>>): SchedulerLimits {
  const names = Object.keys(SchedulerLimits.fields)
  return new SchedulerLimits(Object.fromEntries(names.map((name) => [name, limits[name] ?? null])))
}

function hintLists(hints: Readonly<Record<string, unknown>>): Record<string, unknown[]> {
  return Object.fromEntries(Object.entries(hints).map(([name, value]) => [name, Array.isArray(value) ? value : [value]]))
}

/** The group of the first request; its hosts as they were told last. */
function groupObject(asked: RequestSpec, { group_updated: isUpdated, group_hosts: hosts }: FilterProperties): InstanceGroup | null {
  if (isUpdated !== true || !asked.objIsSet('instance_group') || asked.instance_group === null) return null
  const group = asked.instance_group.objClone()
  if (hosts !== undefined) group.objSetStored({ hosts: [...hosts] })
  return group
}
