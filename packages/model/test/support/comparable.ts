import type { Json } from '@micronova/versionedobjects'

/** A primitive whose lists of changes are sorted: Python writes them in the order of a set, which means nothing. */
export function comparable(value: Json): unknown {
  if (Array.isArray(value)) return value.map(comparable)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, item]) => [
    key,
    key === 'nova_object.changes' ? [...(item as string[])].sort() : comparable(item),
  ])
  return Object.fromEntries(entries)
}
