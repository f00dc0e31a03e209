import type { InstanceStore } from '@micronova/model'
import type { StateUpdates } from '@micronova/notifications'
import { withMembers } from './with-members.js'

/**
 * Instances whose changes are told to others. What is told is made of a copy: whoever saves gets back what was written, and nothing
 * that only the telling needed.
 *
 * @see nova 26.2.2, `objects/instance.py`, `save`
 */
export function tellingInstances<S extends InstanceStore>(instances: S, updates: StateUpdates): S {
  if (!updates.isOn) return instances
  const telling: Pick<InstanceStore, 'save'> = {
    async save(ctx, instance, options) {
      if (!instance.objHasChanges()) return instances.save(ctx, instance, options)
      const { vm_state, task_state, display_name } = await instances.getByUuid(ctx, instance.uuid, [])
      await instances.save(ctx, instance, options)
      await updates.saved(ctx, instance.objClone(), { vmState: vm_state, taskState: task_state, displayName: display_name })
    },
  }
  return withMembers(instances, telling as Partial<S>)
}
