import { parse as parseLossless } from 'lossless-json'
import { MalformedMessage } from './errors.js'
import type { Json, JsonObject } from './json.js'

/** Deepest nesting of a message. Python's own json gives up at its recursion limit, which is 1000. */
export const maxNesting = 1000

/** A number that has 16 digits or more may be an integer beyond 2^53. Such digits after a space in a string only cost time. */
const longDigits = /(?:^|[:[,\s-])\d{16}/
const integer = /^-?\d+$/
/** Strings, so that they are stepped over, and the three words of Python that are not JSON. */
const stringOrPythonNumber = /"[^"\\]*(?:\\.[^"\\]*)*"|-?Infinity|NaN/g
/** JSON has no literal for NaN; this one reads as a number and is not written by anybody. */
const nanLiteral = '-0e-0000'
const infinityLiteral = '1e999'

/**
 * Parse JSON as Python writes it. Integers beyond 2^53 become bigint; `NaN`, `Infinity` and `-Infinity` are taken.
 *
 * @throws MalformedMessage if the text is not JSON or nested deeper than `maxNesting`
 */
export function parseJson(text: string): Json {
  checkNesting(text)
  if (!longDigits.test(text)) {
    try {
      return JSON.parse(text) as Json
    } catch (err) {
      if (!text.includes('NaN') && !text.includes('Infinity')) throw notJson(err)
    }
  }
  try {
    return parseLossless(replacePythonNumbers(text), null, { parseNumber: toNumber, onDuplicateKey: ({ newValue }) => newValue }) as Json
  } catch (err) {
    throw notJson(err)
  }
}

/** JSON for Python: bigint as digits, `NaN` and `Infinity` by their names. */
export function formatJson(value: Json): string {
  return needsLossless(value) ? formatLossless(value) : JSON.stringify(value)
}

function formatLossless(value: Json): string {
  if (typeof value === 'bigint' || typeof value === 'number') return String(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (isArray(value)) return `[${value.map(formatLossless).join(', ')}]`
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}: ${formatLossless(member)}`).join(', ')}}`
}

function notJson(err: unknown): MalformedMessage {
  return new MalformedMessage('the text is not JSON', { cause: err })
}

function toNumber(literal: string): number | bigint {
  if (literal === nanLiteral) return Number.NaN
  const value = Number(literal)
  return Number.isSafeInteger(value) || !integer.test(literal) ? value : BigInt(literal)
}

function replacePythonNumbers(text: string): string {
  if (!text.includes('NaN') && !text.includes('Infinity')) return text
  return text.replace(stringOrPythonNumber, (found) => {
    if (found === 'NaN') return nanLiteral
    return found.startsWith('"') ? found : found.replace('Infinity', infinityLiteral)
  })
}

/** JSON.stringify would throw at a bigint and write a number that is not finite as null. */
function needsLossless(value: Json): boolean {
  if (typeof value === 'number') return !Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return typeof value === 'bigint'
  if (isArray(value)) return value.some(needsLossless)
  for (const key in value) if (needsLossless(value[key] as Json)) return true
  return false
}

/** Array.isArray does not narrow a readonly array. */
function isArray(value: readonly Json[] | JsonObject): value is readonly Json[] {
  return Array.isArray(value)
}

/** Counts brackets first: a message has few of them, and a text with few cannot be nested deep. */
function checkNesting(text: string): void {
  if (countUpTo(text, '[', maxNesting) + countUpTo(text, '{', maxNesting) <= maxNesting) return
  if (isNestedDeeper(text, maxNesting)) throw new MalformedMessage(`the text is nested deeper than ${maxNesting} levels`)
}

function countUpTo(text: string, character: string, limit: number): number {
  let count = 0
  for (let at = text.indexOf(character); at !== -1 && count <= limit; at = text.indexOf(character, at + 1)) count++
  return count
}

function isNestedDeeper(text: string, limit: number): boolean {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === '"') {
      at = endOfString(text, at)
      if (at === -1) return false
    } else if (character === '[' || character === '{') {
      if (++depth > limit) return true
    } else if (character === ']' || character === '}') depth--
  }
  return false
}

/** Where the string that begins at `start` ends; -1 if it does not. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '"') return at
  }
  return -1
}
