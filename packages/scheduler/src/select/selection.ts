import type { AllocationRequest } from '@micronova/clients'
import { pythonJson, SchedulerLimits, Selection } from '@micronova/model'
import { aggregateMetadata } from '../filters/aggregate-metadata.js'
import type { HostState } from '../hosts/host-state.js'
import { candidatesMicroversion } from './candidates.js'

/** A host for an instance, as callers get it. The claim is JSON text as Python writes it. */
export function selectionOf(host: HostState, request: AllocationRequest | null, defaultZone: string | null): Selection {
  const [zone] = aggregateMetadata(host, 'availability_zone').get('availability_zone') ?? []
  return new Selection({
    compute_node_uuid: host.uuid,
    service_host: host.host,
    nodename: host.nodename,
    cell_uuid: host.cellUuid,
    limits: new SchedulerLimits({ numa_topology: host.numaLimits, vcpu: null, disk_gb: null, memory_mb: null }),
    allocation_request: pythonJson(request),
    allocation_request_version: request === null ? null : candidatesMicroversion,
    availability_zone: zone ?? defaultZone,
  })
}

/** The same for callers of before Queens. */
export function legacySelection({ service_host: host, nodename, limits }: Selection): Readonly<Record<string, unknown>> {
  const numa = limits?.numa_topology
  return { host, nodename, limits: numa ? { numa_topology: numa.objToPrimitive() } : {} }
}
