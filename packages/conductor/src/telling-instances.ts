import type { Instance, InstanceStore, RequestContext, SaveInstanceOptions } from '@micronova/model'
import type { StatesBefore, StateUpdates } from '@micronova/notifications'
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
      const before = statesBefore(instance, options) ?? (await storedStates(instances, ctx, instance))
      await instances.save(ctx, instance, options)
      await updates.saved(ctx, instance.objClone(), before)
    },
  }
  return withMembers(instances, telling as Partial<S>)
}

/**
 * What the stored states are if the save succeeds, without a look at them: what it does not change stays, and where it names the one
 * state that it expects, that is what it found.
 *
 * @returns null if they must be read
 */
export function statesBefore(instance: Instance, { expectedVmState, expectedTaskState }: SaveInstanceOptions = {}): StatesBefore | null {
  const changes = instance.objWhatChanged()
  if (changes.has('display_name')) return null
  const isKnown = (field: 'vm_state' | 'task_state', expected: readonly unknown[] | undefined) =>
    !changes.has(field) || expected?.length === 1
  if (!isKnown('vm_state', expectedVmState) || !isKnown('task_state', expectedTaskState)) return null
  return {
    ...(changes.has('vm_state') ? { vmState: expectedVmState?.[0] ?? null } : {}),
    ...(changes.has('task_state') ? { taskState: expectedTaskState?.[0] ?? null } : {}),
  }
}

async function storedStates(instances: InstanceStore, ctx: RequestContext, { uuid }: Instance): Promise<StatesBefore> {
  const { vm_state, task_state, display_name } = await instances.getByUuid(ctx, uuid, [])
  return { vmState: vm_state, taskState: task_state, displayName: display_name }
}
