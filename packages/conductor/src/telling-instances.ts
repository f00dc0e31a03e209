import type { InstanceStore, RequestContext } from '@micronova/model'
import type { StateUpdates } from '@micronova/notifications'

/**
 * Instances whose changes are told to others. What is told is made of a copy: whoever saves gets back what was written, and nothing
 * that only the telling needed.
 *
 * @see nova 26.2.2, `objects/instance.py`, `save`
 */
export function tellingInstances<S extends InstanceStore>(instances: S, updates: StateUpdates): S {
  if (!updates.isOn) return instances
  const save = async (ctx: RequestContext, ...[instance, options]: Tail<Parameters<InstanceStore['save']>>) => {
    if (!instance.objHasChanges()) return instances.save(ctx, instance, options)
    const { vm_state, task_state, display_name } = await instances.getByUuid(ctx, instance.uuid, [])
    await instances.save(ctx, instance, options)
    await updates.saved(ctx, instance.objClone(), { vmState: vm_state, taskState: task_state, displayName: display_name })
  }
  return new Proxy(instances, {
    get(target, name) {
      if (name === 'save') return save
      const member: unknown = Reflect.get(target, name)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}

type Tail<T extends readonly unknown[]> = T extends readonly [unknown, ...infer Rest] ? Rest : never
