import { pythonText } from '@micronova/versionedobjects'
import type { HostState } from '../hosts/host-state.js'

/** An attribute of a host by the name that Python gives it: extra specs and JSON queries of users name them. */
const attributes: Readonly<Record<string, (host: HostState) => unknown>> = {
  host: ({ host }) => host,
  nodename: ({ nodename }) => nodename,
  uuid: ({ uuid }) => uuid,
  total_usable_ram_mb: ({ facts }) => facts.node.memory_mb,
  total_usable_disk_gb: ({ facts }) => facts.node.local_gb,
  disk_mb_used: ({ facts }) => facts.node.local_gb_used * 1024,
  free_ram_mb: ({ freeRamMb }) => freeRamMb,
  free_disk_mb: ({ freeDiskMb }) => freeDiskMb,
  vcpus_total: ({ facts }) => facts.node.vcpus,
  vcpus_used: ({ vcpusUsed }) => vcpusUsed,
  num_instances: ({ numInstances }) => numInstances,
  num_io_ops: ({ ioOps }) => ioOps,
  failed_builds: ({ facts }) => facts.failedBuilds,
  host_ip: ({ facts }) => facts.node.host_ip,
  hypervisor_type: ({ facts }) => facts.node.hypervisor_type,
  hypervisor_version: ({ facts }) => facts.node.hypervisor_version,
  hypervisor_hostname: ({ facts }) => facts.node.hypervisor_hostname,
  cpu_info: ({ facts }) => facts.node.cpu_info,
  supported_instances: ({ facts }) => facts.supportedInstances,
  ram_allocation_ratio: ({ facts }) => new PythonFloat(facts.node.ram_allocation_ratio),
  cpu_allocation_ratio: ({ facts }) => new PythonFloat(facts.node.cpu_allocation_ratio),
  disk_allocation_ratio: ({ facts }) => new PythonFloat(facts.node.disk_allocation_ratio),
  cell_uuid: ({ cellUuid }) => cellUuid,
  stats: ({ facts }) => facts.stats,
  service: ({ service }) => ({ disabled: service.disabled, forced_down: service.forcedDown }),
  limits: () => ({}),
}

/** A number that Python prints with a point: 16.0. */
export class PythonFloat {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }

  toString(): string {
    return Number.isInteger(this.value) ? `${this.value}.0` : String(this.value)
  }
}

/** Undefined: there is no such attribute. */
export function hostAttribute(host: HostState, name: string): unknown {
  const read = Object.hasOwn(attributes, name) ? attributes[name] : undefined
  return read === undefined ? undefined : (read(host) ?? null)
}

/** `str(value)` of Python. */
export function attributeText(value: unknown): string {
  return value instanceof PythonFloat ? value.toString() : pythonText(value)
}
