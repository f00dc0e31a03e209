import { HypervisorDriver, InstancePowerState } from '../enums.js'
import { f } from '../fields.js'
import { defineObject } from './base.js'

/** Time used by a virtual CPU. */
export class CpuDiagnostics extends defineObject({
  name: 'CpuDiagnostics',
  version: '1.0',
  fields: {
    id: f.integer({ nullable: true }),
    time: f.integer({ nullable: true }),
    utilisation: f.integer({ nullable: true }),
  },
}) {}

/** Requests and bytes of a disk. */
export class DiskDiagnostics extends defineObject({
  name: 'DiskDiagnostics',
  version: '1.0',
  fields: {
    errors_count: f.integer({ nullable: true }),
    read_bytes: f.integer({ nullable: true }),
    read_requests: f.integer({ nullable: true }),
    write_bytes: f.integer({ nullable: true }),
    write_requests: f.integer({ nullable: true }),
  },
}) {}

/** Memory of a guest, in MiB. */
export class MemoryDiagnostics extends defineObject({
  name: 'MemoryDiagnostics',
  version: '1.0',
  fields: {
    maximum: f.integer({ nullable: true }),
    used: f.integer({ nullable: true }),
  },
}) {}

/** Packets and bytes of a network interface. */
export class NicDiagnostics extends defineObject({
  name: 'NicDiagnostics',
  version: '1.0',
  fields: {
    mac_address: f.macAddress({ nullable: true }),
    rx_drop: f.integer({ nullable: true }),
    rx_errors: f.integer({ nullable: true }),
    rx_octets: f.integer({ nullable: true }),
    rx_packets: f.integer({ nullable: true }),
    rx_rate: f.integer({ nullable: true }),
    tx_drop: f.integer({ nullable: true }),
    tx_errors: f.integer({ nullable: true }),
    tx_octets: f.integer({ nullable: true }),
    tx_packets: f.integer({ nullable: true }),
    tx_rate: f.integer({ nullable: true }),
  },
}) {}

const DiagnosticsBase = defineObject({
  name: 'Diagnostics',
  version: '1.0',
  fields: {
    config_drive: f.boolean(),
    cpu_details: f.list(f.object(CpuDiagnostics), { default: () => [] }),
    disk_details: f.list(f.object(DiskDiagnostics), { default: () => [] }),
    driver: f.enum(HypervisorDriver),
    hypervisor: f.string({ nullable: true }),
    hypervisor_os: f.string({ nullable: true }),
    memory_details: f.object(MemoryDiagnostics, { default: () => new MemoryDiagnostics() }),
    nic_details: f.list(f.object(NicDiagnostics), { default: () => [] }),
    num_cpus: f.integer(),
    num_disks: f.integer(),
    num_nics: f.integer(),
    state: f.enum(InstancePowerState),
    uptime: f.integer({ nullable: true }),
  },
  construct: 'defaults',
})

/** What a guest does, in figures. */
export class Diagnostics extends DiagnosticsBase {
  /** The numbers of devices follow from the lists. */
  constructor(values: ConstructorParameters<typeof DiagnosticsBase>[0] = {}) {
    super(values)
    this.num_cpus = this.cpu_details.length
    this.num_nics = this.nic_details.length
    this.num_disks = this.disk_details.length
  }
}
