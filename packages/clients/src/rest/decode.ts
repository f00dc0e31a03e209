import { ClientError } from '../errors.js'

/** What a field of an answer must be for us to go on with it. */
export type FieldKind = 'string' | 'number' | 'object' | 'array'

/**
 * An object whose `fields` are what they should be; the others are as the service sent them.
 *
 * @throws ClientError `bad_response`
 */
export function objectWith<T extends object>(value: unknown, what: string, fields: Readonly<Record<string, FieldKind>>): T {
  const entries = new Map<string, unknown>(isObject(value) ? Object.entries(value) : [])
  for (const [name, kind] of Object.entries(fields)) {
    if (kindOf(entries.get(name)) !== kind) throw badResponse(`${what} without ${name}`)
  }
  if (!isObject(value)) throw badResponse(`something else than ${what}`)
  return value as T // its shape is the service's to keep; what we rely on was looked at
}

/** The object under `name`: `{"port": {...}}`. */
export function objectIn<T extends object>(body: unknown, name: string, fields: Readonly<Record<string, FieldKind>> = {}): T {
  return objectWith<T>(isObject(body) ? new Map<string, unknown>(Object.entries(body)).get(name) : undefined, name, fields)
}

/** The list of objects under `name`: `{"ports": [{...}]}`. */
export function listIn<T extends object>(body: unknown, name: string, fields: Readonly<Record<string, FieldKind>> = {}): readonly T[] {
  const list = isObject(body) ? new Map<string, unknown>(Object.entries(body)).get(name) : undefined
  if (!Array.isArray(list)) throw badResponse(`an answer without ${name}`)
  return list.map((item) => objectWith<T>(item, `one of ${name}`, fields))
}

/** The list of texts under `name`. */
export function textsIn(body: unknown, name: string): readonly string[] {
  const list = isObject(body) ? new Map<string, unknown>(Object.entries(body)).get(name) : undefined
  if (!Array.isArray(list) || !list.every((item) => typeof item === 'string')) throw badResponse(`an answer without ${name}`)
  return list
}

export function badResponse(what: string): ClientError {
  return new ClientError('bad_response', `the service sent ${what}`)
}

function isObject(value: unknown): value is object {
  return kindOf(value) === 'object'
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  return value === null ? 'null' : typeof value
}
