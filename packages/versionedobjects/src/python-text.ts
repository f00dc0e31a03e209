/**
 * How Python would print a value. Error messages and fingerprints of peers hold such text.
 */

/** `type(value).__name__` */
export function pythonTypeName(value: unknown): string {
  if (value === null || value === undefined) return 'NoneType'
  if (Array.isArray(value)) return 'list'
  if (value instanceof Set) return 'set'
  if (value instanceof Date) return 'datetime'
  switch (typeof value) {
    case 'string':
      return 'str'
    case 'boolean':
      return 'bool'
    case 'bigint':
      return 'int'
    case 'number':
      return Number.isSafeInteger(value) ? 'int' : 'float'
    default:
      return value.constructor === Object ? 'dict' : (value.constructor?.name ?? 'dict')
  }
}

/** `str(value)` */
export function pythonText(value: unknown): string {
  if (typeof value === 'string') return value
  if (value instanceof Date) return `${value.toISOString().slice(0, 10)} ${value.toISOString().slice(11, 19)}${microseconds(value)}+00:00`
  return pythonRepr(value)
}

/** `repr(value)` of what JSON can hold, and of sets. An object of ours prints itself. */
export function pythonRepr(value: unknown): string {
  if (value === null || value === undefined) return 'None'
  if (value === true) return 'True'
  if (value === false) return 'False'
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'number') return numberText(value)
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(', ')}]`
  if (value instanceof Set) return value.size === 0 ? 'set()' : `{${[...value].map(pythonRepr).join(', ')}}`
  if (typeof value === 'object' && value.constructor === Object)
    return `{${Object.entries(value)
      .map(([key, item]) => `${quoted(key)}: ${pythonRepr(item)}`)
      .join(', ')}}`
  return String(value)
}

/** A tuple: one item keeps its comma. */
export function pythonTuple(items: readonly string[]): string {
  return items.length === 1 ? `(${items[0]},)` : `(${items.join(', ')})`
}

/** Python prefers single quotes, and takes double ones if that saves escapes. */
function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')
  return quote + escaped.replaceAll(quote, `\\${quote}`) + quote
}

/** An integer beyond 2^53 would be a bigint: a number of that size is a float. Python writes exponents with two digits. */
function numberText(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  if (Number.isSafeInteger(value)) return String(value)
  const size = Math.abs(value)
  if (size >= 1e-4 && size < 1e16) return Number.isInteger(value) ? `${value}.0` : String(value)
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2')
}

function microseconds(date: Date): string {
  const ms = date.getUTCMilliseconds()
  return ms === 0 ? '' : `.${String(ms * 1000).padStart(6, '0')}`
}
