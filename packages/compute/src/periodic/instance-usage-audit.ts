import { TaskLog } from '@micronova/model'
import { lastCompletedAuditPeriod, type NotificationSettings } from '@micronova/notifications'
import type { PeriodicTaskFactory, UsageAudit } from './periodic-parts.js'

const taskName = 'instance_usage_audit'

export function usageAudit({ auditsUsage, auditPeriod }: NotificationSettings): UsageAudit {
  return { isOn: auditsUsage, period: auditPeriod }
}

/**
 * Once for each audit period that is over: `instance.exists` of every instance that lived in it, and a record that it was told.
 * The record is made first, so that a restart in the midst tells nothing twice.
 *
 * @see nova 26.2.2, `compute/manager.py`, `_instance_usage_audit`
 */
export const instanceUsageAudit: PeriodicTaskFactory = (parts) => ({
  name: '_instance_usage_audit',
  spacingSeconds: () => 0,
  runImmediately: false,
  async run(signal) {
    const { host, stores, clock, notifications, usageAudit: audit, log } = parts
    if (!audit.isOn) return
    const ctx = parts.adminContext()
    const { begin, end } = lastCompletedAuditPeriod(audit.period, clock.now())
    if ((await stores.taskLogs.get(ctx, { taskName, begin, end, host })) !== null) return
    const attributes = ['system_metadata', 'info_cache', 'metadata', 'flavor'] as const
    const instances = await stores.instances.listActiveByWindow(ctx, { begin, end, host }, attributes)
    const span = `from ${begin.toISOString()} to ${end.toISOString()}`
    log.info(`Running instance usage audit for host ${host} ${span}. ${instances.length} instances.`)
    const task = new TaskLog({
      task_name: taskName,
      period_beginning: begin,
      period_ending: end,
      host,
      task_items: instances.length,
      message: 'Instance usage audit started...',
    })
    const begunMs = clock.monotonicMs()
    await stores.taskLogs.begin(ctx, task)
    let errors = 0
    for (const instance of instances) {
      // A stop leaves the rest: it counts as not told.
      const isTold = !signal.aborted && (await notifications.exists(ctx, instance, { current: false }))
      if (!isTold) errors++
    }
    task.errors = errors
    const seconds = (clock.monotonicMs() - begunMs) / 1000
    task.message = `Instance usage audit ran for host ${host}, ${instances.length} instances in ${seconds} seconds.`
    await stores.taskLogs.end(ctx, task)
  },
})
