import { classMethod, instanceMethod, type Primitive } from '@micronova/versionedobjects'
import { CPUAllocationPolicy, CPUEmulatorThreadsPolicy, CPUThreadAllocationPolicy } from '../enums.js'
import { f } from '../fields.js'
import { defineObject } from './base.js'
import { refuses } from './unsupported-value.js'
import { VirtCPUTopology } from './virt-cpu-topology.js'

/** A NUMA node of a guest. */
export class InstanceNUMACell extends defineObject({
  name: 'InstanceNUMACell',
  version: '1.6',
  fields: {
    cpu_pinning_raw: f.dict(f.integer(), { nullable: true, default: null }),
    cpu_policy: f.enum(CPUAllocationPolicy, { nullable: true, default: null }),
    cpu_thread_policy: f.enum(CPUThreadAllocationPolicy, { nullable: true, default: null }),
    cpu_topology: f.object(VirtCPUTopology, { nullable: true }),
    cpuset: f.set(f.integer()),
    cpuset_reserved: f.set(f.integer(), { nullable: true, default: null }),
    id: f.integer(),
    memory: f.integer(),
    pagesize: f.integer({ nullable: true, default: null }),
    pcpuset: f.set(f.integer()),
  },
  construct: 'defaults',
  compat: [
    refuses('1.6', 'cpu_policy', ['mixed'], (policy, version) => `${policy} policy is not supported in version ${version}`),
    { below: '1.5', change: mergeCpuSets },
    { below: '1.4', removes: ['cpuset_reserved'] },
    { below: '1.3', removes: ['cpu_policy', 'cpu_thread_policy'] },
  ],
}) {}

/** The NUMA nodes of a guest. */
export class InstanceNUMATopology extends defineObject({
  name: 'InstanceNUMATopology',
  version: '1.3',
  fields: {
    cells: f.list(f.object(InstanceNUMACell)),
    emulator_threads_policy: f.enum(CPUEmulatorThreadsPolicy, { nullable: true }),
    id: f.integer(),
    instance_uuid: f.uuid(),
  },
  remotable: {
    create: instanceMethod(),
    get_by_instance_uuid: classMethod('instance_uuid'),
  },
  compat: [{ below: '1.3', removes: ['emulator_threads_policy'] }],
}) {}

/** Before 1.5 one set held the CPUs of whatever policy. */
function mergeCpuSets(data: Primitive): void {
  const { pcpuset } = data
  if (data.cpu_policy === 'dedicated' && pcpuset !== undefined) data.cpuset = pcpuset
  delete data.pcpuset
}
