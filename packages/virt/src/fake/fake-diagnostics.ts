import { CpuDiagnostics, Diagnostics, DiskDiagnostics, MemoryDiagnostics, NicDiagnostics } from '@micronova/model'

/** What upstream's fake driver answers, number by number. @see nova 26.2.2, `virt/fake.py`, `get_diagnostics` */
export const fakeDiagnostics: Readonly<Record<string, number>> = {
  cpu0_time: 17_300_000_000,
  memory: 524_288,
  vda_errors: -1,
  vda_read: 262_144,
  vda_read_req: 112,
  vda_write: 5_778_432,
  vda_write_req: 488,
  vnet1_rx: 2_070_139,
  vnet1_rx_drop: 0,
  vnet1_rx_errors: 0,
  vnet1_rx_packets: 26_701,
  vnet1_tx: 140_208,
  vnet1_tx_drop: 0,
  vnet1_tx_errors: 0,
  vnet1_tx_packets: 662,
}

/** The same for `get_instance_diagnostics`; it calls itself libvirt, as upstream's fake does. */
export function fakeInstanceDiagnostics(): Diagnostics {
  return new Diagnostics({
    state: 'running',
    driver: 'libvirt',
    hypervisor: 'kvm',
    hypervisor_os: 'ubuntu',
    uptime: 46_664,
    config_drive: true,
    memory_details: new MemoryDiagnostics({ maximum: 524_288, used: 0 }),
    cpu_details: [new CpuDiagnostics({ id: 0, time: 17_300_000_000, utilisation: 15 })],
    nic_details: [
      new NicDiagnostics({
        mac_address: '01:23:45:67:89:ab',
        rx_octets: 2_070_139,
        rx_errors: 100,
        rx_drop: 200,
        rx_packets: 26_701,
        rx_rate: 300,
        tx_octets: 140_208,
        tx_errors: 400,
        tx_drop: 500,
        tx_packets: 662,
        tx_rate: 600,
      }),
    ],
    disk_details: [
      new DiskDiagnostics({ read_bytes: 262_144, read_requests: 112, write_bytes: 5_778_432, write_requests: 488, errors_count: 1 }),
    ],
    num_cpus: 1,
    num_nics: 1,
    num_disks: 1,
  })
}
