/**
 * A value as text, as it would stand in a file; booleans as Python prints them, for that is what a substitution puts in.
 * Null is empty.
 */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (Array.isArray(value)) return value.map(textOf).join(',')
  if (typeof value === 'object')
    return Object.entries(value)
      .map(([key, item]) => `${key}:${textOf(item)}`)
      .join(',')
  return String(value)
}
