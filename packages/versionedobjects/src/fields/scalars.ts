import { VersionedObjectError, valueError } from '../errors.js'
import type { FieldType } from '../field.js'
import { pythonRepr, pythonText, pythonTypeName } from '../python-text.js'

/** Any text. Numbers and times are printed, as upstream does for old callers. */
export const stringType: FieldType<string> = {
  name: 'String',
  coerce: coerceString,
  stringify: (value) => `'${value}'`,
}

/** Text that may hold a password: never printed. */
export const sensitiveStringType: FieldType<string> = { name: 'SensitiveString', coerce: coerceString, stringify: () => "'***'" }

export function coerceString(value: unknown, attr: string): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean' || value instanceof Date)
    return pythonText(value)
  throw valueError(`A string is required in field ${attr}, not a ${pythonTypeName(value)}`)
}

/** Whole numbers. Fractions are cut off. One beyond 2^53 is kept as bigint, although the property's type says number. */
export const integerType: FieldType<number> = { name: 'Integer', coerce: coerceInteger, stringify: String }

/** @throws VersionedObjectError where Python's `int(value)` throws */
export function coerceInteger(value: unknown): number {
  if (typeof value === 'number') {
    if (Number.isInteger(value)) return value
    if (Number.isFinite(value)) return Math.trunc(value)
    if (Number.isNaN(value)) throw valueError('cannot convert float NaN to integer')
    throw new VersionedObjectError('OverflowError', 'cannot convert float infinity to integer')
  }
  if (typeof value === 'bigint') return narrowed(value)
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'string') {
    if (/^\s*[+-]?\d+(_\d+)*\s*$/.test(value) && value.length <= maxDigits) return narrowed(parseBigInt(value))
    throw valueError(`invalid literal for int() with base 10: ${pythonRepr(value)}`)
  }
  throw new VersionedObjectError(
    'TypeError',
    `int() argument must be a string, a bytes-like object or a real number, not '${pythonTypeName(value)}'`,
  )
}

/** Python refuses longer ones too; converting them takes quadratic time. */
const maxDigits = 4300

function parseBigInt(text: string): bigint {
  const digits = text.trim().replaceAll('_', '')
  return digits.startsWith('-') ? -BigInt(digits.slice(1)) : BigInt(digits.replace('+', ''))
}

/** The number if it is exact. Else the bigint itself, in the clothes of a number: the property's type stays simple. */
function narrowed(value: bigint): number {
  if (value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER) return Number(value)
  const kept: unknown = value
  return kept as number
}

export const nonNegativeIntegerType: FieldType<number> = {
  name: 'NonNegativeInteger',
  coerce: (value, attr) => nonNegative(coerceInteger(value), attr),
  stringify: String,
}

export const floatType: FieldType<number> = { name: 'Float', coerce: coerceFloat, stringify: String }

/** @throws VersionedObjectError where Python's `float(value)` throws */
function coerceFloat(value: unknown): number {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint' || typeof value === 'boolean') return Number(value)
  if (typeof value === 'string') return parseFloatText(value)
  throw new VersionedObjectError('TypeError', `float() argument must be a string or a real number, not '${pythonTypeName(value)}'`)
}

function parseFloatText(text: string): number {
  const bare = text.trim().toLowerCase()
  if (/^[+-]?(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)(e[+-]?\d+(_\d+)*)?$/.test(bare)) return Number(bare.replaceAll('_', ''))
  if (/^[+-]?inf(inity)?$/.test(bare)) return bare.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  if (/^[+-]?nan$/.test(bare)) return Number.NaN
  throw valueError(`could not convert string to float: ${pythonRepr(text)}`)
}

export const nonNegativeFloatType: FieldType<number> = {
  name: 'NonNegativeFloat',
  coerce: (value, attr) => nonNegative(coerceFloat(value), attr),
  stringify: String,
}

function nonNegative(value: number, attr: string): number {
  if (value < 0) throw valueError(`Value must be >= 0 for field ${attr}`)
  return value
}

/** Python's truth: empty text, zero and empty collections are false; `'False'` is true. */
export const booleanType: FieldType<boolean> = { name: 'Boolean', coerce: isTruthy, stringify: pythonText }

function isTruthy(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return Number.isNaN(value) || Boolean(value)
  if (Array.isArray(value)) return value.length > 0
  if (value instanceof Set || value instanceof Map) return value.size > 0
  return value.constructor !== Object || Object.keys(value).length > 0
}

const trueWords = new Set(['1', 't', 'true', 'on', 'y', 'yes'])

/** The words that people use for true; everything else is false. @see oslo.utils 6.0.1, `bool_from_string` */
export const flexibleBooleanType: FieldType<boolean> = {
  name: 'FlexibleBoolean',
  coerce: (value) => (typeof value === 'boolean' ? value : trueWords.has(pythonText(value).trim().toLowerCase())),
  stringify: pythonText,
}
