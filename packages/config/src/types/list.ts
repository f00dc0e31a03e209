import type { OptionLimits } from '../declare.js'
import type { Conversion } from './conversion.js'

/**
 * Comma separated items. Commas at the end are dropped, blanks around items too.
 *
 * @see oslo.config 9.0.0, `types.List`
 */
export function convertList(text: string, limits: OptionLimits, convertItem: (text: string) => Conversion): Conversion<unknown[]> {
  const inner = unwrapped(text.trim().replace(/,+$/, ''), limits.bounds ? '[]' : '')
  return 'why' in inner ? inner : convertParts(inner.value, (part) => convertItem(part.trim()))
}

/**
 * `key:value` pairs separated by commas.
 *
 * @see oslo.config 9.0.0, `types.Dict`
 */
export function convertDict(text: string, limits: OptionLimits): Conversion<Record<string, string>> {
  const inner = unwrapped(text.trim(), limits.bounds ? '{}' : '')
  if ('why' in inner) return inner
  const pairs = convertParts(inner.value, convertPair)
  if ('why' in pairs) return pairs
  const keys = pairs.value.map(([key]) => key)
  if (keys.includes('')) return { why: 'a pair has no key' }
  if (new Set(keys).size < keys.length) return { why: 'a key stands in it twice' }
  return { value: Object.fromEntries(pairs.value) }
}

function convertPair(text: string): Conversion<readonly [string, string]> {
  const colon = text.indexOf(':')
  if (colon < 0) return { why: "must be key:value pairs separated by ','" }
  return { value: [text.slice(0, colon).trim(), text.slice(colon + 1).trim()] }
}

function unwrapped(text: string, brackets: string): Conversion<string> {
  if (brackets === '') return { value: text }
  const [first, last] = brackets
  if (!text.startsWith(first!)) return { why: `must start with '${first}'` }
  if (!text.endsWith(last!)) return { why: `must end with '${last}'` }
  return { value: text.slice(1, -1) }
}

/** Converts what stands between commas. A part that is no value takes in the comma and the part after it, until it is one. */
function convertParts<T>(text: string, convert: (part: string) => Conversion<T>): Conversion<T[]> {
  const values: T[] = []
  const parts = text === '' ? [] : text.split(',')
  for (let at = 0; at < parts.length; at++) {
    let part = parts[at]!
    let conversion = convert(part)
    while ('why' in conversion && at + 1 < parts.length) {
      part += `,${parts[++at]}`
      conversion = convert(part)
    }
    if ('why' in conversion) return conversion
    values.push(conversion.value)
  }
  return { value: values }
}
