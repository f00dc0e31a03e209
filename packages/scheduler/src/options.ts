import { defineOptions, opt, type Section } from '@micronova/config'

/** `[scheduler]` of nova.conf. */
export const schedulerOptions = defineOptions('scheduler', {
  max_attempts: opt.integer({ default: 3, min: 1, help: 'Hosts that a build or a resize may try, the first one included.' }),
  discover_hosts_in_cells_interval: opt.integer({
    default: -1,
    min: -1,
    help: 'Seconds between two searches for hosts that are in no cell yet; -1: never. 0 means the default of periodic tasks.',
  }),
  max_placement_results: opt.integer({ default: 1000, min: 1, help: 'Allocation candidates that Placement is asked for at most.' }),
  workers: opt.integer({ min: 0, help: 'Number of processes of nova-scheduler; unset or 0: one per CPU.' }),
  query_placement_for_routed_network_aggregates: opt.boolean({
    default: false,
    help: 'Only hosts of the aggregates that belong to the segments of the requested networks.',
  }),
  limit_tenants_to_placement_aggregate: opt.boolean({
    default: false,
    help: 'A project that aggregates name in a key beginning with filter_tenant_id gets hosts of these aggregates only.',
  }),
  placement_aggregate_required_for_tenants: opt.boolean({
    default: false,
    help: 'With limit_tenants_to_placement_aggregate: a project that no aggregate names gets no host at all.',
  }),
  query_placement_for_availability_zone: opt.boolean({
    default: true,
    deprecatedForRemoval: true,
    deprecatedReason: 'A zone is looked for in Placement in any case from the next release of OpenStack on.',
    help: 'A requested availability zone is looked for in Placement, by the aggregates that make it.',
  }),
  query_placement_for_image_type_support: opt.boolean({
    default: false,
    help: 'Only hosts that say in Placement that they can run images of the format wanted.',
  }),
  enable_isolated_aggregate_filtering: opt.boolean({
    default: false,
    help: 'Hosts of an aggregate that requires traits are kept for requests with these traits.',
  }),
  image_metadata_prefilter: opt.boolean({
    default: false,
    help: 'Properties of the image that name a bus or a device model become traits that a host must have.',
  }),
})

const multiplier = (of: string, number = 1, min?: number) =>
  opt.float({ default: number, ...(min === undefined ? {} : { min }), help: `Weight of ${of}; below 0 turns the preference round.` })

/** `[filter_scheduler]` of nova.conf. */
export const filterSchedulerOptions = defineOptions('filter_scheduler', {
  host_subset_size: opt.integer({
    default: 1,
    min: 1,
    help: 'Out of how many of the best hosts one is chosen by chance: more means fewer conflicts between schedulers.',
  }),
  max_io_ops_per_host: opt.integer({
    default: 8,
    min: 0,
    help: 'IoOpsFilter: instances that may be built, resized or moved on a host at once.',
  }),
  max_instances_per_host: opt.integer({ default: 50, min: 1, help: 'NumInstancesFilter: instances that a host may have.' }),
  track_instance_changes: opt.boolean({
    default: true,
    help: 'The computes tell about their instances, which are kept in memory; otherwise the database is asked when they are needed.',
  }),
  available_filters: opt.multiString({
    default: ['nova.scheduler.filters.all_filters'],
    help: 'Filters that enabled_filters may name: all of Nova, or classes of Nova by their Python names.',
  }),
  enabled_filters: opt.list({
    default: [
      'ComputeFilter',
      'ComputeCapabilitiesFilter',
      'ImagePropertiesFilter',
      'ServerGroupAntiAffinityFilter',
      'ServerGroupAffinityFilter',
    ],
    help: 'Filters that a host must pass, in this order, by their class names.',
  }),
  weight_classes: opt.list({
    default: ['nova.scheduler.weights.all_weighers'],
    help: 'Weighers: all of Nova, or classes of Nova by their Python names.',
  }),
  ram_weight_multiplier: multiplier('free memory'),
  cpu_weight_multiplier: multiplier('free CPUs'),
  disk_weight_multiplier: multiplier('free disk space'),
  io_ops_weight_multiplier: multiplier('the operations under way on a host', -1),
  pci_weight_multiplier: multiplier('free PCI devices', 1, 0),
  soft_affinity_weight_multiplier: multiplier('members of the same soft-affinity group', 1, 0),
  soft_anti_affinity_weight_multiplier: multiplier('members of the same soft-anti-affinity group', 1, 0),
  build_failure_weight_multiplier: multiplier('builds that failed lately; it counts against the host', 1_000_000),
  cross_cell_move_weight_multiplier: multiplier('the cell that an instance is moved from', 1_000_000),
  shuffle_best_same_weighed_hosts: opt.boolean({
    default: false,
    help: 'Hosts that share the best weight are put into an order by chance.',
  }),
  image_properties_default_architecture: opt.string({
    choices: [
      'alpha',
      'armv6',
      'armv7l',
      'armv7b',
      'aarch64',
      'cris',
      'i686',
      'ia64',
      'lm32',
      'm68k',
      'microblaze',
      'microblazeel',
      'mips',
      'mipsel',
      'mips64',
      'mips64el',
      'openrisc',
      'parisc',
      'parisc64',
      'ppc',
      'ppcle',
      'ppc64',
      'ppc64le',
      'ppcemb',
      's390',
      's390x',
      'sh4',
      'sh4eb',
      'sparc',
      'sparc64',
      'unicore32',
      'x86_64',
      'xtensa',
      'xtensaeb',
    ],
    help: 'ImagePropertiesFilter: the architecture of an image that names none.',
  }),
  isolated_images: opt.list({ default: [], help: 'IsolatedHostsFilter: uuids of the images that only isolated hosts may run.' }),
  isolated_hosts: opt.list({ default: [], help: 'IsolatedHostsFilter: names of the isolated hosts.' }),
  restrict_isolated_hosts_to_isolated_images: opt.boolean({
    default: true,
    help: 'IsolatedHostsFilter: isolated hosts run nothing but isolated images.',
  }),
  aggregate_image_properties_isolation_namespace: opt.string({
    help: 'AggregateImagePropertiesIsolation: only metadata whose keys begin with this and the separator is looked at.',
  }),
  aggregate_image_properties_isolation_separator: opt.string({
    default: '.',
    help: 'AggregateImagePropertiesIsolation: what stands between the namespace and the rest of a key.',
  }),
})

/** `[metrics]` of nova.conf. */
export const metricsOptions = defineOptions('metrics', {
  weight_multiplier: opt.float({ default: 1, help: 'Weight of the metrics of a host among the other weighers.' }),
  weight_setting: opt.list({ default: [], help: 'Metrics that count, as name=ratio.' }),
  required: opt.boolean({ default: true, help: 'A host without one of the metrics is an error; otherwise it gets weight_of_unavailable.' }),
  weight_of_unavailable: opt.float({ default: -10_000, help: 'Weight of a host without one of the metrics, if they are not required.' }),
})

/** What the scheduler reads of groups that are not its own. */
export const zoneOptions = defineOptions('DEFAULT', {
  default_availability_zone: opt.string({ default: 'nova', help: 'Zone of a host that is in no aggregate with a zone.' }),
})

export const pinningWorkaroundOptions = defineOptions('workarounds', {
  disable_fallback_pcpu_query: opt.boolean({
    default: false,
    deprecatedForRemoval: true,
    help: 'An instance with dedicated CPUs is looked a host for with dedicated CPUs in Placement alone, not with shared ones as well.',
  }),
})

export const numaPackingOptions = defineOptions('compute', {
  packing_host_numa_cells_allocation_strategy: opt.boolean({
    default: false,
    help: 'A guest gets the NUMA nodes of a host with the least free memory and CPUs, instead of those with the most.',
  }),
})

export type SchedulerSettings = Section<typeof schedulerOptions>
export type FilterSchedulerSettings = Section<typeof filterSchedulerOptions>
export type MetricsSettings = Section<typeof metricsOptions>

/** All that this package reads. */
export const schedulerOptionGroups = [
  schedulerOptions,
  filterSchedulerOptions,
  metricsOptions,
  zoneOptions,
  pinningWorkaroundOptions,
  numaPackingOptions,
] as const
