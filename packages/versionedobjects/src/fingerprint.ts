import { createHash } from 'node:crypto'
import type { Field } from './field.js'
import type { AnyObjectClass } from './object.js'
import { pythonRepr, pythonText, pythonTuple } from './python-text.js'
import { argSpecText } from './remotable.js'

/**
 * `<version>-<md5>` of what a peer must agree on: fields, remotable methods, versions of list items, notification schema.
 * Two sides whose fingerprints are equal understand each other's objects.
 *
 * @see oslo.versionedobjects 3.0.1, `fixture.py`, `_get_fingerprint`
 */
export function fingerprint(objectClass: AnyObjectClass): string {
  return `${objectClass.objVersion}-${createHash('md5').update(fingerprintText(objectClass)).digest('hex')}`
}

/** The text that the fingerprint digests: Python's `repr` of the declaration. */
export function fingerprintText(objectClass: AnyObjectClass): string {
  const { fields, remotable, isList, childVersions, schema } = objectClass.objDefinition
  const parts = [
    listText(sortedEntries(fields).map(([name, field]) => `(${pythonRepr(name)}, ${fieldText(field)})`)),
    listText(sortedEntries(remotable).map(([name, method]) => `(${pythonRepr(name)}, ${argSpecText(method)})`)),
  ]
  if (isList) parts.push(orderedDictText(childVersions, pythonRepr))
  if (schema) parts.push(orderedDictText(schema, (path) => pythonTuple(path.map(pythonRepr))))
  return pythonTuple(parts)
}

function fieldText(field: Field<unknown>): string {
  const { name, validValues } = field.type
  const common = `default=${defaultText(field)},nullable=${pythonRepr(field.nullable)}`
  if (validValues === undefined) return `${name}(${common})`
  // A named enum holds its words in a tuple, one without a name got a list.
  const words = name === 'Enum' ? pythonRepr(validValues) : pythonTuple(validValues.map(pythonRepr))
  return `${name}(${common},valid_values=${words})`
}

function defaultText(field: Field<unknown>): string {
  if (!field.hasDefault) return "<class 'oslo_versionedobjects.fields.UnspecifiedDefault'>"
  const value = field.defaultFor('')
  if (value instanceof Set) return `set([${[...value].map(pythonText).sort().join(',')}])`
  if (field.type.name === 'Float' && Number.isInteger(value)) return `${pythonText(value)}.0`
  return pythonText(value)
}

function sortedEntries<T>(record: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1))
}

function listText(items: readonly string[]): string {
  return `[${items.join(', ')}]`
}

function orderedDictText<T>(record: Readonly<Record<string, T>>, text: (value: T) => string): string {
  const items = sortedEntries(record).map(([key, value]) => `(${pythonRepr(key)}, ${text(value)})`)
  return items.length === 0 ? 'OrderedDict()' : `OrderedDict(${listText(items)})`
}
