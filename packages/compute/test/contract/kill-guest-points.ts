import type { Instance, RequestContext } from '@micronova/model'
import type { ComputeApi } from '@micronova/rpcapi'
import { type Fixture, host, rootDisk, runningInstance } from '../support/compute-fixture.js'
import { FakeImages } from '../support/fake-images.js'
import type { StoreCall } from '../support/recording-stores.js'

type Operation = 'rescue' | 'unrescue' | 'snapshot' | 'shelve' | 'unshelve' | 'attach'

/** Where a compute is killed in the middle of what it does to a guest, and what must have become of it after the next start. */
export interface GuestKillPoint {
  readonly name: string
  readonly operation: Operation
  readonly hangs: (call: StoreCall) => boolean
  readonly after: {
    readonly vm_state: string
    readonly host: string | null
    readonly guests: 0 | 1
    readonly faults: number
    readonly event: 'Success' | 'Error'
    /** The image is still there. */
    readonly image: boolean
  }
}

export const imageId = 'image1'

const saves = (task: string | null) => (call: StoreCall) => call.method === 'instances.save' && call.changes.task_state === task
const vmState = (state: string) => (call: StoreCall) => call.method === 'instances.save' && call.changes.vm_state === state
const movesTo = (to: string | null) => (call: StoreCall) => call.method === 'instances.save' && call.changes.host === to
const begins = ({ method }: StoreCall) => method === 'actions.startEvent'

const here = { host, guests: 1, faults: 0, event: 'Success', image: true } as const
const offloaded = { vm_state: 'shelved_offloaded', host: null, guests: 0, faults: 0, event: 'Success', image: true } as const
const cancelled = { ...here, vm_state: 'active', faults: 1, event: 'Error', image: false } as const
const back = { ...here, vm_state: 'active', image: false } as const

export const guestPoints: readonly GuestKillPoint[] = [
  { name: 'rescue accepted', operation: 'rescue', hangs: begins, after: { ...here, vm_state: 'rescued' } },
  { name: 'rescued and not said so', operation: 'rescue', hangs: vmState('rescued'), after: { ...here, vm_state: 'rescued' } },
  { name: 'unrescued and not said so', operation: 'unrescue', hangs: vmState('active'), after: { ...here, vm_state: 'active' } },
  { name: 'snapshot accepted', operation: 'snapshot', hangs: saves('image_snapshot'), after: { ...here, vm_state: 'active' } },
  { name: 'snapshot begun', operation: 'snapshot', hangs: saves('image_uploading'), after: cancelled },
  { name: 'snapshot uploaded', operation: 'snapshot', hangs: saves(null), after: cancelled },
  { name: 'shelving', operation: 'shelve', hangs: saves('shelving_image_uploading'), after: offloaded },
  { name: 'shelving, uploaded', operation: 'shelve', hangs: saves('shelving_offloading'), after: cancelled },
  { name: 'shelved, to leave', operation: 'shelve', hangs: vmState('shelved_offloaded'), after: offloaded },
  { name: 'shelved and gone, and not said so', operation: 'shelve', hangs: movesTo(null), after: offloaded },
  { name: 'unshelve accepted', operation: 'unshelve', hangs: begins, after: back },
  { name: 'unshelving', operation: 'unshelve', hangs: movesTo(host), after: back },
  {
    name: 'unshelved and not said so',
    operation: 'unshelve',
    hangs: vmState('active'),
    after: { ...offloaded, faults: 1, event: 'Error' },
  },
  {
    name: 'interface not allocated yet',
    operation: 'attach',
    hangs: ({ method }) => method === 'virtualInterfaces.create',
    after: { ...here, vm_state: 'active', faults: 1, event: 'Error' },
  },
  {
    name: 'interface in the guest and not said so',
    operation: 'attach',
    hangs: ({ method }) => method === 'actions.finishEvent',
    after: { ...here, vm_state: 'active' },
  },
]

/** As Nova's API would, over the queue. */
export async function beginGuestOperation(fixture: Fixture, api: ComputeApi, operation: Operation): Promise<void> {
  const { ctx, stores, parts } = fixture
  putImage(fixture)
  const instance = await runningInstance(fixture, before[operation])
  await rootDisk(fixture, instance)
  if (operation === 'unshelve') await parts.driver.destroy(ctx, { instance, network: [], blockDevices: [] })
  await stores.actions.start(ctx, instance.uuid, operation)
  await requests[operation](api, ctx, instance)
}

export function putImage({ parts }: Fixture): FakeImages {
  if (!(parts.images instanceof FakeImages)) throw new Error('not in memory')
  parts.images.put(imageId)
  return parts.images
}

const before: Readonly<Record<Operation, Parameters<typeof runningInstance>[1]>> = {
  rescue: { task_state: 'rescuing' },
  unrescue: { vm_state: 'rescued', task_state: 'unrescuing' },
  snapshot: { task_state: 'image_snapshot_pending' },
  shelve: { task_state: 'shelving' },
  unshelve: { vm_state: 'shelved_offloaded', task_state: 'unshelving', host: null, node: null },
  attach: {},
}

const requests: Readonly<Record<Operation, (api: ComputeApi, ctx: RequestContext, instance: Instance) => Promise<unknown>>> = {
  rescue: (api, ctx, instance) =>
    api.rescueInstance(ctx, { instance, rescuePassword: 'secret', rescueImageRef: imageId, cleanShutdown: true }),
  unrescue: (api, ctx, instance) => api.unrescueInstance(ctx, { instance }),
  snapshot: (api, ctx, instance) => api.snapshotInstance(ctx, { instance, imageId }),
  shelve: (api, ctx, instance) => api.shelveInstance(ctx, { instance, imageId, cleanShutdown: true, accelUuids: [] }),
  // A call, of which nothing comes.
  attach: async (api, ctx, instance) => {
    void api.attachInterface(ctx, { instance, networkId: 'network1', portId: null, requestedIp: null, tag: null })
  },
  unshelve: (api, ctx, instance) =>
    api.unshelveInstance(ctx, {
      instance,
      host,
      image: { id: imageId },
      filterProperties: {},
      node: host,
      requestSpec: null,
      accelUuids: [],
    }),
}
