import { defineOptions, opt, type ParsedConfig } from '@micronova/config'

const unifiedLimitsDriver = 'nova.quota.UnifiedLimitsDriver'

/** Options of `[DEFAULT]` that decide how instances are built and moved. */
export const computeTaskOptions = defineOptions('DEFAULT', {
  default_availability_zone: opt.string({ default: 'nova', help: 'The availability zone of hosts that no aggregate puts into another.' }),
  non_inheritable_image_properties: opt.list({
    default: ['cache_in_nova', 'bittorrent'],
    help: 'Properties of an image that images made of its instances do not get.',
  }),
  migrate_max_retries: opt.integer({
    default: -1,
    min: -1,
    help: 'How many further hosts are tried for a live migration whose destination does not take it. -1 means as many as there are.',
  }),
})

export const schedulerAttemptOptions = defineOptions('scheduler', {
  max_attempts: opt.integer({ default: 3, min: 1, help: 'On how many hosts a build is tried. 1 means that it is not tried again.' }),
})

export const imageCacheOptions = defineOptions('image_cache', {
  precache_concurrency: opt.integer({
    default: 1,
    min: 1,
    help: 'How many computes fetch images at once when those of an aggregate shall have them.',
  }),
})

export const quotaRecheckOptions = defineOptions('quota', {
  recheck_quota: opt.boolean({
    default: true,
    help: 'Whether the quota is looked at again when the instances are there, as two requests may have been granted the same rest.',
  }),
  instances: opt.integer({
    deprecatedNames: [{ group: 'DEFAULT', name: 'quota_instances' }],
    default: 10,
    min: -1,
    help: 'Instances of a project. -1 means no limit.',
  }),
  cores: opt.integer({
    deprecatedNames: [{ group: 'DEFAULT', name: 'quota_cores' }],
    default: 20,
    min: -1,
    help: 'Virtual CPUs of a project. -1 means no limit.',
  }),
  ram: opt.integer({
    deprecatedNames: [{ group: 'DEFAULT', name: 'quota_ram' }],
    default: 50 * 1024,
    min: -1,
    help: 'MiB of memory of a project. -1 means no limit.',
  }),
  driver: opt.string({
    default: 'nova.quota.DbQuotaDriver',
    choices: ['nova.quota.DbQuotaDriver', 'nova.quota.NoopQuotaDriver', unifiedLimitsDriver],
    help: 'Where limits come from: the database, nowhere (there are none), or Keystone.',
  }),
  count_usage_from_placement: opt.boolean({
    default: false,
    help: 'Whether cores and memory in use are counted by Placement instead of in the cells.',
  }),
})

export const workaroundOptions = defineOptions('workarounds', {
  enable_numa_live_migration: opt.boolean({
    deprecatedForRemoval: true,
    default: false,
    help: 'Whether instances with NUMA nodes may be migrated live although computes older than Train cannot adapt them.',
  }),
  skip_hypervisor_version_check_on_lm: opt.boolean({
    default: false,
    help: 'Whether a live migration may go to a hypervisor of an older version.',
  }),
  disable_compute_service_check_for_ffu: opt.boolean({
    default: false,
    help: 'Whether computes that are more than one release older are warned of instead of refused.',
  }),
  unified_limits_count_pcpu_as_vcpu: opt.boolean({
    default: false,
    help: 'Whether dedicated CPUs count as shared ones for limits of Keystone, unless the flavor itself names both.',
  }),
})

export interface QuotaSettings {
  readonly recheck: boolean
  readonly instances: number
  readonly cores: number
  readonly ramMb: number
  /** Who says what a project may have; the limits above are those of the database's where it has none. */
  readonly source: 'database' | 'nobody' | 'keystone'
  readonly countFromPlacement: boolean
  /** With limits of Keystone: dedicated CPUs count as shared ones. */
  readonly countPcpuAsVcpu: boolean
}

/** Values of the options above, and of `[DEFAULT]` options of every service. */
export interface ComputeTaskSettings {
  readonly defaultZone: string
  readonly maxAttempts: number
  /** -1: no limit. */
  readonly migrateMaxRetries: number
  readonly precacheConcurrency: number
  /** Seconds of silence after which a service counts as down. */
  readonly serviceDownSeconds: number
  readonly enableNumaLiveMigration: boolean
  readonly skipHypervisorVersionCheck: boolean
  /** Of an instance's image; an image that is made of the instance does not get them. */
  readonly nonInheritableImageProperties: readonly string[]
  readonly quota: QuotaSettings
}

/** The groups of all of these. */
export const computeTaskOptionGroups = [
  computeTaskOptions,
  schedulerAttemptOptions,
  imageCacheOptions,
  quotaRecheckOptions,
  workaroundOptions,
]

/** @param serviceDownSeconds of `serviceDownTime` */
export function computeTaskSettings(config: ParsedConfig, serviceDownSeconds: number): ComputeTaskSettings {
  const options = config.section(computeTaskOptions)
  const quota = config.section(quotaRecheckOptions)
  const workarounds = config.section(workaroundOptions)
  return {
    defaultZone: options.default_availability_zone,
    maxAttempts: config.section(schedulerAttemptOptions).max_attempts,
    migrateMaxRetries: options.migrate_max_retries,
    nonInheritableImageProperties: options.non_inheritable_image_properties,
    precacheConcurrency: config.section(imageCacheOptions).precache_concurrency,
    serviceDownSeconds,
    enableNumaLiveMigration: workarounds.enable_numa_live_migration,
    skipHypervisorVersionCheck: workarounds.skip_hypervisor_version_check_on_lm,
    quota: {
      recheck: quota.recheck_quota,
      instances: quota.instances,
      cores: quota.cores,
      ramMb: quota.ram,
      source: quotaSource(quota.driver),
      countFromPlacement: quota.count_usage_from_placement,
      countPcpuAsVcpu: workarounds.unified_limits_count_pcpu_as_vcpu,
    },
  }
}

function quotaSource(driver: string): QuotaSettings['source'] {
  if (driver === unifiedLimitsDriver) return 'keystone'
  return driver === 'nova.quota.DbQuotaDriver' ? 'database' : 'nobody'
}

/** Whether Keystone is asked for limits: then `[oslo_limit]` is read. */
export function asksForLimits(config: ParsedConfig): boolean {
  const { driver, recheck_quota: recheck } = config.section(quotaRecheckOptions)
  return recheck && quotaSource(driver) === 'keystone'
}

/** `[workarounds] disable_compute_service_check_for_ffu` */
export function allowsOldComputes(config: ParsedConfig): boolean {
  return config.section(workaroundOptions).disable_compute_service_check_for_ffu
}

/** The default values. */
export const defaultComputeTaskSettings: ComputeTaskSettings = {
  defaultZone: 'nova',
  maxAttempts: 3,
  migrateMaxRetries: -1,
  precacheConcurrency: 1,
  serviceDownSeconds: 60,
  enableNumaLiveMigration: false,
  skipHypervisorVersionCheck: false,
  nonInheritableImageProperties: ['cache_in_nova', 'bittorrent'],
  quota: {
    recheck: true,
    instances: 10,
    cores: 20,
    ramMb: 51_200,
    source: 'database',
    countFromPlacement: false,
    countPcpuAsVcpu: false,
  },
}
