import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Flavor, Instance, Migration, MigrationContext } from '@micronova/model'
import { judgeWork, type Verdict } from './verdict.js'

const host = 'compute1'

interface Case {
  readonly vm?: string
  readonly task?: string | null
  readonly at?: string
  /** Of the migration now; null: it is gone. */
  readonly status?: string | null
  /** Id of the migration whose claim the instance has. The judged one is 7. */
  readonly claim?: number
  readonly hasOldSize?: true
  readonly guest?: true
  readonly evacuation?: true
  readonly later?: readonly string[]
}

function judge(method: string, one: Case): Verdict {
  const { vm = 'active', task = null, at = host, status = 'pre-migrating', claim, guest = false, later = [], evacuation = false } = one
  const instance = Instance.objStored({
    vm_state: vm,
    task_state: task,
    host: at,
    deleted: false,
    migration_context: claim === undefined ? null : MigrationContext.objStored({ migration_id: claim }),
    old_flavor: one.hasOldSize ? Flavor.objStored({ id: 1 }) : null,
  })
  const migration = status === null ? null : Migration.objStored({ id: 7, status })
  return judgeWork({ method, instance, host, guestExists: guest, migration, isEvacuation: evacuation, later: new Set(later) })
}

const away = 'compute2'
const cases: readonly (readonly [method: string, what: string, one: Case, verdict: Verdict['kind'] | { rewindTo: string }])[] = [
  ['prep_resize', 'not claimed', { task: 'resize_prep', at: away }, 'replay'],
  ['prep_resize', 'claimed', { task: 'resize_prep', at: away, claim: 7 }, 'cancel'],
  ['prep_resize', 'claimed by an earlier move', { task: 'resize_prep', at: away, claim: 6 }, 'replay'],
  ['prep_resize', 'claimed, and this source has heard', { task: 'resize_prep', claim: 7, later: ['resize_instance'] }, 'done'],
  ['prep_resize', 'gone on at its source', { task: 'resize_migrating', at: away, claim: 7 }, 'done'],
  ['prep_resize', 'resized', { vm: 'resized', claim: 7 }, 'done'],
  ['prep_resize', 'given up', { at: away }, 'superseded'],
  ['prep_resize', 'being deleted', { task: 'deleting', at: away }, 'superseded'],
  ['resize_instance', 'not begun', { task: 'resize_prep', claim: 7 }, 'replay'],
  ['resize_instance', 'sending', { task: 'resize_migrating', claim: 7 }, 'cancel'],
  ['resize_instance', 'sent', { task: 'resize_migrated', at: away, claim: 7 }, 'done'],
  ['resize_instance', 'arriving', { task: 'resize_finish', at: away, claim: 7 }, 'done'],
  ['resize_instance', 'evacuated meanwhile', { at: away }, 'superseded'],
  ['resize_instance', 'being deleted', { task: 'deleting' }, 'superseded'],
  ['finish_resize', 'not begun', { task: 'resize_migrated', claim: 7 }, 'replay'],
  ['finish_resize', 'begun', { task: 'resize_finish', claim: 7 }, { rewindTo: 'resize_migrated' }],
  ['finish_resize', 'resized', { vm: 'resized', claim: 7 }, 'done'],
  ['finish_resize', 'already being reverted', { vm: 'resized', task: 'resize_reverting' }, 'superseded'],
  ['finish_resize', 'failed', { vm: 'error' }, 'superseded'],
  ['confirm_resize', 'not begun', { vm: 'resized', at: away, claim: 7, status: 'confirming' }, 'replay'],
  ['confirm_resize', 'with the claim dropped', { vm: 'resized', at: away, status: 'confirmed' }, 'replay'],
  ['confirm_resize', 'with the other size not forgotten', { at: away, status: 'confirmed', hasOldSize: true }, 'replay'],
  ['confirm_resize', 'over', { at: away, status: 'confirmed' }, 'done'],
  ['confirm_resize', 'over, and resized again', { vm: 'resized', at: away, status: 'confirmed', claim: 8, hasOldSize: true }, 'superseded'],
  ['confirm_resize', 'over, and being resized again', { task: 'resize_prep', at: away, status: 'confirmed', hasOldSize: true }, 'done'],
  ['confirm_resize', 'failed', { vm: 'error', at: away, status: 'error' }, 'superseded'],
  ['confirm_resize', 'without its migration', { vm: 'resized', at: away, status: null }, 'superseded'],
  ['revert_resize', 'not over', { vm: 'resized', task: 'resize_reverting', status: 'reverting' }, 'replay'],
  ['revert_resize', 'perhaps not handed on', { vm: 'resized', task: 'resize_reverting', status: 'reverted' }, 'replay'],
  ['revert_resize', 'handed on within this host', { vm: 'resized', task: 'resize_reverting', later: ['finish_revert_resize'] }, 'done'],
  ['revert_resize', 'at its source again', { vm: 'resized', task: 'resize_reverting', at: away }, 'done'],
  ['revert_resize', 'over', { at: away, status: 'reverted' }, 'done'],
  ['finish_revert_resize', 'not begun', { vm: 'resized', task: 'resize_reverting', at: away }, 'replay'],
  ['finish_revert_resize', 'begun', { vm: 'resized', task: 'resize_reverting' }, 'replay'],
  ['finish_revert_resize', 'over', {}, 'done'],
  ['finish_revert_resize', 'failed', { vm: 'error' }, 'superseded'],
  ['rebuild_instance', 'not begun', { task: 'rebuilding', guest: true }, 'replay'],
  ['rebuild_instance', 'without its guest', { task: 'rebuild_spawning' }, { rewindTo: 'rebuilding' }],
  ['rebuild_instance', 'over', { guest: true }, 'done'],
  ['rebuild_instance', 'on another host', { task: 'rebuilding', at: away }, 'superseded'],
  ['rebuild_instance', 'evacuated here and not begun', { evacuation: true, at: away, task: 'rebuilding' }, 'replay'],
  [
    'rebuild_instance',
    'evacuated here, with its guest',
    { evacuation: true, at: away, task: 'rebuild_spawning', guest: true },
    { rewindTo: 'rebuilding' },
  ],
  [
    'rebuild_instance',
    'evacuated here, to be stopped',
    { evacuation: true, at: away, task: 'powering-off', guest: true },
    { rewindTo: 'rebuilding' },
  ],
  ['rebuild_instance', 'evacuated here, and running', { evacuation: true, at: away, guest: true }, 'adopt'],
  ['rebuild_instance', 'evacuated here, and this host has it', { evacuation: true, guest: true, status: 'done' }, 'done'],
  ['rebuild_instance', 'evacuated elsewhere since', { evacuation: true, at: away, guest: true, status: 'failed' }, 'remove_guest'],
  ['rebuild_instance', 'evacuation that was given up', { evacuation: true, at: away, status: 'failed' }, 'superseded'],
]

for (const [method, what, one, verdict] of cases)
  test(`${method} of an instance that is ${what}: ${typeof verdict === 'string' ? verdict : `replay from ${verdict.rewindTo}`}`, () => {
    const expected = typeof verdict === 'string' ? { kind: verdict } : { kind: 'replay', ...verdict }
    assert.deepEqual(judge(method, one), expected)
  })

for (const method of ['prep_resize', 'confirm_resize', 'finish_revert_resize', 'rebuild_instance'])
  test(`${method} of an instance that is gone: superseded`, () => {
    assert.deepEqual(judgeWork({ method, instance: null, host, guestExists: false }), { kind: 'superseded' })
  })
