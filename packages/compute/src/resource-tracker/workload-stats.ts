import type { Instance } from '@micronova/model'

/** Whose sum is the I/O load of a host. */
const ioHeavy = [
  'num_vm_building',
  'num_task_resize_migrating',
  'num_task_rebuilding',
  'num_task_resize_prep',
  'num_task_image_snapshot',
  'num_task_image_backup',
  'num_task_rescuing',
  'num_task_unshelving',
] as const

/** An instance in these states holds nothing of its host any more. @see nova 26.2.2, `compute/vm_states.py` */
export function allowsResourceRemoval({ vm_state, task_state }: Pick<Instance, 'vm_state' | 'task_state'>): boolean {
  return vm_state === 'deleted' || (vm_state === 'shelved_offloaded' && task_state !== 'spawning')
}

/**
 * How many instances in which states a node has: the `stats` of its ComputeNode, read by filters and weighers of the
 * scheduler. The keys (`num_instances`, `num_vm_active`, `num_task_None`, `num_proj_<id>`, `io_workload` ...), Python's `None`
 * in them, and that a count which fell to 0 stays until the next recount, are upstream's.
 *
 * @see nova 26.2.2, `compute/stats.py`
 */
export class WorkloadStats {
  readonly #counts = new Map<string, number>()
  /** By instance: the keys under which it is counted. */
  readonly #keys = new Map<string, readonly string[]>()
  #failedBuilds = 0

  get instances(): number {
    return this.#keys.size
  }

  /** Forget every instance; the failed builds stay. */
  reset(): void {
    this.#counts.clear()
    this.#keys.clear()
  }

  /** Count `instance` with its present states, in place of those it was counted with before. */
  count(instance: Instance): void {
    this.forget(instance.uuid)
    const keys = keysOf(instance)
    this.#keys.set(instance.uuid, keys)
    this.#add(keys, 1)
  }

  /** No longer count an instance; no-op if it was not. */
  forget(instanceUuid: string): void {
    this.#add(this.#keys.get(instanceUuid) ?? [], -1)
    this.#keys.delete(instanceUuid)
  }

  buildFailed(): void {
    this.#failedBuilds++
  }

  buildSucceeded(): void {
    this.#failedBuilds = 0
  }

  /** Instances with a task in progress. */
  workload(): number {
    let tasks = 0
    for (const [key, count] of this.#counts) if (key.startsWith('num_task_') && key !== 'num_task_None') tasks += count
    return tasks
  }

  /** As the `stats` field of a ComputeNode holds it: every value a string. */
  toFields(): Record<string, string> {
    const fields: Record<string, string> = { failed_builds: String(this.#failedBuilds) }
    for (const [key, count] of this.#counts) fields[key] = String(count)
    if (this.#counts.size > 0) fields.io_workload = String(this.#ioWorkload())
    return fields
  }

  #ioWorkload(): number {
    return ioHeavy.reduce((load, key) => load + (this.#counts.get(key) ?? 0), 0)
  }

  #add(keys: readonly string[], amount: number): void {
    for (const key of keys) this.#counts.set(key, (this.#counts.get(key) ?? 0) + amount)
  }
}

function keysOf({ vm_state, task_state, os_type, project_id }: Instance): readonly string[] {
  return [
    'num_instances',
    `num_vm_${vm_state ?? 'None'}`,
    `num_task_${task_state ?? 'None'}`,
    `num_os_type_${os_type ?? 'None'}`,
    `num_proj_${project_id ?? 'None'}`,
  ]
}
