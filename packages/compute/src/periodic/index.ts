import type { PeriodicTask } from '@micronova/service'
import { checkInstanceBuildTime } from './check-instance-build-time.js'
import { cleanupExpiredConsoleAuthTokens } from './cleanup-expired-console-auth-tokens.js'
import { cleanupIncompleteMigrations } from './cleanup-incomplete-migrations.js'
import { cleanupRunningDeletedInstances } from './cleanup-running-deleted-instances.js'
import { healInstanceInfoCache } from './heal-instance-info-cache.js'
import { instanceUsageAudit } from './instance-usage-audit.js'
import type { PeriodicParts } from './periodic-parts.js'
import { pollRebootingInstances } from './poll-rebooting-instances.js'
import { pollRescuedInstances } from './poll-rescued-instances.js'
import { pollShelvedInstances } from './poll-shelved-instances.js'
import { pollUnconfirmedResizes } from './poll-unconfirmed-resizes.js'
import { pollVolumeUsage } from './poll-volume-usage.js'
import { reclaimQueuedDeletes } from './reclaim-queued-deletes.js'
import { runImageCacheManagerPass } from './run-image-cache-manager-pass.js'
import { syncPowerStates } from './sync-power-states.js'
import { syncSchedulerInstanceInfo } from './sync-scheduler-instance-info.js'
import { updateAvailableResource } from './update-available-resource.js'

export { usageAudit } from './instance-usage-audit.js'
export { type PeriodicSection, periodicOptions } from './options.js'
export type { PeriodicParts } from './periodic-parts.js'
export { SelfRequests } from './self-requests.js'

/**
 * The tasks of the compute manager in the order in which they run.
 *
 * @see nova 26.2.2, `compute/manager.py`
 */
export function createPeriodicTasks(parts: PeriodicParts): readonly PeriodicTask[] {
  return [
    checkInstanceBuildTime,
    syncSchedulerInstanceInfo,
    healInstanceInfoCache,
    pollRebootingInstances,
    pollRescuedInstances,
    pollUnconfirmedResizes,
    pollShelvedInstances,
    instanceUsageAudit,
    pollVolumeUsage,
    syncPowerStates,
    reclaimQueuedDeletes,
    updateAvailableResource,
    cleanupRunningDeletedInstances,
    runImageCacheManagerPass,
    cleanupIncompleteMigrations,
    cleanupExpiredConsoleAuthTokens,
  ].map((create) => create(parts))
}
