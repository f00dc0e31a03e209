import { type Instance, Migration, MigrationContext, type RequestContext } from '@micronova/model'
import type { ComputeApi } from '@micronova/rpcapi'
import { type Fixture, forever, host, nextUuid, rootDisk, smallFlavor, storedInstance } from '../support/compute-fixture.js'
import { largeFlavor } from '../support/compute-pair.js'
import type { StoreCall } from '../support/recording-stores.js'

type Operation = 'resize' | 'confirm' | 'revert' | 'rebuild' | 'evacuate'

/** Where a compute is killed in the middle of a move within one host, and what must have become of it after the next start. */
export interface MoveKillPoint {
  readonly name: string
  readonly operation: Operation
  readonly hangs: (call: StoreCall) => boolean
  readonly after: {
    readonly vm_state: string
    readonly flavor: string
    readonly migration: string | null
    readonly faults: number
    readonly guests: 0 | 1
  }
}

const saves = (task: string | null) => (call: StoreCall) => call.method === 'instances.save' && call.changes.task_state === task
const vmState = (state: string) => (call: StoreCall) => call.method === 'instances.save' && call.changes.vm_state === state
const migrates = (status: string) => (call: StoreCall) => call.method === 'migrations.save' && call.changes.status === status
const ends = (event: string) => (call: StoreCall) => call.method === 'actions.finishEvent' && call.args[1] === `compute_${event}`
const begins = (event: string) => (call: StoreCall) => call.method === 'actions.startEvent' && call.args[1] === `compute_${event}`

const resized = { vm_state: 'resized', flavor: 'm1.large', migration: 'finished', faults: 0, guests: 1 } as const
const cancelled = { vm_state: 'active', flavor: 'm1.tiny', migration: 'error', faults: 1, guests: 1 } as const
const confirmed = { vm_state: 'active', flavor: 'm1.large', migration: 'confirmed', faults: 0, guests: 1 } as const
const reverted = { vm_state: 'active', flavor: 'm1.tiny', migration: 'reverted', faults: 0, guests: 1 } as const
const rebuilt = { vm_state: 'active', flavor: 'm1.tiny', migration: null, faults: 0, guests: 1 } as const
const evacuated = { ...rebuilt, migration: 'done' } as const

export const movePoints: readonly MoveKillPoint[] = [
  { name: 'prep_resize accepted', operation: 'resize', hangs: begins('prep_resize'), after: resized },
  {
    name: 'prep_resize claimed',
    operation: 'resize',
    hangs: ({ method }) => method === 'blockDeviceMappings.mapByInstanceUuids',
    after: cancelled,
  },
  { name: 'resize_instance accepted', operation: 'resize', hangs: begins('resize_instance'), after: resized },
  { name: 'resize_migrating', operation: 'resize', hangs: migrates('post-migrating'), after: cancelled },
  { name: 'finish_resize accepted', operation: 'resize', hangs: begins('finish_resize'), after: resized },
  { name: 'resize_finish', operation: 'resize', hangs: migrates('finished'), after: resized },
  { name: 'resized and not said so', operation: 'resize', hangs: ends('finish_resize'), after: resized },
  { name: 'confirm_resize accepted', operation: 'confirm', hangs: begins('confirm_resize'), after: confirmed },
  { name: 'confirmed', operation: 'confirm', hangs: vmState('active'), after: confirmed },
  {
    name: 'confirmed, and the other size not forgotten',
    operation: 'confirm',
    hangs: ({ method, changes }) => method === 'instances.save' && changes.old_flavor === null,
    after: confirmed,
  },
  { name: 'revert_resize accepted', operation: 'revert', hangs: begins('revert_resize'), after: reverted },
  { name: 'reverted at the destination', operation: 'revert', hangs: migrates('reverted'), after: reverted },
  { name: 'finish_revert_resize accepted', operation: 'revert', hangs: begins('finish_revert_resize'), after: reverted },
  { name: 'guest brought back', operation: 'revert', hangs: ({ method }) => method === 'instances.dropMigrationContext', after: reverted },
  { name: 'rebuild_instance accepted', operation: 'rebuild', hangs: begins('rebuild_instance'), after: rebuilt },
  { name: 'old guest removed', operation: 'rebuild', hangs: saves('rebuild_block_device_mapping'), after: rebuilt },
  { name: 'rebuild_spawning', operation: 'rebuild', hangs: saves('rebuild_spawning'), after: rebuilt },
  { name: 'new guest made', operation: 'rebuild', hangs: vmState('active'), after: rebuilt },
  { name: 'evacuation accepted', operation: 'evacuate', hangs: begins('rebuild_instance'), after: evacuated },
  { name: 'evacuation claimed', operation: 'evacuate', hangs: saves('rebuild_block_device_mapping'), after: evacuated },
  { name: 'evacuated guest made', operation: 'evacuate', hangs: vmState('active'), after: evacuated },
  {
    name: 'evacuated guest active',
    operation: 'evacuate',
    hangs: ({ method, changes }) => method === 'instances.save' && changes.host === host,
    after: evacuated,
  },
]

/** Bring an instance into the state in which the API leaves it, and ask for the operation. */
export async function beginMove(fixture: Fixture, api: ComputeApi, operation: Operation): Promise<void> {
  const { ctx, stores } = fixture
  const instance = await movingInstance(fixture, operation)
  await stores.actions.start(ctx, instance.uuid, operation)
  await requests[operation](api, ctx, instance, await movingMigration(fixture, instance, operation))
}

const isSettled = (operation: Operation) => operation === 'confirm' || operation === 'revert'
const tasks: Readonly<Record<Operation, string | null>> = {
  resize: 'resize_prep',
  confirm: null,
  revert: 'resize_reverting',
  rebuild: 'rebuilding',
  evacuate: 'rebuilding',
}

async function movingInstance(fixture: Fixture, operation: Operation): Promise<Instance> {
  const at = operation === 'evacuate' ? 'compute2' : host
  const sizes = isSettled(operation)
    ? { flavor: largeFlavor.objClone(), old_flavor: smallFlavor.objClone(), new_flavor: largeFlavor.objClone(), instance_type_id: 2 }
    : { old_flavor: null, new_flavor: null, instance_type_id: 1 }
  const instance = await storedInstance(fixture, {
    vm_state: isSettled(operation) ? 'resized' : 'active',
    task_state: tasks[operation],
    power_state: 1,
    host: at,
    node: at,
    system_metadata: isSettled(operation) ? { old_vm_state: 'active' } : {},
    ...sizes,
  })
  await rootDisk(fixture, instance)
  const guest = { instance, network: [], blockDevices: [], image: {}, injectedFiles: [], adminPassword: null }
  if (operation !== 'evacuate') await fixture.parts.driver.spawn(fixture.ctx, guest, forever)
  return instance
}

async function movingMigration({ stores, ctx }: Fixture, instance: Instance, operation: Operation): Promise<Migration> {
  const statuses = { resize: 'pre-migrating', confirm: 'confirming', revert: 'reverting', rebuild: null, evacuate: 'accepted' } as const
  const migration = new Migration({
    uuid: nextUuid(),
    instance_uuid: instance.uuid,
    source_compute: instance.host,
    source_node: instance.node,
    dest_compute: host,
    dest_node: host,
    old_instance_type_id: 1,
    new_instance_type_id: operation === 'evacuate' ? 1 : 2,
    migration_type: operation === 'evacuate' ? 'evacuation' : 'resize',
    status: statuses[operation],
    hidden: false,
    cross_cell_move: false,
  })
  if (operation === 'rebuild') return migration
  await stores.migrations.create(ctx, migration)
  if (isSettled(operation)) {
    instance.migration_context = new MigrationContext({ instance_uuid: instance.uuid, migration_id: migration.id })
    await stores.instances.save(ctx, instance)
  }
  return migration
}

type Request = (api: ComputeApi, ctx: RequestContext, instance: Instance, migration: Migration) => Promise<unknown>

const requests: Readonly<Record<Operation, Request>> = {
  resize: (api, ctx, instance, migration) =>
    api.prepResize(ctx, {
      instance,
      image: {},
      flavor: largeFlavor,
      requestSpec: null,
      filterProperties: {},
      node: host,
      migration,
      cleanShutdown: true,
      hostList: [],
      host,
    }),
  confirm: (api, ctx, instance, migration) => api.confirmResize(ctx, { instance, migration, host }),
  revert: (api, ctx, instance, migration) => api.revertResize(ctx, { instance, migration, requestSpec: null, host }),
  rebuild: (api, ctx, instance) => rebuild(api, ctx, instance, null),
  evacuate: rebuild,
}

function rebuild(api: ComputeApi, ctx: RequestContext, instance: Instance, migration: Migration | null): Promise<unknown> {
  return api.rebuildInstance(ctx, {
    instance,
    migration,
    newPass: null,
    injectedFiles: [],
    imageRef: '',
    origImageRef: '',
    origSysMetadata: {},
    bdms: null,
    recreate: migration !== null,
    onSharedStorage: null,
    preserveEphemeral: false,
    node: host,
    limits: {},
    requestSpec: null,
    accelUuids: [],
    reimageBootVolume: false,
    host,
  })
}
