import { InstanceState, InstanceTaskState } from './enums.js'

/** What an instance is, as its user sees it. @see nova 26.2.2, `compute/vm_states.py` */
export type VmState = InstanceState

export const vmStates: readonly VmState[] = InstanceState.validValues

/** In which vm states a user may do what. */
export const vmStatesAllowing = {
  softReboot: ['active'],
  hardReboot: ['active', 'stopped', 'paused', 'suspended', 'error'],
  snapshot: ['active', 'stopped', 'paused', 'suspended'],
  triggerCrashDump: ['active', 'paused', 'rescued', 'resized', 'error'],
} as const satisfies Readonly<Record<string, readonly VmState[]>>

/** What is being done to it; null for nothing. The list is long and open to older peers, hence a string. */
export type TaskState = string

/** The task states of Zed. @see nova 26.2.2, `compute/task_states.py` */
export const taskStates: readonly InstanceTaskState[] = InstanceTaskState.validValues

/** In which task states a user may do what; null is one of them. */
export const taskStatesAllowing = {
  reboot: [null, 'rebooting', 'reboot_pending', 'reboot_started', 'resuming', 'rebooting_hard', 'unpausing', 'pausing', 'suspending'],
} as const satisfies Readonly<Record<string, readonly (InstanceTaskState | null)[]>>

/** What the hypervisor says of the guest. @see nova 26.2.2, `compute/power_state.py` */
export const powerStates = {
  noState: 0,
  running: 1,
  paused: 3,
  shutdown: 4,
  crashed: 6,
  suspended: 7,
} as const

export type PowerState = (typeof powerStates)[keyof typeof powerStates]

const powerStateNames: ReadonlyMap<number, string> = new Map([
  [powerStates.noState, 'pending'],
  [powerStates.running, 'running'],
  [powerStates.paused, 'paused'],
  [powerStates.shutdown, 'shutdown'],
  [powerStates.crashed, 'crashed'],
  [powerStates.suspended, 'suspended'],
])

/** The word for a power state: `running`. */
export function powerStateName(state: number | null): string {
  return powerStateNames.get(state ?? powerStates.noState) ?? String(state)
}
