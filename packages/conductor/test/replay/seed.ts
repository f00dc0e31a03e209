import type { Json, JsonObject } from '@micronova/messaging'
import {
  type BlockDeviceMapping,
  type ComputeNode,
  type Instance,
  type RequestContext,
  Service,
  type Stores,
  type VirtualInterface,
} from '@micronova/model'
import type { ObjectRegistry, VersionedObject } from '@micronova/versionedobjects'
import type { RecordedInstance, RecordedRequest } from './recorded-conversation.js'

type Conversation = readonly (RecordedRequest | RecordedInstance)[]
type Data = Record<string, Json>

/** Kept in the order in which rows need each other. */
const seeded = ['Service', 'ComputeNode', 'Instance', 'BlockDeviceMapping', 'VirtualInterface'] as const
type SeededName = (typeof seeded)[number]

/** What a store decides itself, and satellites of an instance that are not written with it. */
const decided = new Set(['id', 'created_at', 'updated_at', 'deleted_at', 'deleted', 'last_seen_up', 'mapped'])
const notWritten = new Set(['tags', 'ec2_ids', 'services', 'fault', 'pci_devices', 'security_groups'])

/**
 * Fill `stores` with what the database held when `conversation` began: every object that appears in it and is not created in it,
 * each field with the value that it shows first, if possible one that was not just changed.
 */
export async function seedStores(conversation: Conversation, stores: Stores, registry: ObjectRegistry, ctx: RequestContext): Promise<void> {
  const found = new Map<string, { readonly name: SeededName; readonly version: Json; readonly data: Data; readonly changed: Data }>()
  const collect = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const { 'nova_object.name': name, 'nova_object.version': version, 'nova_object.data': data } = value as JsonObject
    const uuid = (data as JsonObject | undefined)?.uuid
    if (uuid && seeded.includes(name as SeededName)) {
      const key = `${String(name)}/${String(uuid)}`
      const known = found.get(key) ?? { name: name as SeededName, version: version!, data: {}, changed: {} }
      const changes = ((value as JsonObject)['nova_object.changes'] ?? []) as string[]
      for (const [field, item] of Object.entries(data as JsonObject)) {
        const kept = changes.includes(field) ? known.changed : known.data
        if (!(field in kept)) kept[field] = item
      }
      found.set(key, known)
    }
    for (const item of Object.values(value)) collect(item)
  }
  for (const entry of conversation) collect(entry.kind === 'instance' ? entry.primitive : [entry.message.args, entry.result])
  for (const uuid of createdUuids(conversation)) for (const name of seeded) found.delete(`${name}/${uuid}`)

  for (const name of seeded) {
    for (const row of [...found.values()].filter((other) => other.name === name)) {
      const object = decode(registry, row.name, row.version, { ...row.changed, ...row.data })
      if (object instanceof Service && object.report_count > 1) object.report_count -= 2
      await create(stores, ctx, object)
      if (row.data.last_seen_up) await report(stores, ctx, object as Service)
    }
  }
}

/** What a store decides, in place of what was recorded: `primitive` as it would be if it had come from `stores`. */
export async function asRowOf(stores: Stores, registry: ObjectRegistry, ctx: RequestContext, primitive: JsonObject): Promise<JsonObject> {
  const row = await rowOf(stores, ctx, registry.fromPrimitive(primitive))
  if (row === undefined) return primitive
  const ours = row.objToPrimitive()['nova_object.data'] as JsonObject
  const data = Object.entries(primitive['nova_object.data'] as JsonObject)
  const replaced = data.map(([field, value]) => [field, decided.has(field) || field === 'uuid' ? ours[field]! : value])
  return { ...primitive, 'nova_object.data': Object.fromEntries(replaced) }
}

async function rowOf(stores: Stores, ctx: RequestContext, object: VersionedObject): Promise<VersionedObject | undefined> {
  const { host, binary, hypervisor_hostname, uuid, instance_uuid } = object.objGetSet() as Readonly<Record<string, string>>
  const withUuid = <T extends { readonly uuid: string }>(rows: readonly T[]) => rows.find((row) => row.uuid === uuid)
  switch (object.objName) {
    case 'Service':
      return (await stores.services.getByHostAndBinary(ctx, host!, binary!)) ?? undefined
    case 'ComputeNode':
      return object.objIsSet('id') ? stores.computeNodes.getByHostAndNode(ctx, host!, hypervisor_hostname!) : undefined
    case 'Instance':
      return stores.instances.getByUuid(ctx, uuid!, [])
    case 'InstanceInfoCache':
      return stores.infoCaches.getByInstanceUuid(ctx, instance_uuid!)
    case 'BlockDeviceMapping':
      return withUuid(await stores.blockDeviceMappings.listByInstanceUuid(ctx, instance_uuid!))
    case 'VirtualInterface':
      return withUuid(await stores.virtualInterfaces.listByInstanceUuid(ctx, instance_uuid!))
    default:
      return undefined
  }
}

function createdUuids(conversation: Conversation): Json[] {
  return conversation.flatMap((entry) => {
    if (entry.kind === 'instance' || !entry.name.endsWith('.create')) return []
    const [updates] = entry.result as [JsonObject]
    const { 'nova_object.data': data } = (entry.message.args as JsonObject).objinst as JsonObject
    return [updates.uuid ?? (data as JsonObject).uuid!]
  })
}

/** The object with all of its fields changed, as one that is to be created. */
function decode(registry: ObjectRegistry, name: SeededName, version: Json, data: Data): VersionedObject {
  const kept = Object.entries(data).filter(([field]) => !decided.has(field) && !(name === 'Instance' && notWritten.has(field)))
  const primitive = { 'nova_object.name': name, 'nova_object.namespace': 'nova', 'nova_object.version': version }
  const object = registry.fromPrimitive({ ...primitive, 'nova_object.data': Object.fromEntries(kept) })
  for (const field of Object.keys(object.objGetSet())) object.objChanged.add(field)
  return object
}

/** As a service that has run for a while; its count stays below the recorded one, which must grow to be a sign of life. */
async function report(stores: Stores, ctx: RequestContext, service: Service): Promise<void> {
  service.report_count += 1
  await stores.services.save(ctx, service)
}

async function create(stores: Stores, ctx: RequestContext, object: VersionedObject): Promise<void> {
  switch (object.objName as SeededName) {
    case 'Service':
      return stores.services.create(ctx, object as Service)
    case 'ComputeNode':
      return stores.computeNodes.create(ctx, object as ComputeNode)
    case 'Instance':
      return stores.instances.create(ctx, object as Instance)
    case 'BlockDeviceMapping':
      return stores.blockDeviceMappings.create(ctx, object as BlockDeviceMapping)
    case 'VirtualInterface':
      return stores.virtualInterfaces.create(ctx, object as VirtualInterface)
  }
}
