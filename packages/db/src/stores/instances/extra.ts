import {
  type Flavor,
  type Instance,
  InstanceNUMATopology,
  InstancePCIRequest,
  InstancePCIRequests,
  KeyPairList,
  pythonJson,
} from '@micronova/model'
import type { ObjectRegistry, VersionedObject } from '@micronova/versionedobjects'
import type { ColumnValues, StoredRow } from '../../rows.js'
import type { instanceExtra } from '../../schema/cell-tables.js'

/** Attributes that are kept as JSON in a column of `instance_extra`. */
export const extraAttributes = [
  'numa_topology',
  'pci_requests',
  'flavor',
  'vcpu_model',
  'migration_context',
  'keypairs',
  'device_metadata',
  'trusted_certs',
  'resources',
] as const

export type ExtraAttribute = (typeof extraAttributes)[number]
export type ExtraRow = Partial<StoredRow<typeof instanceExtra>>
export type ExtraValues = ColumnValues<typeof instanceExtra>

/** Null in the column, where that is no object, stands for an empty list. */
const isList: Readonly<Partial<Record<ExtraAttribute, boolean>>> = { keypairs: true }

/**
 * The fields of an instance that `attribute` stands for, from its row in `instance_extra`; three for `flavor`.
 *
 * @param extra `undefined` if there is no such row
 */
export function decodeExtra(
  registry: ObjectRegistry,
  instanceUuid: string,
  attribute: ExtraAttribute,
  extra: ExtraRow | undefined,
): Record<string, unknown> {
  if (attribute === 'flavor') return decodeFlavors(registry, extra?.flavor ?? null)
  if (attribute === 'pci_requests')
    return { pci_requests: extra === undefined ? null : decodePciRequests(instanceUuid, extra.pci_requests ?? null) }
  const text = extra?.[attribute] ?? null
  if (text !== null) return { [attribute]: modernized(decodeObject(registry, text)) }
  return { [attribute]: isList[attribute] ? KeyPairList.objStored({ objects: [] }) : null }
}

/** Columns of a new row. Objects that are absent or hold nothing are null there. */
export function newExtra(instance: Instance): ExtraValues {
  const values: ExtraValues = {}
  for (const attribute of extraAttributes) {
    if (attribute === 'flavor' || attribute === 'pci_requests' || !instance.objIsSet(attribute)) continue
    const object: VersionedObject | null = instance[attribute]
    const keepsEmpty = attribute === 'keypairs'
    if (object !== null && (keepsEmpty || !isEmpty(object))) values[attribute] = encodeObject(object)
  }
  if (instance.objIsSet('pci_requests') && instance.pci_requests !== null) values.pci_requests = encodePciRequests(instance.pci_requests)
  if (instance.objIsSet('flavor')) values.flavor = encodeFlavors(flavorsOf(instance))
  return values
}

/**
 * Columns to write for what changed in `instance`. PCI requests are written whenever they are set: their list is
 * changed in place, which leaves no trace in the change list.
 *
 * @param stored the present `flavor` column, for those of the three that the object has not loaded
 */
export function changedExtra(instance: Instance, stored: () => Promise<string | null>): Promise<ExtraValues> | ExtraValues {
  const changes = instance.objWhatChanged()
  const values: ExtraValues = {}
  for (const attribute of extraAttributes) {
    if (attribute === 'flavor' || attribute === 'pci_requests' || !changes.has(attribute)) continue
    const object: VersionedObject | null = instance[attribute]
    values[attribute] = object === null ? null : encodeObject(object)
  }
  if (instance.objIsSet('pci_requests') && instance.pci_requests !== null) values.pci_requests = encodePciRequests(instance.pci_requests)
  else if (changes.has('pci_requests')) values.pci_requests = null
  if (!changes.has('flavor') && !changes.has('old_flavor') && !changes.has('new_flavor')) return values
  return withFlavors(values, instance, stored)
}

async function withFlavors(values: ExtraValues, instance: Instance, stored: () => Promise<string | null>): Promise<ExtraValues> {
  const complete = instance.objIsSet('flavor') && instance.objIsSet('old_flavor') && instance.objIsSet('new_flavor')
  const before: StoredFlavors = complete ? {} : JSON.parse((await stored()) ?? '{}')
  return { ...values, flavor: encodeFlavors({ ...before, ...flavorsOf(instance) }) }
}

type StoredFlavors = Partial<Record<'cur' | 'old' | 'new', unknown>>

function flavorsOf(instance: Instance): StoredFlavors {
  const flavors: StoredFlavors = {}
  if (instance.objIsSet('flavor')) flavors.cur = withoutDescription(instance.flavor)
  if (instance.objIsSet('old_flavor')) flavors.old = withoutDescription(instance.old_flavor)
  if (instance.objIsSet('new_flavor')) flavors.new = withoutDescription(instance.new_flavor)
  return flavors
}

/** Descriptions may be as long as a whole TEXT column, and nobody reads them here. */
function withoutDescription(flavor: Flavor | null): unknown {
  if (flavor === null) return null
  const primitive = flavor.objToPrimitive()
  const data = primitive['nova_object.data'] as Record<string, unknown>
  return 'description' in data ? { ...primitive, 'nova_object.data': { ...data, description: null } } : primitive
}

function encodeFlavors({ cur = null, old = null, new: next = null }: StoredFlavors): string {
  return pythonJson({ cur, old, new: next })
}

function decodeFlavors(registry: ObjectRegistry, text: string | null): Record<string, unknown> {
  if (!text) return {}
  const { cur, old, new: next } = JSON.parse(text)
  const decode = (primitive: unknown) => (primitive ? decodeFlavor(registry, JSON.stringify(primitive)) : null)
  return { flavor: decode(cur), old_flavor: decode(old), new_flavor: decode(next) }
}

/** Flavors of before Kilo were kept without two of their fields. */
function decodeFlavor(registry: ObjectRegistry, text: string): Flavor {
  const flavor = decodeObject(registry, text) as Flavor
  if (!flavor.objIsSet('disabled')) flavor.objSetStored({ disabled: false })
  if (!flavor.objIsSet('is_public')) flavor.objSetStored({ is_public: true })
  return flavor
}

function decodePciRequests(instanceUuid: string, text: string | null): InstancePCIRequests {
  const stored: Record<string, unknown>[] = text === null ? [] : JSON.parse(text)
  const requests = stored.map(({ count, spec, alias_name, numa_policy = 'legacy', request_id, requester_id = null }) =>
    InstancePCIRequest.objStored({ count, spec, alias_name, numa_policy, request_id, requester_id } as Parameters<
      typeof InstancePCIRequest.objStored
    >[0]),
  )
  return InstancePCIRequests.objStored({ instance_uuid: instanceUuid, requests })
}

/** A list of plain dicts: the one column that holds no wire form. */
function encodePciRequests({ requests }: InstancePCIRequests): string {
  const keys = ['count', 'spec', 'alias_name', 'is_new', 'numa_policy', 'request_id', 'requester_id'] as const
  return pythonJson(requests.map((request) => Object.fromEntries(keys.map((key) => [key, request.objIsSet(key) ? request[key] : null]))))
}

function encodeObject(object: VersionedObject): string {
  return pythonJson(object.objToPrimitive())
}

function decodeObject(registry: ObjectRegistry, text: string): VersionedObject {
  const object = registry.fromPrimitive(JSON.parse(text))
  object.objResetChanges(undefined, { recursive: true })
  return object
}

/** Until Victoria the dedicated CPUs of a NUMA cell stood among the shared ones. */
function modernized(object: VersionedObject): VersionedObject {
  if (!(object instanceof InstanceNUMATopology)) return object
  for (const cell of object.cells) {
    if (cell.cpuset.size === 0 || !cell.objIsSet('cpu_policy') || cell.cpu_policy !== 'dedicated') continue
    cell.objSetStored({ pcpuset: cell.cpuset, cpuset: new Set() })
  }
  return object
}

/** Python's falsehood of an object that has a length. */
function isEmpty(object: VersionedObject): boolean {
  if (object instanceof InstanceNUMATopology) return object.cells.length === 0
  const { objects } = object as unknown as { objects?: readonly unknown[] }
  return objects?.length === 0
}
