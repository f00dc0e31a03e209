import type { Json, JsonObject } from '@micronova/messaging'

/** Lists that upstream makes from Python sets: their order says nothing. */
const unorderedKeys = new Set(['nova_object.changes', 'versioned_object.changes', 'obj_what_changed'])

/**
 * Where two JSON values differ first, as `args.instance.nova_object.data.host: "a" became "b"`; null if they are equal.
 * Numbers are equal by value (JSON knows no difference between 1 and 1.0).
 */
export function firstDifference(before: Json | undefined, after: Json | undefined, path = ''): string | null {
  if (before === after || Object.is(before, after)) return null
  if (isScalar(before) || isScalar(after) || Array.isArray(before) !== Array.isArray(after))
    return `${path === '' ? 'message' : path}: ${brief(before)} became ${brief(after)}`
  if (Array.isArray(before)) return differenceOfLists(before, after as readonly Json[], path)
  return differenceOfObjects(before as JsonObject, after as JsonObject, path)
}

function differenceOfLists(before: readonly Json[], after: readonly Json[], path: string): string | null {
  for (let index = 0; index < Math.max(before.length, after.length); index++) {
    const difference = firstDifference(before[index], after[index], `${path}[${index}]`)
    if (difference !== null) return difference
  }
  return null
}

function differenceOfObjects(before: JsonObject, after: JsonObject, path: string): string | null {
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const here = path === '' ? key : `${path}.${key}`
    const difference = unorderedKeys.has(key)
      ? firstDifference(sorted(before[key]), sorted(after[key]), here)
      : firstDifference(before[key], after[key], here)
    if (difference !== null) return difference
  }
  return null
}

function sorted(value: Json | undefined): Json | undefined {
  return Array.isArray(value) ? [...value].sort() : value
}

function isScalar(value: Json | undefined): boolean {
  return typeof value !== 'object' || value === null
}

function brief(value: Json | undefined): string {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value, (_key, inner) => (typeof inner === 'bigint' ? `${inner}` : inner))
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`
}
