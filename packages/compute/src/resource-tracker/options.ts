import { defineOptions, opt, type Section } from '@micronova/config'

/** What a host keeps for itself and how far it may be overcommitted. */
export const resourceOptions = defineOptions('DEFAULT', {
  cpu_allocation_ratio: opt.float({
    min: 0,
    help: 'Virtual processors offered for each one that the host has. Unset: initial_cpu_allocation_ratio counts.',
  }),
  ram_allocation_ratio: opt.float({
    min: 0,
    help: 'Guest memory offered for each MiB that the host has. Unset: initial_ram_allocation_ratio counts.',
  }),
  disk_allocation_ratio: opt.float({
    min: 0,
    help: 'Guest disk offered for each GiB that the host has. Unset: initial_disk_allocation_ratio counts.',
  }),
  initial_cpu_allocation_ratio: opt.float({ min: 0, default: 16, help: 'cpu_allocation_ratio of a compute node when its record is made.' }),
  initial_ram_allocation_ratio: opt.float({
    min: 0,
    default: 1.5,
    help: 'ram_allocation_ratio of a compute node when its record is made.',
  }),
  initial_disk_allocation_ratio: opt.float({
    min: 0,
    default: 1,
    help: 'disk_allocation_ratio of a compute node when its record is made.',
  }),
  reserved_host_disk_mb: opt.integer({ min: 0, default: 0, help: 'Disk in MiB that no guest may have.' }),
  reserved_host_memory_mb: opt.integer({ min: 0, default: 512, help: 'Memory in MiB that no guest may have.' }),
  compute_monitors: opt.list({
    help: 'What is measured of the host for the metrics weigher of the scheduler. cpu.virt_driver: how busy its processors are.',
  }),
  reserved_host_cpus: opt.integer({ min: 0, default: 0, help: 'Processors that no guest may have.' }),
})

export type ResourceSection = Section<typeof resourceOptions>
