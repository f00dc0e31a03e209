import { ObjectFieldNotSet, type VersionedObject } from '@micronova/versionedobjects'
import { isNovaError } from './errors/nova-error.js'

/**
 * Fill the fields of a notification payload from the objects that it tells of, as its schema says.
 * What a source has not set becomes null; nothing in the payload counts as changed.
 *
 * @param sources by the names that the schema uses: `{ instance }`
 * @throws VersionedObjectError `ValueError` for an unset source of a field that cannot be null
 * @see nova 26.2.2, `notifications/objects/base.py`, `populate_schema`
 */
export function populatePayload(payload: VersionedObject, sources: Readonly<Record<string, VersionedObject>>): void {
  for (const [field, [source, sourceField]] of Object.entries(payload.objDefinition.schema ?? {})) {
    const from = sources[source]
    if (from === undefined) throw new Error(`${payload.objName} needs ${source} for ${field}`)
    payload.objSet(field, valueOrNull(from, sourceField))
  }
  payload.objResetChanges(undefined, { recursive: true })
}

function valueOrNull(from: VersionedObject, field: string): unknown {
  try {
    return from.objGet(field)
  } catch (err) {
    if (err instanceof ObjectFieldNotSet || isNovaError(err, 'ObjectActionError')) return null
    throw err
  }
}
