import { type BlockDeviceMapping, type Instance, type Migration, type TaskState, vmStatesAllowing } from '@micronova/model'
import { hardRebootStates, softRebootStates } from '../reboot-states.js'
import { storedConnection } from '../volume/connection.js'
import { moveJudges } from './judge-move.js'

/** What to do about work that a journal says was begun, or accepted and not begun. */
export type Verdict =
  /** It was done; only its end was not written down. */
  | { readonly kind: 'done' }
  /** Run the message again: nothing of it has happened, or it does no harm twice; from the task state in which it begins. */
  | { readonly kind: 'replay'; readonly rewindTo?: TaskState }
  /** A build that has left things behind: remove them, then another host or ERROR. */
  | { readonly kind: 'unwind' }
  /** The instance is no longer this host's to build, but a guest of it is here. */
  | { readonly kind: 'remove_guest' }
  /** A build whose instance was handed back to the conductor, or not: nobody can know, so its user is told. */
  | { readonly kind: 'error' }
  /** It cannot be taken up where it stopped: what it has left is removed, and the instance is as it was before. */
  | { readonly kind: 'cancel' }
  /** An evacuation that is over, but for its instance being this host's. */
  | { readonly kind: 'adopt' }
  /** It no longer matters: the instance is gone, another's, or in the hands of another operation. */
  | { readonly kind: 'superseded' }

/** An ordinary operation: the task states in which it is not over, and the vm state in which it ends. */
interface OperationStates {
  readonly unfinished: readonly string[]
  /** Task states in which it is not over either, and cannot be run again. */
  readonly halfDone?: readonly string[]
  /** Task states in which it is over, and another operation, which start-up knows of, is to follow. */
  readonly over?: readonly string[]
  readonly goals: readonly string[]
}

const uploading = ['image_pending_upload', 'image_uploading']

const operationStates: Readonly<Record<string, OperationStates>> = {
  backup_instance: { unfinished: ['image_backup'], halfDone: uploading, goals: vmStatesAllowing.snapshot },
  pause_instance: { unfinished: ['pausing'], goals: ['paused'] },
  reboot_instance: {
    unfinished: [...softRebootStates, ...hardRebootStates],
    goals: ['active', 'rescued'],
  },
  rescue_instance: { unfinished: ['rescuing'], goals: ['rescued'] },
  restore_instance: { unfinished: ['restoring'], goals: ['active'] },
  resume_instance: { unfinished: ['resuming'], goals: ['active'] },
  set_admin_password: { unfinished: ['updating_password'], goals: ['active'] },
  shelve_instance: {
    unfinished: ['shelving'],
    halfDone: ['shelving_image_pending_upload', 'shelving_image_uploading'],
    over: ['shelving_offloading'],
    goals: ['shelved', 'shelved_offloaded'],
  },
  shelve_offload_instance: { unfinished: ['shelving', 'shelving_offloading'], goals: ['shelved_offloaded'] },
  snapshot_instance: {
    unfinished: ['image_snapshot_pending'],
    halfDone: ['image_snapshot', ...uploading],
    goals: vmStatesAllowing.snapshot,
  },
  soft_delete_instance: { unfinished: ['soft-deleting'], goals: ['soft-delete'] },
  start_instance: { unfinished: ['powering-on'], goals: ['active'] },
  stop_instance: { unfinished: ['powering-off'], goals: ['stopped'] },
  suspend_instance: { unfinished: ['suspending'], goals: ['suspended'] },
  unpause_instance: { unfinished: ['unpausing'], goals: ['active'] },
  unrescue_instance: { unfinished: ['unrescuing'], goals: ['active'] },
}

export interface Evidence {
  readonly method: string
  /** As its record is now; null if it is gone. */
  readonly instance: Instance | null
  readonly host: string
  readonly guestExists: boolean
  /** Of a move: its migration as it is now; null if it is gone. The instance has its migration context then. */
  readonly migration?: Migration | null
  /** A rebuild because the host of the instance is gone. */
  readonly isEvacuation?: boolean
  /** Methods of further unfinished work on the instance, that came after this. */
  readonly later?: ReadonlySet<string>
  /** Of an attached interface: it is in the guest, and the attach over but for its end. */
  readonly isInGuest?: boolean
  /** Of the volume that the work is about; null if there is none. */
  readonly blockDevice?: BlockDeviceMapping | null
}

/** Operations on a volume of an instance, which have no task state: whether they are over is seen by its mapping. */
export const volumeMethods: ReadonlySet<string> = new Set(['attach_volume', 'detach_volume'])

/** Judge unfinished work by what its instance has become. */
export function judgeWork(evidence: Evidence): Verdict {
  const { method, instance, host } = evidence
  if (method === 'build_and_run_instance') return judgeBuild(evidence)
  if (instance === null || instance.deleted) return { kind: method === 'terminate_instance' ? 'done' : 'superseded' }
  const judgeMove = moveJudges[method]
  if (judgeMove !== undefined) return judgeMove({ ...evidence, instance })
  if (instance.host !== null && instance.host !== host) return { kind: 'superseded' } // evacuated while this host was down
  if (method === 'terminate_instance') return { kind: 'replay' }
  if (volumeMethods.has(method)) return judgeVolumeWork(evidence)
  if (method === 'unshelve_instance') return judgeUnshelve(instance)
  if (method === 'attach_interface') return judgeAttachedInterface(instance, evidence)
  const states = operationStates[method]
  if (states === undefined) return { kind: 'superseded' }
  if (instance.task_state !== null) return judgeTask(states, instance.task_state)
  return { kind: instance.vm_state !== null && states.goals.includes(instance.vm_state) ? 'done' : 'superseded' }
}

function judgeTask({ unfinished, halfDone = [], over = [] }: OperationStates, taskState: string): Verdict {
  if (unfinished.includes(taskState)) return { kind: 'replay' }
  if (over.includes(taskState)) return { kind: 'done' }
  return { kind: halfDone.includes(taskState) ? 'cancel' : 'superseded' }
}

/**
 *     record                                        guest here   verdict
 *     gone, deleted, being deleted, in ERROR        no           superseded
 *     the same                                      yes          remove_guest
 *     on another host                               any          as above
 *     active here                                   yes          done
 *     building here (claimed)                       any          unwind
 *     building, no host, handed back by us          no           error
 *     building, no host, otherwise                  no           replay: nothing is claimed yet
 */
function judgeBuild({ instance, host, guestExists }: Evidence): Verdict {
  const leftover: Verdict = { kind: guestExists ? 'remove_guest' : 'superseded' }
  if (instance === null || instance.deleted || instance.task_state === 'deleting') return leftover
  if (instance.host !== null && instance.host !== host) return leftover
  if (instance.vm_state !== 'building') return instance.host === host ? { kind: 'done' } : leftover
  if (instance.host === host || guestExists) return { kind: 'unwind' }
  return { kind: wasHandedBack(instance) ? 'error' : 'replay' }
}

/** A failed attach removes its mapping, a finished one has written how the volume is reached; a finished detach removes it. */
function judgeVolumeWork({ method, instance, blockDevice = null }: Evidence): Verdict {
  if (instance?.task_state === 'deleting') return { kind: 'superseded' }
  if (method === 'detach_volume') return { kind: blockDevice === null ? 'done' : 'replay' }
  if (blockDevice === null) return { kind: 'superseded' }
  return { kind: Object.keys(storedConnection(blockDevice)).length > 0 ? 'done' : 'replay' }
}

/** Its caller has gone, so it is not run again: what the guest did not get is given back. The ports of a deletion go with it. */
function judgeAttachedInterface({ task_state: taskState }: Instance, { isInGuest = false }: Evidence): Verdict {
  if (taskState === 'deleting') return { kind: 'superseded' }
  return { kind: isInGuest ? 'done' : 'cancel' }
}

/** Until it has claimed this host nothing has happened that cannot happen again. */
function judgeUnshelve({ vm_state: vmState, task_state: taskState, host }: Instance): Verdict {
  if (taskState === null) return { kind: vmState === 'active' ? 'done' : 'superseded' }
  if (taskState !== 'unshelving' && taskState !== 'spawning') return { kind: 'superseded' }
  return { kind: host === null ? 'replay' : 'cancel' }
}

/** Only a build that was given up leaves this trace; see `give-up.ts`. */
function wasHandedBack(instance: Instance): boolean {
  return instance.task_state === 'scheduling' && instance.system_metadata.network_allocated === 'False'
}
