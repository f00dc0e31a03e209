import type { Json, VersionedObject } from '@micronova/versionedobjects'

/** What the fields of an object held at a moment. Objects in it are only remembered to have been there. */
export type Snapshot = readonly unknown[]

export function snapshotOf(object: VersionedObject): Snapshot {
  const { fields } = object.objDefinition.layout
  return object.objSlots.map((value, at) => (fields[at]!.type.child ? value : fields[at]!.clone(value)))
}

/**
 * What a caller must be told after a method ran: the fields that differ from `before`, as primitives, and under
 * `obj_what_changed` those that still count as changed.
 *
 * A field that holds an object is always told: upstream compares with a copy, and two objects are never equal there.
 *
 * @see nova 26.2.2, `conductor/manager.py`, `object_action`
 */
export function updatesSince(object: VersionedObject, before: Snapshot): Record<string, Json> {
  const { names, fields } = object.objDefinition.layout
  const updates: Record<string, Json> = {}
  names.forEach((name, at) => {
    const field = fields[at]!
    const value = object.objSlots[at]
    if (value === undefined) return
    const isTold =
      before[at] === undefined || (field.type.child ? holdsObject(value) || holdsObject(before[at]) : !field.equals(value, before[at]))
    if (isTold) updates[name] = field.toPrimitive(value)
  })
  updates.obj_what_changed = [...object.objWhatChanged()]
  return updates
}

function holdsObject(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== null
}
