import { ephemeralEncryptionFormat, wantsEphemeralEncryption } from '@micronova/model'
import { requireTrait } from './destination.js'
import type { RequestFilter } from './request-filter.js'

/** Only hosts that encrypt local disks, in the format that is asked for. */
export const ephemeralEncryption: RequestFilter = (_ctx, spec) => {
  const image = spec.objIsSet('image') ? spec.image : null
  if (!wantsEphemeralEncryption(spec.flavor, image)) return
  requireTrait(spec, 'COMPUTE_EPHEMERAL_ENCRYPTION')
  const format = ephemeralEncryptionFormat(spec.flavor, image)
  if (format) requireTrait(spec, `COMPUTE_EPHEMERAL_ENCRYPTION_${format.toUpperCase()}`)
}
