import { randomUUID } from 'node:crypto'
import type { JsonObject } from '@micronova/messaging'
import { BlockDeviceMappingList, type Instance, type NetworkRequestList, type RequestContext } from '@micronova/model'
import type { ControlPlane } from './control-plane.js'
import { contextOf, type Recorded, recordedOperations } from './recorded.js'

/** The recorded `build_and_run_instance`. */
export const recordedBuild: Recorded = recordedOperations('03-boot.jsonl')[0]!

/** A new instance whose rows are there and whose build is not asked for yet. */
export interface Boot {
  readonly uuid: string
  readonly instance: Instance
  readonly ctx: RequestContext
  /** Cast `build_and_run_instance`; no other host is tried if it fails. */
  build(): Promise<void>
}

/** Prepare an instance like the recorded one for `host`. */
export async function createBoot(plane: ControlPlane, host: string): Promise<Boot> {
  const args = recordedArguments()
  const ctx = newRequest()
  const { instance, blockDevices } = await plane.createRows(ctx, args)
  return {
    uuid: instance.uuid,
    instance,
    ctx,
    build: () =>
      plane.compute.buildAndRunInstance(ctx, {
        host,
        node: host,
        instance,
        image: args.image as JsonObject,
        requestSpec: null,
        filterProperties: {},
        requestedNetworks: plane.registry.fromPrimitive(args.requested_networks ?? null) as NetworkRequestList,
        blockDeviceMapping: blockDevices,
        securityGroups: ['default'],
        injectedFiles: [],
        limits: {},
        hostList: [],
        accelUuids: [],
      }),
  }
}

/** An operation on an instance that is there: what nova-api calls it, the task state that it sets, and its cast. */
export interface Operation {
  readonly action: string
  readonly taskState: NonNullable<Instance['task_state']>
  cast(plane: ControlPlane, ctx: RequestContext, instance: Instance): Promise<void>
}

export const stop: Operation = {
  action: 'stop',
  taskState: 'powering-off',
  cast: ({ compute }, ctx, instance) => compute.stopInstance(ctx, { instance, cleanShutdown: true }),
}
export const reboot: Operation = {
  action: 'reboot',
  taskState: 'rebooting_hard',
  cast: ({ compute }, ctx, instance) => compute.rebootInstance(ctx, { instance, blockDeviceInfo: null, rebootType: 'HARD' }),
}
export const terminate: Operation = {
  action: 'delete',
  taskState: 'deleting',
  cast: async ({ compute, stores }, ctx, instance) => {
    const bdms = new BlockDeviceMappingList({ objects: await stores.blockDeviceMappings.listByInstanceUuid(ctx, instance.uuid) })
    await compute.terminateInstance(ctx, { instance, bdms })
  },
}

/** Write what nova-api writes before an operation, for a request of its own. */
export async function createOperation(
  plane: ControlPlane,
  operation: Operation,
  uuid: string,
): Promise<Pick<Boot, 'ctx'> & { cast(): Promise<void> }> {
  const ctx = newRequest()
  const instance = await plane.stores.instances.getByUuid(ctx, uuid)
  await plane.begin(ctx, operation.action, instance, operation.taskState)
  return { ctx, cast: () => operation.cast(plane, ctx, instance) }
}

/** Of the same user as the recorded one. */
function newRequest(): RequestContext {
  return { ...contextOf(recordedBuild), requestId: `req-${randomUUID()}` }
}

/** The recorded arguments, with names of their own for what must be unique. */
function recordedArguments(): JsonObject {
  const { instance, block_device_mapping } = recordedBuild.message.args as JsonObject
  const [mapping] = (dataOf(block_device_mapping).objects as JsonObject[]).map(dataOf)
  const text = [dataOf(instance).uuid, mapping?.uuid].reduce<string>(
    (replaced, uuid) => replaced.replaceAll(String(uuid), randomUUID()),
    recordedBuild.text,
  )
  return (JSON.parse(text) as JsonObject).args as JsonObject
}

export function dataOf(primitive: unknown): JsonObject {
  return (primitive as JsonObject)['nova_object.data'] as JsonObject
}
