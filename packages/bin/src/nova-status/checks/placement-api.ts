import { type ClientError, isClientError } from '@micronova/clients'
import { failure, success, type UpgradeCheck, type UpgradeCheckResult } from '../upgrade-check.js'
import { isOlder } from './version.js'

/** Of `same_subtree`, with which the scheduler asks for candidates. */
const needed = '1.36'

/** Placement answers, and knows what the scheduler asks for. @see nova 26.2.2, `cmd/status.py`, `_check_placement` */
export const placementApi: UpgradeCheck = {
  name: 'Placement API',
  async run({ placement }) {
    if (placement === null) return failure('nova.conf has no credentials for Placement: set auth_type and its options in [placement].')
    try {
      return judgeVersion(await placement.maxMicroversion())
    } catch (err) {
      const result = isClientError(err) ? judgeRefusal(err) : null
      if (result === null) throw err
      return result
    }
  },
}

export function judgeVersion(current: string): UpgradeCheckResult {
  if (!isOlder(current, needed)) return success
  return failure(`Placement has API version ${current} and ${needed} is needed: upgrade Placement first.`)
}

/** null: nothing that this check speaks of. */
export function judgeRefusal({ code, service }: Pick<ClientError, 'code' | 'service'>): UpgradeCheckResult | null {
  // keystoneauth asks Keystone for its versions first, and calls it a failed discovery if that does not answer.
  if (service === 'identity' && (code === 'unreachable' || code === 'timeout' || code === 'not_found'))
    return failure('Keystone does not answer at the auth_url of [placement].')
  switch (code) {
    case 'unauthorized':
      return failure('The credentials of [placement] are refused.')
    case 'no_endpoint':
      return failure('The catalogue of Keystone has no address of Placement that [placement] could mean.')
    case 'not_found':
      return failure('There is no Placement at its address: it answers 404.')
    default:
      return null
  }
}
