import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Json, JsonObject, RpcClient, Transport } from '@micronova/messaging'
import {
  type BlockDeviceMapping,
  type ComputeNode,
  type ConsoleAuthToken,
  Instance,
  type InstanceAttribute,
  type InstanceFault,
  type InstanceInfoCache,
  novaRegistry,
  type RequestContext,
  type Service,
  type Stores,
  type VirtualInterface,
} from '@micronova/model'
import { createConductorApi, createConductorStores, createNovaSerializer } from '@micronova/rpcapi'
import type { VersionedObject } from '@micronova/versionedobjects'
import { type RecordedCall, recordedCalls } from './recorded-calls.js'

const registry = novaRegistry()
const serializer = createNovaSerializer({ registry })

interface Played {
  readonly ctx: RequestContext
  readonly args: readonly string[]
  readonly kwargs: Readonly<Record<string, unknown>>
  readonly object: VersionedObject
}
/** What is called of the stores where a Python nova-compute made the call that was recorded. */
type Play = (stores: Stores, played: Played) => Promise<unknown>

const attributes = ({ kwargs }: Played) => kwargs.expected_attrs as InstanceAttribute[] | undefined
const replica = ({ kwargs }: Played) => (kwargs.use_slave ? { replica: true } : {})
const loads =
  (attribute: InstanceAttribute): Play =>
  (stores, { ctx, args }) =>
    stores.instances.load({ ...ctx, readDeleted: 'no' }, Instance.objStored({ uuid: args[0]! }), [attribute])

const plays: Readonly<Record<string, Play>> = {
  'BlockDeviceMapping.save': (stores, { ctx, object }) => stores.blockDeviceMappings.save(ctx, object as BlockDeviceMapping),
  'BlockDeviceMappingList.get_by_instance_uuid': (stores, { ctx, args }) => stores.blockDeviceMappings.listByInstanceUuid(ctx, args[0]!),
  'ComputeNode.create': (stores, { ctx, object }) => stores.computeNodes.create(ctx, object as ComputeNode),
  'ComputeNode.get_by_host_and_nodename': (stores, { ctx, args }) => stores.computeNodes.getByHostAndNode(ctx, args[0]!, args[1]!),
  'ComputeNode.save': (stores, { ctx, object }) => stores.computeNodes.save(ctx, object as ComputeNode),
  'ComputeNodeList.get_all_by_host': (stores, { ctx, args }) => stores.computeNodes.listByHost(ctx, args[0]!),
  'ConsoleAuthToken.authorize': (stores, { ctx, args, object }) =>
    stores.consoleAuthTokens.authorize(ctx, object as ConsoleAuthToken, Number(args[0])),
  'ConsoleAuthToken.clean_console_auths_for_instance': (stores, { ctx, args }) => stores.consoleAuthTokens.cleanForInstance(ctx, args[0]!),
  'Instance.destroy': (stores, { ctx, object }) => stores.instances.destroy(ctx, object as Instance),
  'Instance.get_by_uuid': (stores, played) => {
    const { ctx, args, kwargs } = played
    if (args.length > 0) return stores.instances.getByUuid(ctx, args[0]!, attributes(played))
    const instance = Instance.objStored({ uuid: kwargs.uuid as string })
    return stores.instances.load({ ...ctx, readDeleted: 'no' }, instance, attributes(played)!)
  },
  'Instance.refresh': (stores, played) => stores.instances.refresh(played.ctx, played.object as Instance, replica(played)),
  'Instance.save': (stores, { ctx, object, kwargs }) => {
    const expected = kwargs.expected_task_state as string | (string | null)[] | undefined
    return stores.instances.save(ctx, object as Instance, expected === undefined ? {} : { expectedTaskState: [expected].flat() })
  },
  'InstanceActionEvent.event_finish_with_failure': (stores, { ctx, args }) => stores.actions.finishEvent(ctx, args[0]!, args[1]!),
  'InstanceActionEvent.event_start': (stores, { ctx, args, kwargs }) =>
    stores.actions.startEvent(ctx, args[0]!, args[1]!, String(kwargs.host)),
  'InstanceFault.create': (stores, { ctx, object }) => stores.faults.create(ctx, object as InstanceFault),
  'InstanceInfoCache.refresh': (stores, { ctx, object }) => stores.infoCaches.refresh(ctx, object as InstanceInfoCache),
  'InstanceInfoCache.save': (stores, { ctx, object }) => stores.infoCaches.save(ctx, object as InstanceInfoCache),
  'InstanceList.get_by_host': (stores, played) =>
    stores.instances.listByHost(played.ctx, played.args[0]!, attributes(played), replica(played)),
  'InstanceList.get_by_host_and_node': (stores, played) =>
    stores.instances.listByHostAndNode(played.ctx, played.args[0]!, played.args[1]!, attributes(played)),
  'MigrationList.get_by_filters': (stores, { ctx, args }) => {
    const [filters]: readonly unknown[] = args
    return stores.migrations.listByFilters(ctx, filters as Record<string, unknown>)
  },
  'MigrationList.get_in_progress_and_error': (stores, { ctx, args }) => stores.migrations.listInProgressAndError(ctx, args[0]!, args[1]!),
  'PciDeviceList.get_by_compute_node': (stores, { ctx, args }) => stores.pciDevices.listByComputeNode(ctx, Number(args[0])),
  'ResourceList.get_by_instance_uuid': loads('resources'),
  'Service.create': (stores, { ctx, object }) => stores.services.create(ctx, object as Service),
  'Service.get_by_compute_host': (stores, { ctx, args }) => stores.services.getByComputeHost(ctx, args[0]!),
  'Service.get_by_host_and_binary': (stores, { ctx, args }) => stores.services.getByHostAndBinary(ctx, args[0]!, args[1]!),
  'Service.save': (stores, { ctx, object }) => stores.services.save(ctx, object as Service),
  'VirtualInterface.create': (stores, { ctx, object }) => stores.virtualInterfaces.create(ctx, object as VirtualInterface),
  'VirtualInterface.delete_by_instance_uuid': (stores, { ctx, args }) => stores.virtualInterfaces.deleteByInstanceUuid(ctx, args[0]!),
  'VirtualInterfaceList.get_by_instance_uuid': (stores, { ctx, args }) => stores.virtualInterfaces.listByInstanceUuid(ctx, args[0]!),
}

/** Of the API database: no compute of ours asks for it. */
const notOurs: ReadonlySet<string> = new Set(['CellMappingList.get_all'])

interface SentMessage {
  readonly method: string
  readonly context: JsonObject
  readonly args: JsonObject
}

/** A transport that keeps what is sent, as it would be on the wire, and gives the recorded answer. */
function recordingTransport(call: RecordedCall, sent: SentMessage[]): Pick<Transport, 'client'> {
  return {
    client<C>(_target: unknown, options: { readonly serializer: typeof serializer | unknown }): RpcClient<C> {
      const wire = options.serializer as typeof serializer
      const client: RpcClient<RequestContext> = {
        prepare: () => client,
        canSendVersion: () => true,
        async call<R>(ctx: RequestContext, method: string, args: Readonly<Record<string, unknown>>) {
          const values = Object.entries(args).map(([name, value]) => [name, wire.serializeEntity(ctx, value)])
          sent.push({ method, context: wire.serializeContext(ctx), args: Object.fromEntries(values) })
          if (call.reply.failure) throw new Error(call.reply.failure)
          return (await wire.deserializeEntity(ctx, call.reply.result as Json)) as R
        },
        cast: () => Promise.reject(new Error('the conductor is called, never cast to')),
      }
      return client as unknown as RpcClient<C>
    },
  }
}

/** Lists of changed fields are Python sets. One expected state and a list of that one are the same to the conductor. */
function comparable(value: unknown, key = ''): unknown {
  if (key === 'nova_object.changes' || key === 'obj_what_changed') return [...(value as string[])].sort()
  if (key === 'expected_task_state') return [value].flat()
  if (Array.isArray(value)) return value.map((item) => comparable(item))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, comparable(item, name)]))
}

async function play(call: RecordedCall): Promise<{ readonly sent: SentMessage; readonly object: VersionedObject | undefined }> {
  const sent: SentMessage[] = []
  const conductor = createConductorApi({ transport: recordingTransport(call, sent), serializer })
  const ctx = serializer.deserializeContext(call.context)
  const object = call.args.objinst && registry.fromPrimitive(call.args.objinst)
  const { args, kwargs } = call.args as unknown as Played
  const done = plays[call.name]!(createConductorStores(conductor, registry), { ctx, args, kwargs, object: object as VersionedObject })
  if (call.reply.failure) await assert.rejects(done)
  else await done
  assert.equal(sent.length, 1, call.place)
  return { sent: sent[0]!, object: object as VersionedObject | undefined }
}

const files = [
  '01-compute-startup.jsonl',
  '02-compute-restart.jsonl',
  '03-boot.jsonl',
  '04-stop-start-reboot.jsonl',
  '05-pause-suspend-resume.jsonl',
  '08-delete.jsonl',
  '09b-boot-fails.jsonl',
  '09c-boot-rescheduled.jsonl',
]

for (const file of files) {
  test(`each call of the conductor in ${file} is made alike by the stores`, async () => {
    const calls = recordedCalls(file).filter(({ name }) => !notOurs.has(name))
    for (const call of calls) {
      const { sent } = await play(call)
      assert.deepEqual(
        comparable(sent),
        comparable({ method: call.method, context: call.context, args: call.args }),
        `${call.place} ${call.name}`,
      )
    }
    assert.ok(calls.length > 9)
  })

  test(`each answer of the conductor in ${file} is put into the object that was sent`, async () => {
    const calls = recordedCalls(file).filter(({ method, reply }) => method === 'object_action' && !reply.failure)
    for (const call of calls) {
      const { object } = await play(call)
      const [{ obj_what_changed: changed, ...updates }] = call.reply.result as [Record<string, Json>]
      const data = object!.objToPrimitive()['nova_object.data'] as JsonObject
      const applied = Object.fromEntries(Object.keys(updates).map((name) => [name, data[name]]))
      assert.deepEqual(comparable(applied), comparable(updates), `${call.place} ${call.name}`)
      assert.deepEqual([...object!.objWhatChanged()].sort(), [...(changed as string[])].sort(), `${call.place} ${call.name}`)
    }
  })
}

test('a console token is authorized by the call that was recorded, whose answer is put into it', async () => {
  const [call, ...more] = recordedCalls('11-console-and-actions.jsonl').filter(({ name }) => name === 'ConsoleAuthToken.authorize')
  assert.ok(call !== undefined && more.length === 0)
  const { sent, object } = await play(call)
  assert.deepEqual(comparable(sent), comparable({ method: call.method, context: call.context, args: call.args }))
  const [updates] = call.reply.result as [Record<string, Json>]
  const token = object as ConsoleAuthToken
  assert.deepEqual([token.token, token.id, [...token.objWhatChanged()]], [updates.token, updates.id, []])
})
