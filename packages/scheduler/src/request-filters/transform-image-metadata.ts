import { isImageTrait } from '@micronova/clients'
import { imageProperty } from '@micronova/model'
import { requireTrait } from './destination.js'
import type { RequestFilter } from './request-filter.js'

const prefixes = {
  hw_cdrom_bus: 'COMPUTE_STORAGE_BUS',
  hw_disk_bus: 'COMPUTE_STORAGE_BUS',
  hw_video_model: 'COMPUTE_GRAPHICS_MODEL',
  hw_vif_model: 'COMPUTE_NET_VIF_MODEL',
  hw_architecture: 'HW_ARCH',
  hw_emulation_architecture: 'COMPUTE_ARCH',
  hw_viommu_model: 'COMPUTE_VIOMMU',
} as const

/** Only hosts that emulate the buses and models that the image names. One that is no standard trait turns all of this off. */
export const transformImageMetadata: RequestFilter = (_ctx, spec, { settings, log }) => {
  if (!settings.image_metadata_prefilter) return
  const traits: string[] = []
  for (const [property, prefix] of Object.entries(prefixes)) {
    const value = imageProperty(spec.image, property)
    if (value === undefined || value === null) continue
    const trait = `${prefix}_${String(value).replaceAll('-', '_').toUpperCase()}`
    if (!isImageTrait(trait)) {
      log.error(`There is no trait ${trait}: hosts are not asked for what the image needs`)
      return
    }
    traits.push(trait)
  }
  for (const trait of traits) requireTrait(spec, trait)
}
