import { aggregateMetadata } from './aggregate-metadata.js'
import { type HostFilter, passesAll } from './filter.js'

/** Hosts of the zone that is asked for. Since Placement knows zones there is no need of it. */
export const availabilityZoneFilter: HostFilter = {
  name: 'AvailabilityZoneFilter',
  module: 'availability_zone_filter',
  oncePerRequest: true,
  onRebuild: false,
  prepare: (spec, { defaultAvailabilityZone }) => {
    const zone = spec.objIsSet('availability_zone') ? spec.availability_zone : null
    if (!zone) return passesAll
    return (host) => {
      const zones = aggregateMetadata(host, 'availability_zone').get('availability_zone')
      return zones === undefined ? zone === defaultAvailabilityZone : zones.has(zone)
    }
  },
}
