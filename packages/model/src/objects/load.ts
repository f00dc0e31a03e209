import type { VersionedObject } from '@micronova/versionedobjects'

/** What a class does when one of its fields is read that nobody has set. */
type Load = (object: VersionedObject, name: string) => void

/** It is null. */
export const loadNull: Load = (object, name) => object.objSet(name, null)

/** It is its default. @throws VersionedObjectError `ObjectActionError` without one */
export const loadDefault: Load = (object, name) => object.objSetDefaults(name)

/** These are their defaults; of the others nothing is known. */
export function loadDefaultOf(...names: readonly string[]): Load {
  return (object, name) => {
    if (names.includes(name)) object.objSetDefaults(name)
  }
}
