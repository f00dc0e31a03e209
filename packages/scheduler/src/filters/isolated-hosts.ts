import type { HostFilter } from './filter.js'

/** Isolated images go to isolated hosts, and by default nothing else does. */
export const isolatedHostsFilter: HostFilter = {
  name: 'IsolatedHostsFilter',
  module: 'isolated_hosts_filter',
  oncePerRequest: true,
  onRebuild: true,
  prepare: (spec, { settings }) => {
    const hosts = new Set(settings.isolated_hosts)
    const images = new Set(settings.isolated_images)
    const isRestricted = settings.restrict_isolated_hosts_to_isolated_images
    if (images.size === 0) return ({ host }) => !isRestricted || !hosts.has(host)
    const image = spec.objIsSet('image') ? spec.image : null
    const isIsolated = image?.objIsSet('id') === true && images.has(image.id)
    return ({ host }) => (isRestricted ? isIsolated === hosts.has(host) : !isIsolated || hosts.has(host))
  },
}
