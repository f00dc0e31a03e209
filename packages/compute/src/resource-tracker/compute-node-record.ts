import { ComputeNode, HVSpec, PciDevicePoolList } from '@micronova/model'
import type { Field, FieldMap } from '@micronova/versionedobjects'
import type { HostResources, SupportedInstance } from '@micronova/virt'
import type { ResourceSection } from './options.js'

/** Fields of a compute node's record, by name. */
export type NodeValues = ReturnType<ComputeNode['objGetSet']>

export interface NodeRecordOptions {
  /** Address in the record: `my_ip`. */
  readonly hostIp: string
  readonly resources: ResourceSection
}

/** Set the fields of `values` that are not so already; the others do not become changes. */
export function assignChanged(node: ComputeNode, values: NodeValues): void {
  const fields: FieldMap = node.objFields
  for (const name of Object.keys(values) as (keyof NodeValues)[]) {
    const field = fields[name] as Field<unknown>
    // Compared as the field holds it: an address may be written in several ways.
    const held = field.coerce(values[name], name)
    if (!node.objIsSet(name) || !field.equals(node.objGet(name), held)) node.objSet(name, held)
  }
}

/** A record that is not stored yet, with the usage that the driver says until the first count. */
export function newNodeRecord(host: string, resources: HostResources): ComputeNode {
  return new ComputeNode({
    host,
    vcpus_used: resources.vcpusUsed,
    memory_mb_used: resources.memoryMbUsed,
    local_gb_used: resources.localGbUsed,
    stats: { failed_builds: '0' },
  })
}

/** Carry what the driver has measured, and how far it may be overcommitted, to the record. */
export function describeHost(node: ComputeNode, resources: HostResources, options: NodeRecordOptions): void {
  assignChanged(node, {
    vcpus: resources.vcpus,
    memory_mb: resources.memoryMb,
    local_gb: resources.localGb,
    hypervisor_type: resources.hypervisorType,
    hypervisor_version: resources.hypervisorVersion,
    hypervisor_hostname: resources.hypervisorHostname,
    cpu_info: resources.cpuInfo,
    disk_available_least: resources.diskAvailableLeast,
    supported_hv_specs: resources.supportedInstances.map(hvSpec),
    host_ip: options.hostIp,
    // No driver has NUMA cells to place guests on.
    numa_topology: null,
    ...allocationRatios(node, options.resources),
  })
}

/** What upstream's readers expect to be there; it is empty as no driver has PCI devices. */
export function withoutDevices(): NodeValues {
  return { pci_device_pools: new PciDevicePoolList({ objects: [] }) }
}

/** The configured ratio; else what the record has; else the initial one. 0.0, as in old files, is not configured. */
function allocationRatios(node: ComputeNode, configured: ResourceSection): NodeValues {
  const ratio = (kind: 'cpu' | 'disk' | 'ram') => {
    const field = `${kind}_allocation_ratio` as const
    return configured[field] || (node.objIsSet(field) && node[field]) || configured[`initial_${field}`]
  }
  return { cpu_allocation_ratio: ratio('cpu'), disk_allocation_ratio: ratio('disk'), ram_allocation_ratio: ratio('ram') }
}

/** Through the setters: the driver's words are judged by the fields. */
function hvSpec({ arch, hvType, vmMode }: SupportedInstance): HVSpec {
  const spec = new HVSpec()
  spec.objSet('arch', arch)
  spec.objSet('hv_type', hvType)
  spec.objSet('vm_mode', vmMode)
  return spec
}
