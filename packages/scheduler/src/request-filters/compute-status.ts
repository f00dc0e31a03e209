import { forbidTrait } from './destination.js'
import type { RequestFilter } from './request-filter.js'

/** No hosts whose nova-compute is disabled. */
export const computeStatus: RequestFilter = (_ctx, spec) => forbidTrait(spec, 'COMPUTE_STATUS_DISABLED')
