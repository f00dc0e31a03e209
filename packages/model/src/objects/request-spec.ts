import { classMethod, instanceMethod, type VersionedObject } from '@micronova/versionedobjects'
import { novaError } from '../errors/nova-error.js'
import { f } from '../fields.js'
import { defineObject } from './base.js'
import { CellMapping } from './cell-mapping.js'
import { ComputeNodeList } from './compute-node.js'
import { Flavor } from './flavor.js'
import { ImageMeta } from './image-meta.js'
import { InstanceGroup } from './instance-group.js'
import { InstanceNUMATopology } from './instance-numa.js'
import { InstancePCIRequests } from './instance-pci-requests.js'
import { loadDefault } from './load.js'
import { NetworkMetadata } from './network-metadata.js'
import { NetworkRequestList } from './network-request.js'
import { NUMATopologyLimits } from './numa.js'
import { SecurityGroupList } from './security-group.js'

/** Where a request must go: host, cell, aggregates. */
export class Destination extends defineObject({
  name: 'Destination',
  version: '1.4',
  fields: {
    aggregates: f.list(f.string(), { nullable: true, default: null }),
    allow_cross_cell_move: f.boolean({ default: false }),
    cell: f.object(CellMapping, { nullable: true }),
    forbidden_aggregates: f.set(f.string(), { nullable: true, default: null }),
    host: f.string(),
    node: f.string({ nullable: true }),
  },
  compat: [
    { below: '1.4', removes: ['forbidden_aggregates'] },
    { below: '1.3', removes: ['allow_cross_cell_move'] },
    { below: '1.2', removes: ['aggregates'] },
    { below: '1.1', removes: ['cell'] },
  ],
  load: loadDefault,
}) {}

/** Resources that Placement shall find at one provider. */
export class RequestGroup extends defineObject({
  name: 'RequestGroup',
  version: '1.3',
  fields: {
    aggregates: f.list(f.list(f.string()), { default: () => [] }),
    forbidden_aggregates: f.set(f.string(), { default: () => new Set<string>() }),
    forbidden_traits: f.set(f.string(), { default: () => new Set<string>() }),
    in_tree: f.uuid({ nullable: true, default: null }),
    provider_uuids: f.list(f.uuid(), { default: () => [] }),
    requester_id: f.string({ nullable: true, default: null }),
    required_traits: f.set(f.string(), { default: () => new Set<string>() }),
    resources: f.dict(f.integer(), { default: () => ({}) }),
    use_same_provider: f.boolean({ default: true }),
  },
  construct: 'defaults',
  compat: [
    { below: '1.3', removes: ['forbidden_aggregates'] },
    { below: '1.2', removes: ['in_tree'] },
    { below: '1.1', removes: ['provider_uuids', 'requester_id'] },
  ],
}) {}

/** What holds for all groups of a request to Placement. */
export class RequestLevelParams extends defineObject({
  name: 'RequestLevelParams',
  version: '1.1',
  fields: {
    root_forbidden: f.set(f.string(), { default: () => new Set<string>() }),
    root_required: f.set(f.string(), { default: () => new Set<string>() }),
    same_subtree: f.list(f.list(f.string()), { default: () => [] }),
  },
  compat: [{ below: '1.1', removes: ['same_subtree'] }],
  load: loadDefault,
}) {}

/** How far a host may be overcommitted for one request. */
export class SchedulerLimits extends defineObject({
  name: 'SchedulerLimits',
  version: '1.0',
  fields: {
    disk_gb: f.integer({ nullable: true, default: null }),
    memory_mb: f.integer({ nullable: true, default: null }),
    numa_topology: f.object(NUMATopologyLimits, { nullable: true, default: null }),
    vcpu: f.integer({ nullable: true, default: null }),
  },
}) {}

/** Hosts on which a build was tried before. */
export class SchedulerRetries extends defineObject({
  name: 'SchedulerRetries',
  version: '1.1',
  fields: {
    hosts: f.object(ComputeNodeList),
    num_attempts: f.integer(),
  },
}) {}

/** What the scheduler must know to place an instance. */
export class RequestSpec extends defineObject({
  name: 'RequestSpec',
  version: '1.14',
  fields: {
    availability_zone: f.string({ nullable: true }),
    flavor: f.object(Flavor),
    force_hosts: f.list(f.string(), { nullable: true }),
    force_nodes: f.list(f.string(), { nullable: true }),
    id: f.integer(),
    ignore_hosts: f.list(f.string(), { nullable: true }),
    image: f.object(ImageMeta, { nullable: true }),
    instance_group: f.object(InstanceGroup, { nullable: true }),
    instance_uuid: f.uuid(),
    is_bfv: f.boolean(),
    limits: f.object(SchedulerLimits, { nullable: true }),
    network_metadata: f.object(NetworkMetadata),
    num_instances: f.integer({ default: 1 }),
    numa_topology: f.object(InstanceNUMATopology, { nullable: true }),
    pci_requests: f.object(InstancePCIRequests, { nullable: true }),
    project_id: f.string({ nullable: true }),
    request_level_params: f.object(RequestLevelParams),
    requested_destination: f.object(Destination, { nullable: true, default: null }),
    requested_networks: f.object(NetworkRequestList),
    requested_resources: f.list(f.object(RequestGroup), { nullable: true, default: null }),
    retry: f.object(SchedulerRetries, { nullable: true }),
    scheduler_hints: f.dict(f.list(f.string()), { nullable: true }),
    security_groups: f.object(SecurityGroupList),
    user_id: f.string({ nullable: true }),
  },
  remotable: {
    create: instanceMethod(),
    destroy: instanceMethod(),
    get_by_instance_uuid: classMethod('instance_uuid'),
    save: instanceMethod(),
  },
  compat: [
    { below: '1.14', removes: ['requested_networks'] },
    { below: '1.13', removes: ['request_level_params'] },
    { below: '1.12', removes: ['requested_resources'] },
    { below: '1.11', removes: ['is_bfv'] },
    { below: '1.10', removes: ['network_metadata'] },
    { below: '1.9', removes: ['user_id'] },
    { below: '1.8', removes: ['security_groups'] },
    { below: '1.6', removes: ['requested_destination'] },
  ],
  load: loadEmptyPart,
}) {}

/** Parts that older peers do not know: what they mean by leaving them out. */
const emptyParts: Readonly<Record<string, () => VersionedObject | null>> = {
  security_groups: () => new SecurityGroupList(),
  network_metadata: () => new NetworkMetadata({ physnets: new Set(), tunneled: false }),
  request_level_params: () => new RequestLevelParams(),
  requested_networks: () => new NetworkRequestList(),
  requested_destination: () => null,
  requested_resources: () => null,
}

function loadEmptyPart(spec: VersionedObject, name: string): void {
  const part = emptyParts[name]
  if (part === undefined) throw novaError('ObjectActionError', { action: 'obj_load_attr', reason: `attribute ${name} not lazy-loadable` })
  spec.objSet(name, part())
}
