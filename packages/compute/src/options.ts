import { type Config, defineOptions, opt } from '@micronova/config'
import { type ConsoleSettings, consoleOptions, consoleSettings } from './console-options.js'
import { type NetworkSettings, networkOptions, networkSettings } from './network/options.js'
import { periodicOptions } from './periodic/options.js'
import { type PlacementSection, placementOptions } from './placement/options.js'

const defaultOptions = defineOptions('DEFAULT', {
  state_path: opt.string({
    default: '$pybasedir',
    help: 'Folder for what the service keeps over a restart; nova-compute keeps its journal below it. Packages set /var/lib/nova.',
  }),
  max_concurrent_builds: opt.integer({
    default: 10,
    min: 0,
    help: 'Instances that this host builds at once; further ones wait. 0: no limit.',
  }),
  max_concurrent_snapshots: opt.integer({
    default: 5,
    min: 0,
    help: 'Snapshots that this host takes at once; further ones wait. 0: no limit.',
  }),
  block_device_allocate_retries: opt.integer({
    default: 60,
    min: 0,
    help: 'How often a volume that is being made is asked for again before the build fails.',
  }),
  block_device_allocate_retries_interval: opt.integer({
    default: 3,
    min: 0,
    help: 'Seconds between two such questions.',
  }),
  reimage_timeout_per_gb: opt.integer({
    default: 20,
    min: 1,
    help: 'Seconds for each gigabyte of an image that Cinder may take to write it over the volume that an instance boots from.',
  }),
  volume_usage_poll_interval: opt.integer({
    default: 0,
    help: 'Seconds between two counts of what is read from volumes and written to them; 0: none.',
  }),
  shelved_offload_time: opt.integer({
    default: 0,
    help: 'Seconds after which a shelved instance leaves its host; 0: at once, below 0: never.',
  }),
  max_concurrent_live_migrations: opt.integer({
    default: 1,
    min: 0,
    help: 'Live migrations from this host that run at once; further ones wait. 0: no limit.',
  }),
  vif_plugging_timeout: opt.integer({
    default: 300,
    min: 0,
    help: 'Seconds to wait for Neutron to say that an interface is plugged; 0: it is not waited for.',
  }),
  vif_plugging_is_fatal: opt.boolean({
    default: true,
    help: 'Whether an interface that is not plugged in time fails the operation.',
  }),
  resume_guests_state_on_host_boot: opt.boolean({
    default: false,
    help: 'Start guests that ran before the host was restarted.',
  }),
  default_access_ip_network_name: opt.string({
    help: 'Label of the network whose addresses become the access addresses of an instance that has none.',
  }),
  shutdown_timeout: opt.integer({
    default: 60,
    min: 0,
    help: 'Seconds a guest may take to shut down by itself before it is cut off; 0 cuts it off at once. An image may say otherwise with os_shutdown_timeout.',
  }),
})

const computeGroupOptions = defineOptions('compute', {
  shutdown_retry_interval: opt.integer({
    default: 10,
    min: 1,
    help: 'Seconds after which a guest that was asked to shut down is asked again.',
  }),
  max_disk_devices_to_attach: opt.integer({
    default: -1,
    min: -1,
    help: 'Disks that an instance may have; -1: no limit. 0 would keep every instance from booting and is refused.',
  }),
  live_migration_wait_for_vif_plug: opt.boolean({
    default: true,
    help: 'Whether the source of a live migration waits until the interfaces are plugged on this host, where Neutron tells of it.',
  }),
  consecutive_build_service_disable_threshold: opt.integer({
    default: 10,
    help: 'Failed builds are counted for the scheduler unless this is 0.',
  }),
})

const workaroundsOptions = defineOptions('workarounds', {
  disable_group_policy_check_upcall: opt.boolean({
    default: false,
    help: 'Do not look again at the policy of a server group when an instance comes: for cells whose conductors cannot reach the API database.',
  }),
  disable_compute_service_check_for_ffu: opt.boolean({
    default: false,
    help: 'Start beside computes that are more than one release older, with a warning.',
  }),
})

const cinderOptions = defineOptions('cinder', {
  cross_az_attach: opt.boolean({
    default: true,
    help: 'An instance may have volumes of other availability zones than its own.',
  }),
})

const imageCacheOptions = defineOptions('image_cache', {
  manager_interval: opt.integer({
    default: 2400,
    min: -1,
    deprecatedNames: [{ name: 'image_cache_manager_interval', group: 'DEFAULT' }],
    help: 'Seconds between two looks at the images that the hypervisor keeps; 0: every 60 s, -1: never.',
  }),
})

const filterSchedulerOptions = defineOptions('filter_scheduler', {
  track_instance_changes: opt.boolean({
    default: true,
    help: 'Tell the schedulers which instances this host has and what becomes of them.',
  }),
})

/** Everything that the operations of the compute manager read. */
export const computeOptions = [
  defaultOptions,
  computeGroupOptions,
  cinderOptions,
  imageCacheOptions,
  filterSchedulerOptions,
  workaroundsOptions,
  placementOptions,
  ...consoleOptions,
  ...networkOptions,
] as const

/** The same as one small typed object. Nova changes none of these while the service runs, but for those in `placement`. */
export interface ComputeSettings {
  readonly statePath: string
  readonly maxConcurrentBuilds: number
  readonly maxConcurrentSnapshots: number
  readonly maxConcurrentLiveMigrations: number
  /** 0: plugging is not waited for. */
  readonly vifPluggingTimeoutSeconds: number
  readonly vifPluggingIsFatal: boolean
  readonly liveMigrationWaitsForPlugs: boolean
  readonly resumeGuestsOnHostBoot: boolean
  readonly accessIpNetworkName: string | null
  readonly shutdownTimeoutSeconds: number
  readonly shutdownRetryIntervalSeconds: number
  readonly maxDiskDevices: number
  readonly countFailedBuilds: boolean
  readonly trackInstanceChanges: boolean
  /** Whether the policy of a server group is looked at again when an instance comes. */
  readonly checksGroupPolicy: boolean
  /** Reads through to the present values. */
  readonly placement: PlacementSection
  readonly consoles: ConsoleSettings
  readonly networks: NetworkSettings
  /** `reclaim_instance_interval` is set: a delete may be repeated long after the request. */
  readonly deletesAreDeferred: boolean
  readonly shelvedOffloadSeconds: number
  readonly imageCacheIntervalSeconds: number
  readonly volumes: VolumeSettings
  /** `warnOnly`: `[workarounds] disable_compute_service_check_for_ffu`. */
  readonly oldComputes: { readonly warnOnly: boolean }
}

export interface VolumeSettings {
  readonly crossZoneAttach: boolean
  readonly allocateRetries: number
  readonly allocateIntervalSeconds: number
  readonly reimageSecondsPerGb: number
  /** 0: usage is not counted. */
  readonly usagePollSeconds: number
}

export function computeSettings(config: Config): ComputeSettings {
  const defaults = config.section(defaultOptions)
  const compute = config.section(computeGroupOptions)
  return {
    statePath: defaults.state_path,
    maxConcurrentBuilds: defaults.max_concurrent_builds,
    maxConcurrentSnapshots: defaults.max_concurrent_snapshots,
    maxConcurrentLiveMigrations: defaults.max_concurrent_live_migrations,
    vifPluggingTimeoutSeconds: defaults.vif_plugging_timeout,
    vifPluggingIsFatal: defaults.vif_plugging_is_fatal,
    liveMigrationWaitsForPlugs: compute.live_migration_wait_for_vif_plug,
    resumeGuestsOnHostBoot: defaults.resume_guests_state_on_host_boot,
    accessIpNetworkName: defaults.default_access_ip_network_name,
    shutdownTimeoutSeconds: defaults.shutdown_timeout,
    shutdownRetryIntervalSeconds: compute.shutdown_retry_interval,
    maxDiskDevices: compute.max_disk_devices_to_attach,
    countFailedBuilds: compute.consecutive_build_service_disable_threshold !== 0,
    trackInstanceChanges: config.section(filterSchedulerOptions).track_instance_changes,
    placement: config.section(placementOptions),
    checksGroupPolicy: !config.section(workaroundsOptions).disable_group_policy_check_upcall,
    consoles: consoleSettings(config),
    networks: networkSettings(config),
    deletesAreDeferred: config.section(periodicOptions).reclaim_instance_interval > 0,
    shelvedOffloadSeconds: defaults.shelved_offload_time,
    imageCacheIntervalSeconds: config.section(imageCacheOptions).manager_interval,
    volumes: {
      crossZoneAttach: config.section(cinderOptions).cross_az_attach,
      allocateRetries: defaults.block_device_allocate_retries,
      allocateIntervalSeconds: defaults.block_device_allocate_retries_interval,
      reimageSecondsPerGb: defaults.reimage_timeout_per_gb,
      usagePollSeconds: defaults.volume_usage_poll_interval,
    },
    oldComputes: { warnOnly: config.section(workaroundsOptions).disable_compute_service_check_for_ffu },
  }
}
