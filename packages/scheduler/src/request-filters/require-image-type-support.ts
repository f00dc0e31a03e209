import { isImageTrait } from '@micronova/clients'
import { requireTrait } from './destination.js'
import type { RequestFilter } from './request-filter.js'

/** Only hosts that can run images of the format. It does not matter for an instance that boots from a volume. */
export const requireImageTypeSupport: RequestFilter = (_ctx, spec, { settings, log }) => {
  if (!settings.query_placement_for_image_type_support || spec.is_bfv) return
  const trait = `COMPUTE_IMAGE_TYPE_${(spec.image?.disk_format ?? '').toUpperCase()}`
  if (isImageTrait(trait)) requireTrait(spec, trait)
  else log.error(`There is no trait ${trait}: hosts are not asked whether they support the format of the image`)
}
