import {
  CellMappingPayload,
  type Destination,
  DestinationPayload,
  type ImageMeta,
  ImageMetaPayload,
  ImageMetaPropsPayload,
  type InstanceGroup,
  InstanceNUMACellPayload,
  type InstanceNUMATopology,
  InstanceNUMATopologyPayload,
  InstancePCIRequestPayload,
  type InstancePCIRequests,
  InstancePCIRequestsPayload,
  populatePayload,
  type RequestSpec,
  RequestSpecPayload,
  type SchedulerRetries,
  SchedulerRetriesPayload,
  ServerGroupPayload,
  VirtCPUTopologyPayload,
} from '@micronova/model'
import type { VersionedObject } from '@micronova/versionedobjects'
import { flavorPayload } from './instance-payload.js'

/** What is to be placed, as versioned notifications tell of it. @see nova 26.2.2, `notifications/objects/request_spec.py` */
export function requestSpecPayload(spec: RequestSpec): RequestSpecPayload {
  const set = <F extends Parameters<RequestSpec['objIsSet']>[0]>(field: F) => (spec.objIsSet(field) ? spec[field] : null)
  const payload = new RequestSpecPayload({
    flavor: orNull(set('flavor'), flavorPayload),
    image: orNull(set('image'), imagePayload),
    numa_topology: orNull(set('numa_topology'), (topology) => numaPayload(topology, spec.instance_uuid)),
    pci_requests: orNull(set('pci_requests'), (requests) => pciPayload(requests, spec.instance_uuid)),
    requested_destination: orNull(set('requested_destination'), destinationPayload),
    retry: orNull(set('retry'), retriesPayload),
    security_groups: (set('security_groups')?.objects ?? []).map((group) =>
      group.objIsSet('uuid') && group.uuid ? group.uuid : (group.name ?? ''),
    ),
    instance_group: orNull(set('instance_group'), groupPayload),
    force_hosts: set('force_hosts')?.[0] ?? null,
    force_nodes: set('force_nodes')?.[0] ?? null,
  })
  populatePayload(payload, { request_spec: spec })
  return payload
}

function orNull<T, P>(value: T | null, make: (value: T) => P): P | null {
  return value === null ? null : make(value)
}

function filled<P extends VersionedObject>(payload: P, sources: Readonly<Record<string, VersionedObject>>): P {
  populatePayload(payload, sources)
  return payload
}

function imagePayload(image: ImageMeta): ImageMetaPayload {
  // What the image does not say is not told, not even as null.
  const said = image.objIsSet('properties') ? Object.entries(image.properties.objGetSet()) : []
  const properties = new ImageMetaPropsPayload(Object.fromEntries(said.filter(([name]) => name in ImageMetaPropsPayload.fields)))
  return filled(new ImageMetaPayload({ properties }), { image_meta: image })
}

function numaPayload(topology: InstanceNUMATopology, instanceUuid: string): InstanceNUMATopologyPayload {
  const cells = topology.cells.map((cell) => {
    const cpus = cell.objIsSet('cpu_topology') ? cell.cpu_topology : null
    const cpu_topology = orNull(cpus, (virt_cpu_topology) => filled(new VirtCPUTopologyPayload({}), { virt_cpu_topology }))
    return filled(new InstanceNUMACellPayload({ cpu_topology }), { numa_cell: cell })
  })
  const payload = filled(new InstanceNUMATopologyPayload({ cells }), { numa_topology: topology })
  if (!topology.objIsSet('instance_uuid')) payload.instance_uuid = instanceUuid
  return payload
}

function pciPayload({ requests }: InstancePCIRequests, instanceUuid: string): InstancePCIRequestsPayload {
  const told = requests.map((pci_request) => filled(new InstancePCIRequestPayload({}), { pci_request }))
  return new InstancePCIRequestsPayload({ instance_uuid: instanceUuid, requests: told })
}

function destinationPayload(destination: Destination): DestinationPayload {
  const payload = new DestinationPayload({})
  for (const field of ['host', 'node'] as const)
    if (destination.objIsSet(field) && destination[field] !== null) payload.objSet(field, destination[field])
  if (destination.objIsSet('cell') && destination.cell !== null)
    payload.cell = filled(new CellMappingPayload({}), { cell: destination.cell })
  return filled(payload, { destination })
}

function retriesPayload(retry: SchedulerRetries): SchedulerRetriesPayload {
  const hosts = retry.hosts.objects.map(({ hypervisor_hostname }) => hypervisor_hostname ?? '')
  return filled(new SchedulerRetriesPayload({ hosts }), { retry })
}

function groupPayload(group: InstanceGroup): ServerGroupPayload {
  const payload = new ServerGroupPayload({})
  // Hosts are looked up where they are needed, and not for being told.
  return filled(payload, { group })
}
