import type { Filters } from './types.js'

/** Servers refuse longer lines; python-neutronclient stops here too. */
const longestQuery = 8_000

/**
 * The queries of a list, each without `?`: several if a filter is so long that one would be refused. The longest filter is divided, its
 * parts do not overlap, so that nothing is found twice.
 */
export function listQueries(filters: Filters, fields: readonly string[] = []): string[] {
  const query = encoded(filters, fields)
  if (query.length <= longestQuery) return [query]
  const longest = Object.entries(filters)
    .filter((entry): entry is [string, readonly string[]] => Array.isArray(entry[1]) && entry[1].length > 1)
    .sort(([, one], [, other]) => other.join('').length - one.join('').length)[0]
  if (longest === undefined) return [query]
  const [name, values] = longest
  const unique = [...new Set(values)]
  const middle = Math.ceil(unique.length / 2)
  return [unique.slice(0, middle), unique.slice(middle)]
    .filter((part) => part.length > 0)
    .flatMap((part) => listQueries({ ...filters, [name]: part }, fields))
}

/** As Python's urlencode does; filters first, in their order. */
function encoded(filters: Filters, fields: readonly string[]): string {
  const pairs = Object.entries(filters).flatMap(([name, value]) => {
    const values: readonly (string | boolean)[] = typeof value === 'object' ? value : [value]
    return values.map((one): [string, string] => [name, typeof one === 'boolean' ? (one ? 'True' : 'False') : one])
  })
  return new URLSearchParams([...pairs, ...fields.map((field): [string, string] => ['fields', field])]).toString()
}
