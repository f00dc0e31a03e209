import { extraSpecsOf } from '@micronova/model'
import { requireTrait } from './destination.js'
import type { RequestFilter } from './request-filter.js'

/** Only hosts that know accelerators, if the flavor has a device profile. */
export const accelerators: RequestFilter = (_ctx, spec) => {
  if (extraSpecsOf(spec.flavor)['accel:device_profile']) requireTrait(spec, 'COMPUTE_ACCELERATORS')
}
