import { valueError } from '../errors.js'
import type { FieldType } from '../field.js'
import { pythonText } from '../python-text.js'

const predicate = /^\s*(<=|>=|<|>|!=|==)\s*\d+\.\d+(\.\d+)?([ab]\d+)?\s*$/

/** Conditions on a version, `>=1.0, <2.0`. @see Python's distutils, `VersionPredicate` and `StrictVersion` */
export const versionPredicateType: FieldType<string> = {
  name: 'VersionPredicate',
  coerce(value, attr) {
    const text = pythonText(value)
    if (!text.split(',').every((part) => predicate.test(part)))
      throw valueError(`Version ${text} is not a valid predicate in field ${attr}`)
    return text
  },
  stringify: (value) => `'${value}'`,
}
