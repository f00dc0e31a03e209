import { failure, success, type UpgradeCheck, warning } from '../upgrade-check.js'

/** Of this one on a volume is attached by an attachment record. */
const needed = '3.44'

/** Cinder, where there is one, knows attachments. @see nova 26.2.2, `cmd/status.py`, `_check_cinder` */
export const cinderApi: UpgradeCheck = {
  name: 'Cinder API',
  async run({ cinder }) {
    if (cinder === null) return success
    try {
      if (await cinder.isMicroversionSupported(needed)) return success
    } catch (err) {
      return warning(`It is not known which version Cinder has: ${err instanceof Error ? err.message : String(err)}`)
    }
    return failure(`Cinder does not know API version ${needed}, which Cinder 12.0.0 (Queens) brought: upgrade Cinder first.`)
  },
}
