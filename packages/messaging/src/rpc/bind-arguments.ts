import { InvalidArguments } from '../errors.js'
import type { JsonObject } from '../json.js'
import type { Parameter } from '../transport.js'

/**
 * Check the arguments of a request against the parameters of its method, as Python does when it calls it.
 *
 * @throws InvalidArguments worded as the `TypeError` that Nova's methods answer: an unknown name first, then all missing ones
 * @see Python 3.11, `inspect.getcallargs`, which Nova's `wrap_exception` runs; recorded in wire/09-errors.jsonl
 */
export function checkArguments(method: string, parameters: readonly Parameter[], args: JsonObject): void {
  for (const name in args) {
    if (!parameters.some((parameter) => parameter.name === name))
      throw new InvalidArguments(`${method}() got an unexpected keyword argument '${name}'`)
  }
  const missing = parameters.filter(({ name, default: value }) => value === undefined && !Object.hasOwn(args, name))
  if (missing.length === 0) return
  const names = missing.map(({ name }) => `'${name}'`)
  const plural = names.length === 1 ? '' : 's'
  throw new InvalidArguments(`${method}() missing ${names.length} required positional argument${plural}: ${enumerate(names)}`)
}

function enumerate(names: readonly string[]): string {
  return names.length === 1 ? (names[0] as string) : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
