import { MalformedMessage, UnsupportedEnvelope } from './errors.js'
import type { Json, JsonObject } from './json.js'
import { formatJson, parseJson } from './json-codec.js'
import { isVersionCompatible } from './version.js'

const versionKey = 'oslo.version'
const messageKey = 'oslo.message'
const envelopeVersion = '2.0'

/** What a body held: the message, and its text as it came (for the journal). */
export interface Unwrapped {
  readonly message: JsonObject
  readonly text: string
}

/** The body of an RPC message or a v2 notification, from the text of the message. */
export function wrapText(text: string): string {
  return `{"${versionKey}": "${envelopeVersion}", "${messageKey}": ${JSON.stringify(text)}}`
}

export function wrap(message: JsonObject): string {
  return wrapText(formatJson(message))
}

/**
 * Unwrap the body of a message.
 *
 * Shape: `{"oslo.version": "2.0", "oslo.message": "<JSON text>"}`. The message is JSON inside a JSON string, so that
 * the version can be judged before the rest is parsed. A body without both keys is bare: a message itself.
 *
 * @throws UnsupportedEnvelope if the major version differs from ours or the minor is newer
 * @throws MalformedMessage if body or message is not a JSON object
 * @see oslo.messaging 14.0.3, `_drivers/common.py`, `deserialize_msg`
 */
export function unwrap(body: string): Unwrapped {
  const outer = parseOuter(body)
  const inner = isObject(outer) ? outer[messageKey] : undefined
  if (!isObject(outer) || inner === undefined || outer[versionKey] === undefined) return { message: parseObject(body), text: body }
  const version = String(outer[versionKey])
  if (!isVersionCompatible(envelopeVersion, version)) throw new UnsupportedEnvelope(version)
  if (typeof inner !== 'string') throw new MalformedMessage(`${messageKey} is not a text`)
  return { message: parseObject(inner), text: inner }
}

/** Parse the text of a message, such as an entry of the journal. @throws MalformedMessage */
export function parseObject(text: string): JsonObject {
  const message = parseJson(text)
  if (!isObject(message)) throw new MalformedMessage('the message is not a JSON object')
  return message
}

/** An envelope holds two texts, so plain JSON.parse reads it; V8's parser does not recurse, so depth is no danger here. */
function parseOuter(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return parseJson(body) // a bare message may hold NaN
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
