import { host } from '../support/compute-fixture.js'
import type { StoreCall } from '../support/recording-stores.js'

/** Where a compute is killed, and what must have become of its instance when another one has started after it. */
export interface KillPoint {
  readonly name: string
  readonly operation: 'build' | 'stop'
  readonly hangs: 'before spawn' | 'after spawn' | 'power off' | ((call: StoreCall) => boolean)
  readonly filterProperties: Readonly<Record<string, unknown>>
  readonly after: {
    readonly vm_state: string
    readonly task_state: string | null
    readonly host: string | null
    readonly guests: 0 | 1
    /** Sent to the conductor. */
    readonly rescheduled: boolean
    readonly event: 'Success' | 'Error'
  }
}

const mayGoElsewhere = { retry: { num_attempts: 1, hosts: [[host, host]] } }
const finished = { vm_state: 'active', task_state: null, host, guests: 1, rescheduled: false, event: 'Success' } as const
const elsewhere = { vm_state: 'building', task_state: 'scheduling', host: null, guests: 0, rescheduled: true, event: 'Error' } as const
const failed = { vm_state: 'error', task_state: null, host: null, guests: 0, rescheduled: false, event: 'Error' } as const
const saves = (task: string | null) => (call: StoreCall) => call.method === 'instances.save' && call.changes.task_state === task

export const points: readonly KillPoint[] = [
  {
    name: 'acknowledged and not begun',
    operation: 'build',
    hangs: ({ method }) => method === 'actions.startEvent',
    filterProperties: mayGoElsewhere,
    after: finished,
  },
  {
    name: 'begun and not claimed',
    operation: 'build',
    hangs: (call) => call.method === 'instances.save' && call.changes.host === host,
    filterProperties: mayGoElsewhere,
    after: finished,
  },
  { name: 'claimed', operation: 'build', hangs: saves('networking'), filterProperties: mayGoElsewhere, after: elsewhere },
  { name: 'claimed, nowhere else to go', operation: 'build', hangs: saves('networking'), filterProperties: {}, after: failed },
  {
    name: 'networks recorded',
    operation: 'build',
    hangs: 'before spawn',
    filterProperties: mayGoElsewhere,
    after: elsewhere,
  },
  { name: 'guest made', operation: 'build', hangs: 'after spawn', filterProperties: mayGoElsewhere, after: elsewhere },
  { name: 'guest made, nowhere else to go', operation: 'build', hangs: 'after spawn', filterProperties: {}, after: failed },
  {
    name: 'ACTIVE and not said so',
    operation: 'build',
    hangs: ({ method }) => method === 'actions.finishEvent',
    filterProperties: mayGoElsewhere,
    after: finished,
  },
  {
    name: 'stop begun',
    operation: 'stop',
    hangs: 'power off',
    filterProperties: {},
    after: { ...finished, vm_state: 'stopped' },
  },
]
