/** @see oslo.utils 6.0.1, `strutils.py`, `bool_from_string` */
const trueWords = new Set(['1', 't', 'true', 'on', 'y', 'yes'])

/** What is not one of the words for true is false. */
export function boolFromString(value: unknown): boolean {
  if (typeof value === 'boolean') return value
  return trueWords.has(String(value).trim().toLowerCase())
}

/** `int(text)` of Python, null where it raises ValueError. */
export function pythonInt(text: string): number | null {
  const trimmed = text.trim()
  return /^[+-]?\d+(_\d+)*$/.test(trimmed) ? Number(trimmed.replaceAll('_', '')) : null
}

/** `float(text)` of Python, null where it raises ValueError. */
export function pythonFloat(text: string): number | null {
  const trimmed = text.trim().toLowerCase()
  const special = /^([+-]?)(inf|infinity|nan)$/.exec(trimmed)
  if (special !== null) return special[2] === 'nan' ? Number.NaN : special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  const isNumber = /^[+-]?(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)(e[+-]?\d+(_\d+)*)?$/.test(trimmed)
  return isNumber ? Number(trimmed.replaceAll('_', '')) : null
}
