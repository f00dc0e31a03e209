import { imageProperty } from '@micronova/model'
import { pythonText } from '@micronova/versionedobjects'
import { aggregateMetadata } from './aggregate-metadata.js'
import type { HostFilter } from './filter.js'

/** Hosts whose aggregates name a property of the image take images with a value of theirs only. */
export const aggregateImagePropertiesIsolation: HostFilter = {
  name: 'AggregateImagePropertiesIsolation',
  module: 'aggregate_image_properties_isolation',
  oncePerRequest: true,
  onRebuild: true,
  prepare: (spec, { settings }) => {
    const image = spec.objIsSet('image') ? spec.image : null
    const { aggregate_image_properties_isolation_namespace: namespace, aggregate_image_properties_isolation_separator: separator } =
      settings
    const prefix = namespace ? `${namespace}${separator}` : ''
    return (host) =>
      [...aggregateMetadata(host)].every(([key, values]) => {
        if (!key.startsWith(prefix)) return true
        const property = imageProperty(image, key)
        return !property || values.has(pythonText(property))
      })
  },
}
