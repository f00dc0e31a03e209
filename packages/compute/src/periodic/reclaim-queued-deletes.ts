import type { Logger } from '@micronova/log'
import type { Instance, RequestContext, TaskState } from '@micronova/model'
import { deleteInstance } from '../delete-instance.js'
import { isDeletedForLong } from './age.js'
import { eachIdleInstance } from './each-instance.js'
import type { PeriodicParts, PeriodicTaskFactory } from './periodic-parts.js'

const name = '_reclaim_queued_deletes'

/** An idle instance that is being deleted is one whose reclaim a restart has cut short. */
const reclaimable: readonly (TaskState | null)[] = [null, 'deleting']

/** Deletes for good what has been soft-deleted for longer than `reclaim_instance_interval`. */
export const reclaimQueuedDeletes: PeriodicTaskFactory = (parts) => ({
  name,
  spacingSeconds: () => 0,
  runImmediately: false,
  async run(signal) {
    const { host, stores, clock, periodic } = parts
    const seconds = periodic.reclaim_instance_interval
    if (seconds <= 0) return
    const ctx = parts.adminContext()
    const attributes = ['metadata', 'system_metadata', 'info_cache', 'security_groups'] as const
    // Without `soft_deleted`, `deleted: false` would leave out those that are looked for.
    const filters = { vm_state: 'soft-delete', host, deleted: false, soft_deleted: true }
    const queued = await stores.instances.listByFilters(ctx, filters, attributes, { replica: true })
    const instances = queued.filter((instance) => reclaimable.includes(instance.task_state) && isDeletedForLong(clock, instance, seconds))
    await eachIdleInstance(parts, { name, ctx, instances, signal, run: (instance, log) => reclaim(parts, ctx, instance, log) })
  },
})

async function reclaim(parts: PeriodicParts, ctx: RequestContext, instance: Instance, log: Logger): Promise<void> {
  const { instances, blockDeviceMappings } = parts.stores
  // From here on nobody can restore it. Rejects if somebody already has.
  instance.task_state = 'deleting'
  await instances.save(ctx, instance, { expectedVmState: ['soft-delete'], expectedTaskState: reclaimable })
  log.info('Reclaiming deleted instance')
  try {
    await deleteInstance(parts, ctx, instance, await blockDeviceMappings.listByInstanceUuid(ctx, instance.uuid))
  } catch (err) {
    // As it was, however far it came: the next run does it again.
    instance.vm_state = 'soft-delete'
    instance.task_state = null
    await instances.save(ctx, instance)
    throw err
  }
}
