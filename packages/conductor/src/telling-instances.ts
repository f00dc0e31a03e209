import type { InstanceStore, RequestContext } from '@micronova/model'
import type { StateUpdates } from '@micronova/notifications'

/**
 * Instances whose changes are told to others. What is told is made of a copy: whoever saves gets back what was written, and nothing
 * that only the telling needed.
 *
 * @see nova 26.2.2, `objects/instance.py`, `save`
 */
export function tellingInstances(instances: InstanceStore, updates: StateUpdates): InstanceStore {
  if (!updates.isOn) return instances
  return {
    getByUuid: (...args) => instances.getByUuid(...args),
    listByHost: (...args) => instances.listByHost(...args),
    listByHostAndNode: (...args) => instances.listByHostAndNode(...args),
    listByFilters: (...args) => instances.listByFilters(...args),
    create: (...args) => instances.create(...args),
    destroy: (...args) => instances.destroy(...args),
    dropMigrationContext: (...args) => instances.dropMigrationContext(...args),
    refresh: (...args) => instances.refresh(...args),
    load: (...args) => instances.load(...args),
    async save(ctx: RequestContext, instance, options) {
      if (!instance.objHasChanges()) return instances.save(ctx, instance, options)
      const { vm_state, task_state, display_name } = await instances.getByUuid(ctx, instance.uuid, [])
      await instances.save(ctx, instance, options)
      await updates.saved(ctx, instance.objClone(), { vmState: vm_state, taskState: task_state, displayName: display_name })
    },
  }
}
