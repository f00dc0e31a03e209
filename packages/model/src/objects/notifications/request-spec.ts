import { CPUAllocationPolicy, CPUEmulatorThreadsPolicy, CPUThreadAllocationPolicy, PCINUMAAffinityPolicy } from '../../enums.js'
import { f } from '../../fields.js'
import { FlavorPayload } from './flavor.js'
import { ImageMetaPayload } from './image.js'
import { defineNotification } from './notification-family.js'
import { ServerGroupPayload } from './server-group.js'

/** A cell. */
export class CellMappingPayload extends defineNotification({
  name: 'CellMappingPayload',
  version: '2.0',
  fields: {
    disabled: f.boolean({ default: false }),
    name: f.string({ nullable: true }),
    uuid: f.uuid(),
  },
  schema: {
    disabled: ['cell', 'disabled'],
    name: ['cell', 'name'],
    uuid: ['cell', 'uuid'],
  },
}) {}

/** Where a request must go. */
export class DestinationPayload extends defineNotification({
  name: 'DestinationPayload',
  version: '1.0',
  fields: {
    aggregates: f.list(f.string(), { nullable: true, default: null }),
    cell: f.object(CellMappingPayload, { nullable: true }),
    host: f.string(),
    node: f.string({ nullable: true }),
  },
  schema: {
    aggregates: ['destination', 'aggregates'],
  },
}) {}

/** Sockets, cores and threads. */
export class VirtCPUTopologyPayload extends defineNotification({
  name: 'VirtCPUTopologyPayload',
  version: '1.0',
  fields: {
    cores: f.integer({ nullable: true, default: 1 }),
    sockets: f.integer({ nullable: true, default: 1 }),
    threads: f.integer({ nullable: true, default: 1 }),
  },
  schema: {
    cores: ['virt_cpu_topology', 'cores'],
    sockets: ['virt_cpu_topology', 'sockets'],
    threads: ['virt_cpu_topology', 'threads'],
  },
}) {}

/** A NUMA node of a guest. */
export class InstanceNUMACellPayload extends defineNotification({
  name: 'InstanceNUMACellPayload',
  version: '1.2',
  fields: {
    cpu_pinning_raw: f.dict(f.integer(), { nullable: true }),
    cpu_policy: f.enum(CPUAllocationPolicy, { nullable: true }),
    cpu_thread_policy: f.enum(CPUThreadAllocationPolicy, { nullable: true }),
    cpu_topology: f.object(VirtCPUTopologyPayload, { nullable: true }),
    cpuset: f.set(f.integer()),
    cpuset_reserved: f.set(f.integer(), { nullable: true }),
    id: f.integer(),
    memory: f.integer(),
    pagesize: f.integer({ nullable: true }),
    pcpuset: f.set(f.integer()),
  },
  schema: {
    cpu_pinning_raw: ['numa_cell', 'cpu_pinning_raw'],
    cpu_policy: ['numa_cell', 'cpu_policy'],
    cpu_thread_policy: ['numa_cell', 'cpu_thread_policy'],
    cpuset: ['numa_cell', 'cpuset'],
    cpuset_reserved: ['numa_cell', 'cpuset_reserved'],
    id: ['numa_cell', 'id'],
    memory: ['numa_cell', 'memory'],
    pagesize: ['numa_cell', 'pagesize'],
    pcpuset: ['numa_cell', 'pcpuset'],
  },
}) {}

/** The NUMA nodes of a guest. */
export class InstanceNUMATopologyPayload extends defineNotification({
  name: 'InstanceNUMATopologyPayload',
  version: '1.0',
  fields: {
    cells: f.list(f.object(InstanceNUMACellPayload)),
    emulator_threads_policy: f.enum(CPUEmulatorThreadsPolicy, { nullable: true }),
    instance_uuid: f.uuid(),
  },
  schema: {
    emulator_threads_policy: ['numa_topology', 'emulator_threads_policy'],
    instance_uuid: ['numa_topology', 'instance_uuid'],
  },
}) {}

/** PCI devices of one kind that are wanted. */
export class InstancePCIRequestPayload extends defineNotification({
  name: 'InstancePCIRequestPayload',
  version: '1.1',
  fields: {
    alias_name: f.string({ nullable: true }),
    count: f.integer(),
    numa_policy: f.enum(PCINUMAAffinityPolicy, { nullable: true }),
    request_id: f.uuid({ nullable: true }),
    spec: f.list(f.dict(f.string({ nullable: true }))),
  },
  schema: {
    alias_name: ['pci_request', 'alias_name'],
    count: ['pci_request', 'count'],
    numa_policy: ['pci_request', 'numa_policy'],
    request_id: ['pci_request', 'request_id'],
    spec: ['pci_request', 'spec'],
  },
}) {}

/** All PCI devices that are wanted. */
export class InstancePCIRequestsPayload extends defineNotification({
  name: 'InstancePCIRequestsPayload',
  version: '1.0',
  fields: {
    instance_uuid: f.uuid(),
    requests: f.list(f.object(InstancePCIRequestPayload)),
  },
  schema: {
    instance_uuid: ['pci_requests', 'instance_uuid'],
  },
}) {}

/** Hosts that were tried before. */
export class SchedulerRetriesPayload extends defineNotification({
  name: 'SchedulerRetriesPayload',
  version: '1.0',
  fields: {
    hosts: f.list(f.string()),
    num_attempts: f.integer(),
  },
  schema: {
    num_attempts: ['retry', 'num_attempts'],
  },
}) {}

/** What the scheduler is asked for. */
export class RequestSpecPayload extends defineNotification({
  name: 'RequestSpecPayload',
  version: '1.1',
  fields: {
    availability_zone: f.string({ nullable: true }),
    flavor: f.object(FlavorPayload, { nullable: true }),
    force_hosts: f.string({ nullable: true }),
    force_nodes: f.string({ nullable: true }),
    ignore_hosts: f.list(f.string(), { nullable: true }),
    image: f.object(ImageMetaPayload, { nullable: true }),
    image_meta: f.object(ImageMetaPayload, { nullable: true }),
    instance_group: f.object(ServerGroupPayload, { nullable: true }),
    instance_uuid: f.uuid(),
    num_instances: f.integer({ default: 1 }),
    numa_topology: f.object(InstanceNUMATopologyPayload, { nullable: true }),
    pci_requests: f.object(InstancePCIRequestsPayload, { nullable: true }),
    project_id: f.string({ nullable: true }),
    requested_destination: f.object(DestinationPayload, { nullable: true }),
    retry: f.object(SchedulerRetriesPayload, { nullable: true }),
    scheduler_hints: f.dict(f.list(f.string()), { nullable: true }),
    security_groups: f.list(f.string()),
    user_id: f.string({ nullable: true }),
  },
  schema: {
    availability_zone: ['request_spec', 'availability_zone'],
    ignore_hosts: ['request_spec', 'ignore_hosts'],
    instance_uuid: ['request_spec', 'instance_uuid'],
    num_instances: ['request_spec', 'num_instances'],
    project_id: ['request_spec', 'project_id'],
    scheduler_hints: ['request_spec', 'scheduler_hints'],
    user_id: ['request_spec', 'user_id'],
  },
}) {}
