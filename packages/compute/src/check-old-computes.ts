import type { Logger } from '@micronova/log'
import { novaError, type RequestContext, type Stores } from '@micronova/model'

/** Service version of nova-compute in Yoga, the release before Zed. */
const oldestVersion = { name: 'Yoga', level: 61 } as const

export interface OldComputesOptions {
  /** `[workarounds] disable_compute_service_check_for_ffu`: warn only. */
  readonly warnOnly: boolean
}

/**
 * Refuse to run beside computes that are more than one release older. None at all is fine.
 *
 * @throws NovaError `TooOldComputeService`
 * @see nova 26.2.2, `utils.py`, `raise_if_old_compute`
 */
export async function checkOldComputes(
  { stores, log }: { readonly stores: Pick<Stores, 'services'>; readonly log: Logger },
  ctx: RequestContext,
  { warnOnly }: OldComputesOptions,
): Promise<void> {
  const lowest = await stores.services.getMinimumVersion(ctx, 'nova-compute')
  if (lowest === 0 || lowest >= oldestVersion.level) return
  const err = novaError('TooOldComputeService', {
    oldest_supported_version: oldestVersion.name,
    scope: 'cell',
    min_service_level: lowest,
    oldest_supported_service: oldestVersion.level,
  })
  if (!warnOnly) throw err
  log.warning(err.message)
}
