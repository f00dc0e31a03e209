import type { OptionLimits } from '../declare.js'
import type { Conversion } from './conversion.js'

/** @see oslo.config 9.0.0, `types.String` */
export function convertString(text: string, limits: OptionLimits): Conversion<string> {
  const { quotes, maxLength, regex, choices, ignoreCase } = limits
  let value = text
  if (quotes && /^["']/.test(text)) {
    if (text.length === 1 || text.at(-1) !== text[0]) return { why: 'the quote at its beginning is not closed' }
    value = text.slice(1, -1)
  }
  // Code points, as Python counts them.
  if (maxLength !== undefined && maxLength > 0 && [...value].length > maxLength) return { why: `longer than ${maxLength} characters` }
  if (regex !== undefined && !new RegExp(regex, ignoreCase ? 'iu' : 'u').test(value)) return { why: `does not match ${regex}` }
  if (choices !== undefined && !isAmong(value, choices, ignoreCase)) return { why: `must be one of ${choices.map(choiceText).join(', ')}` }
  return { value }
}

/** A null among the choices is a default that no text can give. */
function isAmong(value: string, choices: readonly (string | number | null)[], ignoreCase = false): boolean {
  if (!ignoreCase) return choices.includes(value)
  return choices.some((choice) => String(choice).toLowerCase() === value.toLowerCase())
}

/** How messages and help show a choice. */
export function choiceText(choice: string | number | null): string {
  return choice === null ? '<None>' : choice === '' ? "''" : String(choice)
}
