import type { HostWeigher } from './weigher.js'

/** More free disk space is better. */
export const diskWeigher: HostWeigher = {
  name: 'DiskWeigher',
  module: 'disk',
  minimum: 0,
  multiplierName: 'disk_weight_multiplier',
  multiplier: ({ settings }) => settings.disk_weight_multiplier,
  prepare: () => (host) => host.freeDiskMb,
}
