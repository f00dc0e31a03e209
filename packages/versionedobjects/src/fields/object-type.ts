import { type VersionedObjectError, valueError } from '../errors.js'
import type { FieldType } from '../field.js'
import { isJsonObject } from '../json.js'
import { type AnyObjectClass, type ObjectOf, VersionedObject } from '../object.js'
import { pythonTypeName } from '../python-text.js'

/** Another object of just this class, or with `subclasses` of one that is derived from it. */
export function objectType<C extends AnyObjectClass>(objectClass: C, { subclasses = false } = {}): FieldType<ObjectOf<C>> {
  const check = (value: unknown, attr: string): ObjectOf<C> => {
    if (!(value instanceof VersionedObject)) throw wrongType(objectClass, attr, pythonTypeName(value))
    const isFit = value.objName === objectClass.objName || (subclasses && value.objLineage.includes(objectClass.objName))
    if (!isFit) throw wrongType(objectClass, attr, value.objName)
    return value as ObjectOf<C>
  }
  return {
    name: 'Object',
    child: { objectClass, many: false, subclasses },
    coerce: check,
    fromPrimitive(value, attr, decoder) {
      if (!isJsonObject(value)) throw wrongType(objectClass, attr, pythonTypeName(value))
      return check(decoder.object(value), attr)
    },
    toPrimitive: (value) => value.objToPrimitive(),
    clone: (value) => value.objClone(),
    equals: (a, b) => a.objEquals(b),
    stringify: identified,
  }
}

function wrongType(wanted: AnyObjectClass, attr: string, actual: string): VersionedObjectError {
  return valueError(`An object of type ${wanted.objName} is required in field ${attr}, not a ${actual}`)
}

/** Name and, where there is one, uuid or id. */
function identified(value: VersionedObject): string {
  const key = ['uuid', 'id'].find((name) => name in value.objFields)
  if (key === undefined) return value.objName
  return `${value.objName}(${value.objIsSet(key) ? String(value.objGet(key)) : 'UNKNOWN'})`
}
