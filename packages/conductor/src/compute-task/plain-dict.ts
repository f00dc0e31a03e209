import { VersionedObject } from '@micronova/versionedobjects'

/** The set fields of an object as a plain dict, objects in it too: the form in which computes get an image. */
export function plainDict(object: VersionedObject | null): Readonly<Record<string, unknown>> {
  return object === null ? {} : (plain(object) as Record<string, unknown>)
}

/** @see nova 26.2.2, `objects/base.py`, `obj_to_primitive` */
function plain(value: unknown): unknown {
  if (value instanceof VersionedObject) {
    const values = value.objGetSet()
    if (value.objDefinition.isList) return (values.objects as readonly unknown[]).map(plain)
    return Object.fromEntries(Object.entries(values).map(([name, item]) => [name, plain(item)]))
  }
  return Array.isArray(value) ? value.map(plain) : value
}
