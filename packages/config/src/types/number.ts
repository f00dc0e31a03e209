import type { OptionLimits } from '../declare.js'
import type { Conversion } from './conversion.js'

const integer = /^[+-]?\d+(_\d+)*$/
const float = /^[+-]?(\d+(_\d+)*(\.(\d+(_\d+)*)?)?|\.\d+(_\d+)*)(e[+-]?\d+(_\d+)*)?$/i
const special: Readonly<Record<string, number>> = { inf: Infinity, infinity: Infinity, nan: NaN }

/**
 * Python's notation of integers. Blank means "not set" and gives null.
 * An integer beyond 2^53 is refused instead of rounded, unlike upstream.
 *
 * @see oslo.config 9.0.0, `types.Integer`
 */
export function convertInteger(text: string, limits: OptionLimits): Conversion<number | null> {
  const trimmed = text.trim()
  if (trimmed === '') return { value: null }
  if (!integer.test(trimmed)) return { why: 'not an integer' }
  const value = Number(trimmed.replaceAll('_', '')) + 0 // an integer has no negative zero
  return Number.isSafeInteger(value) ? within(value, limits) : { why: 'too large an integer' }
}

/** @see oslo.config 9.0.0, `types.Port` */
export function convertPort(text: string, limits: OptionLimits): Conversion<number | null> {
  return convertInteger(text, { ...limits, min: limits.min ?? 0, max: limits.max ?? 65535 })
}

/**
 * Python's notation of floating point numbers, `inf` and `nan` included. Blank gives null.
 *
 * @see oslo.config 9.0.0, `types.Float`
 */
export function convertFloat(text: string, limits: OptionLimits): Conversion<number | null> {
  const trimmed = text.trim()
  if (trimmed === '') return { value: null }
  if (float.test(trimmed)) return within(Number(trimmed.replaceAll('_', '')), limits)
  const [, sign, word] = /^([+-]?)([a-z]+)$/i.exec(trimmed) ?? []
  const value = special[word?.toLowerCase() ?? '']
  return value === undefined ? { why: 'not a number' } : within(sign === '-' ? -value : value, limits)
}

function within(value: number, { min, max, choices }: OptionLimits): Conversion<number> {
  if (choices !== undefined) return choices.includes(value) ? { value } : { why: `must be one of ${choices.join(', ')}` }
  if (min !== undefined && value < min) return { why: `must be at least ${min}` }
  if (max !== undefined && value > max) return { why: `must be at most ${max}` }
  return { value }
}
