import { type Instance, type PowerState, powerStates, type VmState, vmStatesAllowing } from '@micronova/model'
import type { RebootType } from '@micronova/virt'
import { softRebootStates } from '../reboot-states.js'

/** What to do at start-up about an instance that an earlier run of this service has left. */
export type StartAction =
  /** As it should be. */
  | { readonly kind: 'keep' }
  /** Not to be touched: put away, broken, or another host's. */
  | { readonly kind: 'leave'; readonly why: string }
  | { readonly kind: 'error'; readonly why: string }
  | { readonly kind: 'delete' }
  /** The guest is gone, the record is not. */
  | { readonly kind: 'complete_deletion' }
  /** The task ended, or never began; only its state was not written. */
  | { readonly kind: 'clear_task'; readonly vmState?: VmState }
  | { readonly kind: 'reboot'; readonly type: RebootType }
  | { readonly kind: 'unpause' }
  | { readonly kind: 'stop' }
  | { readonly kind: 'start' }
  /** Shelved, and to leave this host. */
  | { readonly kind: 'offload' }
  /** It has left this host; only its record has not. */
  | { readonly kind: 'leave_host' }
  /** It may still be moving, but nobody watches any more. */
  | { readonly kind: 'give_up_migration' }

const buildTasks: readonly unknown[] = ['scheduling', 'block_device_mapping', 'networking', 'spawning']
const rebuildTasks: readonly unknown[] = ['rebuilding', 'rebuild_block_device_mapping', 'rebuild_spawning']
const harmlessTasks: readonly unknown[] = [
  'image_snapshot_pending',
  'image_pending_upload',
  'image_uploading',
  'image_snapshot',
  'image_backup',
  'resize_prep',
]
const rebootTasks: readonly unknown[] = ['reboot_started', 'reboot_started_hard']
const canRebootHard: readonly unknown[] = vmStatesAllowing.hardReboot

/**
 * Judge an instance of `host` by its record and by what the hypervisor says of its guest. Upstream leaves an interrupted offload
 * as it is.
 *
 * @see nova 26.2.2, `compute/manager.py`, `_init_instance`
 */
export function decideAtStart(instance: Instance, host: string, powerState: PowerState): StartAction {
  const { vm_state: vmState, task_state: task } = instance
  if (instance.host !== host) return { kind: 'leave', why: `it is of the host ${instance.host}` }
  if (vmState === 'soft-delete') return { kind: 'leave', why: 'it is soft-deleted' }
  if (vmState === 'error' && task !== 'resize_migrating' && task !== 'deleting') return { kind: 'leave', why: 'it is in ERROR' }
  if (vmState === 'deleted') return { kind: 'complete_deletion' }
  if (vmState === 'building' || buildTasks.includes(task)) return { kind: 'error', why: 'the build was interrupted' }
  if ((vmState === 'active' || vmState === 'stopped') && rebuildTasks.includes(task))
    return { kind: 'error', why: 'the rebuild was interrupted' }
  if (task === 'deleting') return { kind: 'delete' }
  if (vmState !== 'error' && harmlessTasks.includes(task)) return { kind: 'clear_task' }
  return decideByPower(vmState as VmState | null, task, powerState)
}

function decideByPower(vmState: VmState | null, task: string | null, powerState: PowerState): StartAction {
  const isRunning = powerState === powerStates.running
  if (isRebootUnfinished(vmState, task, isRunning))
    return { kind: 'reboot', type: isRunning && task !== null && softRebootStates.includes(task) ? 'SOFT' : 'HARD' }
  if (isRunning && (rebootTasks.includes(task) || task === 'pausing' || task === 'unpausing'))
    return { kind: 'clear_task', vmState: 'active' }
  if (powerState === powerStates.paused && task === 'unpausing') return { kind: 'unpause' }
  if (vmState === 'shelved' && task === 'shelving_offloading') return { kind: 'offload' }
  if (vmState === 'shelved_offloaded' && task === null) return { kind: 'leave_host' }
  if (task === 'powering-off') return { kind: 'stop' }
  if (task === 'powering-on') return { kind: 'start' }
  if (task === 'migrating' || task === 'resize_migrating') return { kind: 'give_up_migration' }
  return { kind: 'keep' }
}

function isRebootUnfinished(vmState: VmState | null, task: string | null, isRunning: boolean): boolean {
  if (task === 'reboot_pending') return vmState === 'active'
  if (task === 'reboot_pending_hard') return canRebootHard.includes(vmState)
  return rebootTasks.includes(task) && !isRunning
}
