import { valueError } from '../errors.js'
import type { Field, FieldType } from '../field.js'
import { type Json, setOwn } from '../json.js'
import { pythonTypeName } from '../python-text.js'

/** A list whose elements are all of one field. Elements are coerced when the list is assigned, not when one is pushed later. */
export function listType<T>(element: Field<T>): FieldType<T[]> {
  const child = element.type.child
  return {
    name: 'List',
    element,
    ...(child && !child.many ? { child: { ...child, many: true } } : {}),
    coerce(value, attr) {
      if (!isIterable(value)) throw valueError(`A list is required in field ${attr}, not a ${pythonTypeName(value)}`)
      let index = 0
      return Array.from(value, (item) => element.coerce(item, `${attr}[${index++}]`))
    },
    fromPrimitive(value, attr, decoder) {
      if (!Array.isArray(value)) throw valueError(`A list is required in field ${attr}, not a ${pythonTypeName(value)}`)
      return value.map((item: Json, index) => element.fromPrimitive(item, `${attr}[${index}]`, decoder))
    },
    toPrimitive: (value) => value.map((item) => element.toPrimitive(item)),
    clone: (value) => value.map((item) => element.clone(item)),
    equals: (a, b) => a.length === b.length && a.every((item, index) => element.equals(item, b[index]!)),
    stringify: (value) => `[${value.map((item) => element.stringify(item)).join(',')}]`,
  }
}

/** As Python's list type takes it: anything to iterate over, but neither text nor a mapping. */
function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value && !(value instanceof Map)
}

/** A set; on the wire a list, in the order of insertion. */
export function setType<T>(element: Field<T>): FieldType<Set<T>> {
  return {
    name: 'Set',
    element,
    coerce(value, attr) {
      if (!(value instanceof Set)) throw valueError(`A set is required in field ${attr}, not a ${pythonTypeName(value)}`)
      return new Set(Array.from(value, (item) => element.coerce(item, `${attr}[${String(item)}]`)))
    },
    fromPrimitive(value, attr, decoder) {
      if (!Array.isArray(value)) throw valueError(`A set is required in field ${attr}, not a ${pythonTypeName(value)}`)
      return new Set(value.map((item: Json) => element.fromPrimitive(item, `${attr}[${String(item)}]`, decoder)))
    },
    toPrimitive: (value) => Array.from(value, (item) => element.toPrimitive(item)),
    clone: (value) => new Set(value),
    equals: (a, b) => a.size === b.size && [...a].every((item) => b.has(item)),
    stringify: (value) => `set([${[...value].map((item) => element.stringify(item)).join(',')}])`,
  }
}

/** A dict from text to values of one field. */
export function dictType<T>(element: Field<T>): FieldType<Record<string, T>> {
  return {
    name: 'Dict',
    element,
    coerce(value, attr) {
      if (!isRecord(value)) throw valueError(`A dict is required in field ${attr}, not a ${pythonTypeName(value)}`)
      return mapped(value, (item, key) => element.coerce(item, `${attr}[${key}]`))
    },
    fromPrimitive(value, attr, decoder) {
      if (!isRecord(value)) throw valueError(`A dict is required in field ${attr}, not a ${pythonTypeName(value)}`)
      return mapped(value, (item, key) => element.fromPrimitive(item as Json, `${attr}[${key}]`, decoder))
    },
    toPrimitive: (value) => mapped(value, (item) => element.toPrimitive(item)),
    clone: (value) => mapped(value, (item) => element.clone(item)),
    equals(a, b) {
      const keys = Object.keys(a)
      return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && element.equals(a[key]!, b[key]!))
    },
    stringify: (value) =>
      `{${Object.keys(value)
        .sort()
        .map((key) => `${key}=${element.stringify(value[key]!)}`)
        .join(',')}}`,
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function mapped<A, B>(record: Readonly<Record<string, A>>, change: (item: A, key: string) => B): Record<string, B> {
  const result: Record<string, B> = {}
  for (const key of Object.keys(record)) setOwn(result, key, change(record[key]!, key))
  return result
}
