import type { Json, JsonObject } from '@micronova/messaging'
import { isObject } from './recording.js'

const secretKey = /(^|_)(auth_token|admin_pass|admin_password|new_pass|password|adminPass|secret|token|token_id)$/
/** Fernet tokens and passwords inside URLs, wherever they stand. */
const fernetToken = /gAAAAA[A-Za-z0-9_-]{60,}={0,2}/g
const urlPassword = /([a-z+]+:\/\/[^:/@\s]+):[^@\s]+@/g

/** The value with every password and token replaced by `REDACTED`; everything else is kept, order of keys included. */
export function redact(value: Json): Json {
  if (typeof value === 'string') return value.replace(fernetToken, 'REDACTED').replace(urlPassword, '$1:REDACTED@')
  if (Array.isArray(value)) return value.map(redact)
  return isObject(value) ? redactObject(value) : value
}

export function redactObject(object: JsonObject): JsonObject {
  const redacted: Record<string, Json> = {}
  for (const [key, value] of Object.entries(object))
    redacted[key] = secretKey.test(key) && typeof value === 'string' && value !== '' ? 'REDACTED' : redact(value)
  return redacted
}
