import { valueError } from '../errors.js'
import type { FieldType } from '../field.js'
import { pythonText } from '../python-text.js'

/** A field type whose values are the words of a list. */
export interface EnumType<V extends string> extends FieldType<V> {
  readonly validValues: readonly V[]
}

/**
 * Declare an enum.
 *
 * @param name of the Python class; `Enum` for one without a name
 * @param canonical turns other spellings into a word of the list before it is looked up
 * @param refusal the message for a value that is none of them
 */
export function enumType<const V extends string>(
  name: string,
  validValues: readonly V[],
  canonical: (value: unknown) => unknown = (value) => value,
  refusal: (value: unknown) => string = (value) => `Field value ${pythonText(canonical(value))} is invalid`,
): EnumType<V> {
  const byText = new Map<unknown, V>(validValues.map((value) => [value, value]))
  return {
    name,
    validValues,
    coerce(value) {
      const found = byText.get(value) ?? byText.get(canonical(value))
      if (found === undefined) throw valueError(refusal(value))
      return found
    },
    stringify: (value) => `'${value}'`,
  }
}

/** The union of an enum's words. */
export type EnumValue<E> = E extends EnumType<infer V> ? V : never
