import type { Logger } from '@micronova/log'
import { novaError } from '@micronova/model'

/** Service version of nova-compute in Yoga, the release before Zed. */
const oldestVersion = { name: 'Yoga', level: 61 } as const

/**
 * Refuse to run beside computes that are more than one release older.
 *
 * @param lowest of all services of nova-compute; 0: there is none, which is fine
 * @throws NovaError `TooOldComputeService`
 * @see nova 26.2.2, `utils.py`, `raise_if_old_compute`
 */
export function checkOldComputes(
  lowest: number,
  { scope, warnOnly, log }: { readonly scope: 'system' | 'cell'; readonly warnOnly: boolean; readonly log: Logger },
): void {
  if (lowest === 0 || lowest >= oldestVersion.level) return
  const err = novaError('TooOldComputeService', {
    oldest_supported_version: oldestVersion.name,
    scope,
    min_service_level: lowest,
    oldest_supported_service: oldestVersion.level,
  })
  if (!warnOnly) throw err
  log.warning(err.message)
}
