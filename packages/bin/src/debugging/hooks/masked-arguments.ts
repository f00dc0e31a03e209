import { maskSecrets } from '@micronova/log'
import type { Json, JsonObject } from '@micronova/messaging'

const mask = '***'

/**
 * Names whose whole value is a secret, whatever it is: passwords (`new_pass`, `admin_password`, `password_0` of system metadata), tokens,
 * keys; and what users put into a guest, which may hold any of them.
 */
const secretName = /(pass(word|phrase|wd)?(_?\d+)?|token|secret(_uuid)?|(private|encrypted)_key|injected_files|personality|user_data)$/i

/** Arguments in their wire form without what others must not learn. Texts are masked as log lines are: JSON in a text too. */
export function maskedArguments(args: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(args).map(([name, value]) => [name, maskedEntry(name, value)]))
}

function maskedEntry(name: string, value: Json): Json {
  return value !== null && typeof value !== 'boolean' && secretName.test(name) ? mask : masked(value)
}

function masked(value: Json): Json {
  if (typeof value === 'string') return maskSecrets(value)
  if (typeof value !== 'object' || value === null) return value
  return isList(value) ? value.map(masked) : maskedArguments(value)
}

function isList(value: JsonObject | readonly Json[]): value is readonly Json[] {
  return Array.isArray(value)
}
