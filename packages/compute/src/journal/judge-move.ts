import type { Instance, Migration } from '@micronova/model'
import type { Evidence, Verdict } from './verdict.js'

/** An instance that is there and in nobody's way; the rest is judged before. */
interface MoveEvidence extends Evidence {
  readonly instance: Instance
}

type Judge = (evidence: MoveEvidence) => Verdict

const done: Verdict = { kind: 'done' }
const replay: Verdict = { kind: 'replay' }
const cancel: Verdict = { kind: 'cancel' }
const superseded: Verdict = { kind: 'superseded' }

/** Task states after those of the part that is judged: it has handed on. */
const afterPreparation: readonly unknown[] = ['resize_migrating', 'resize_migrated', 'resize_finish']
const afterDeparture: readonly unknown[] = ['resize_migrated', 'resize_finish']
const rebuilding: readonly unknown[] = ['rebuilding', 'rebuild_block_device_mapping', 'rebuild_spawning']
const evacuating: readonly unknown[] = ['accepted', 'pre-migrating']

/** Judged by where a move stands: of its two hosts the instance is on one, and the other one's part may be unfinished too. */
export const moveJudges: Readonly<Record<string, Judge>> = {
  prep_resize: judgePreparation,
  resize_instance: judgeDeparture,
  finish_resize: judgeArrival,
  confirm_resize: judgeConfirmation,
  revert_resize: judgeRevert,
  finish_revert_resize: judgeComeback,
  rebuild_instance: judgeRebuild,
}

/**
 *     task state         claim stored   verdict
 *     resize_prep        no             replay: nothing has happened
 *     resize_prep        yes            cancel: whether the source was told nobody knows, and telling it twice would spoil the move;
 *                                       done if this host is the source as well, and has heard
 *     a later one        any            done
 */
function judgePreparation({ instance, migration, later }: MoveEvidence): Verdict {
  if (later?.has('resize_instance')) return done
  if (afterPreparation.includes(instance.task_state) || instance.vm_state === 'resized') return done
  if (instance.task_state !== 'resize_prep') return superseded
  return isOf(instance, migration) ? cancel : replay
}

/**
 *     task state                          verdict
 *     resize_prep                         replay
 *     resize_migrating, on this host      cancel: the guest is brought back
 *     resize_migrated, resize_finish      done: it is the destination's; `_cleanup_incomplete_migrations` finds those that it never heard of
 */
function judgeDeparture({ instance, host }: MoveEvidence): Verdict {
  if (afterDeparture.includes(instance.task_state) || instance.vm_state === 'resized') return done
  if (instance.host !== host) return superseded
  if (instance.task_state === 'resize_prep') return replay
  return instance.task_state === 'resize_migrating' ? cancel : superseded
}

function judgeArrival({ instance, host }: MoveEvidence): Verdict {
  if (instance.host !== host) return superseded
  if (instance.task_state === 'resize_migrated') return replay
  if (instance.task_state === 'resize_finish') return { kind: 'replay', rewindTo: 'resize_migrated' }
  return instance.vm_state === 'resized' && instance.task_state === null ? done : superseded
}

/** A confirmed move holds nothing at its source: until the other size is forgotten it is not over, unless another move has begun. */
function judgeConfirmation({ instance, migration }: MoveEvidence): Verdict {
  if (migration?.status === 'confirming') return replay
  if (migration?.status !== 'confirmed') return superseded
  if (instance.vm_state === 'resized') return instance.migration_context === null || isOf(instance, migration) ? replay : superseded
  return instance.task_state === null && instance.old_flavor ? replay : done
}

/** On one host the guest that this removes, and the one that comes back, are the same: what comes later has begun by then. */
function judgeRevert({ instance, host, later }: MoveEvidence): Verdict {
  if (later?.has('finish_revert_resize')) return done
  if (instance.task_state === 'resize_reverting') return instance.host === host ? replay : done
  return instance.vm_state === 'resized' ? superseded : done
}

function judgeComeback({ instance }: MoveEvidence): Verdict {
  if (instance.task_state === 'resize_reverting') return replay
  return instance.vm_state === 'active' || instance.vm_state === 'stopped' ? done : superseded
}

/**
 *     rebuilding ...                                   replay, from the beginning
 *     evacuation, over but for the host                adopt: the guest runs here
 *     evacuation that is another's, or given up        superseded, or remove_guest
 */
function judgeRebuild(evidence: MoveEvidence): Verdict {
  const { instance, host, guestExists, isEvacuation } = evidence
  if (isEvacuation && instance.host !== host) return judgeEvacuation(evidence)
  if (instance.host !== host) return superseded
  if (rebuilding.includes(instance.task_state)) return again(instance)
  return instance.task_state === null && guestExists ? done : superseded
}

function judgeEvacuation({ instance, migration, guestExists }: MoveEvidence): Verdict {
  const leftover: Verdict = guestExists ? { kind: 'remove_guest' } : superseded
  if (!evacuating.includes(migration?.status)) return leftover
  if (rebuilding.includes(instance.task_state) || instance.task_state === 'powering-off') return again(instance)
  if (instance.task_state !== null || !guestExists) return leftover
  return instance.vm_state === 'active' || instance.vm_state === 'stopped' ? { kind: 'adopt' } : leftover
}

function again({ task_state }: Instance): Verdict {
  return task_state === 'rebuilding' ? replay : { kind: 'replay', rewindTo: 'rebuilding' }
}

/** The instance has a claim of this very move. */
function isOf({ migration_context: context }: Instance, migration: Migration | null | undefined): boolean {
  return context !== null && context.migration_id === migration?.id
}
