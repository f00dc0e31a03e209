import { nullLogger } from '@micronova/log'
import { isNovaError } from '@micronova/model'
import { checkOldComputes } from '@micronova/rpcapi'
import { failure, success, type UpgradeCheck, type UpgradeCheckResult } from '../upgrade-check.js'

/** No compute is older than the release before. A cell that does not answer has none, as upstream. */
export const oldComputes: UpgradeCheck = {
  name: 'Older than N-1 computes',
  async run(deployment) {
    const cells = await deployment.cellMappings()
    const found = await Promise.allSettled(cells.map((cell) => deployment.lowestCompute(cell)))
    return judgeLowest(found.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])))
  },
}

/** @param versions of each cell; 0: it has no computes */
export function judgeLowest(versions: readonly number[]): UpgradeCheckResult {
  const lowest = Math.min(...versions.filter((version) => version > 0))
  try {
    checkOldComputes(Number.isFinite(lowest) ? lowest : 0, { scope: 'system', warnOnly: false, log: nullLogger })
    return success
  } catch (err) {
    if (isNovaError(err, 'TooOldComputeService')) return failure(err.message)
    throw err
  }
}
