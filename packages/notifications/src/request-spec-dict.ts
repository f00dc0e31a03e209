import type { RequestSpec } from '@micronova/model'
import { type JsonObject, VersionedObject } from '@micronova/versionedobjects'

const instanceFields = ['numa_topology', 'pci_requests', 'project_id', 'user_id', 'availability_zone'] as const
const flavorFields = ['root_gb', 'ephemeral_gb', 'memory_mb', 'vcpus'] as const

/**
 * What is to be placed, as older notifications tell of it. Objects in it are dicts of their fields; upstream's also have the context
 * with the user's token in them, ours do not.
 *
 * @see nova 26.2.2, `objects/request_spec.py`, `to_legacy_request_spec_dict`
 */
export function requestSpecDict(spec: RequestSpec): JsonObject {
  const flavor = spec.objIsSet('flavor') ? spec.flavor : null
  const properties: Record<string, unknown> = {}
  for (const field of instanceFields) if (spec.objIsSet(field)) properties[field] = spec[field]
  if (spec.objIsSet('instance_uuid')) properties.uuid = spec.instance_uuid
  for (const field of flavor === null ? [] : flavorFields) properties[field] = flavor?.[field]
  return {
    num_instances: spec.objIsSet('num_instances') ? spec.num_instances : 1,
    image: plain(spec.objIsSet('image') && spec.image !== null ? spec.image : {}) as JsonObject,
    instance_properties: plain(properties) as JsonObject,
    instance_type: plain(flavor ?? {}) as JsonObject,
  }
}

/** Objects as dicts, all the way down. */
function plain(value: unknown): unknown {
  if (value instanceof VersionedObject) return plain(value.objGetSet())
  if (value instanceof Date) return `${value.toISOString().slice(0, -1)}000`
  if (value instanceof Set) return Array.from(value, plain)
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]))
}
