import { type HostFilter, passesAll } from './filter.js'

/** All of them. */
export const allHostsFilter: HostFilter = {
  name: 'AllHostsFilter',
  module: 'all_hosts_filter',
  oncePerRequest: true,
  onRebuild: false,
  prepare: () => passesAll,
}
