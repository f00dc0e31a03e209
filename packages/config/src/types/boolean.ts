import type { Conversion } from './conversion.js'

const words: Readonly<Record<string, boolean>> = { true: true, 1: true, on: true, yes: true, false: false, 0: false, off: false, no: false }

/** @see oslo.config 9.0.0, `types.Boolean` */
export function convertBoolean(text: string): Conversion<boolean> {
  const value = Object.hasOwn(words, text.toLowerCase()) ? words[text.toLowerCase()] : undefined
  return value === undefined ? { why: 'not a boolean (true, false, yes, no, on, off, 1 or 0)' } : { value }
}
