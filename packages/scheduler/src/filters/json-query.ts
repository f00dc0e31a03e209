import type { HostState } from '../hosts/host-state.js'
import { type HostFilter, passesAll } from './filter.js'
import { hostAttribute, PythonFloat } from './host-attributes.js'
import { hintOf } from './scheduler-hints.js'

/** Hosts for which the hint `query`, such as `["and", [">=", "$free_ram_mb", 1024], ["=", "$host", "a"]]`, holds. */
export const jsonFilter: HostFilter = {
  name: 'JsonFilter',
  module: 'json_filter',
  oncePerRequest: false,
  onRebuild: false,
  prepare: (spec) => {
    const text = hintOf(spec, 'query')?.[0]
    if (!text) return passesAll
    const query: unknown = JSON.parse(text)
    return (host) => {
      const result = evaluate(query, host)
      return Array.isArray(result) ? result.some(isTrue) : isTrue(result)
    }
  },
}

type Scalar = string | number | boolean

const compare = (isFine: (a: Scalar, b: Scalar) => boolean) => (values: readonly unknown[]) => {
  const [first, ...rest] = values as readonly Scalar[]
  return first !== undefined && rest.length > 0 && rest.every((value) => isFine(first, value))
}

const commands = new Map<unknown, (values: readonly unknown[]) => unknown>([
  ['=', compare((a, b) => a === b)],
  ['<', compare((a, b) => ordered(a, b) && a < b)],
  ['>', compare((a, b) => ordered(a, b) && a > b)],
  ['<=', compare((a, b) => ordered(a, b) && a <= b)],
  ['>=', compare((a, b) => ordered(a, b) && a >= b)],
  ['in', ([first, ...rest]) => rest.length > 0 && rest.includes(first)],
  ['not', (values) => values.map((value) => !isTrue(value))],
  ['or', (values) => values.some(isTrue)],
  ['and', (values) => values.every(isTrue)],
])

/** @throws TypeError for a command that there is not, or a comparison of what cannot be compared */
function evaluate(query: unknown, host: HostState): unknown {
  if (!Array.isArray(query) || query.length === 0) return true
  const [command, ...parts] = query
  const run = commands.get(command)
  if (run === undefined) throw new TypeError(`the query of a scheduler hint has no command ${JSON.stringify(command)}`)
  const values = parts.map((part) => (Array.isArray(part) ? evaluate(part, host) : typeof part === 'string' ? lookUp(part, host) : part))
  return run(values.filter((value) => value !== null && value !== undefined))
}

/** `$NAME` is an attribute of the host, `$NAME.KEY` a part of it. */
function lookUp(text: string, host: HostState): unknown {
  if (!text.startsWith('$')) return text === '' ? null : text
  const [name = '', ...keys] = text.slice(1).split('.')
  let found = hostAttribute(host, name) ?? null
  for (const key of keys) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return null
    found = (found as Readonly<Record<string, unknown>>)[key] ?? null
  }
  return found instanceof PythonFloat ? found.value : found
}

function ordered(a: Scalar, b: Scalar): true {
  if (typeof a === 'string' ? typeof b === 'string' : typeof b !== 'string') return true
  throw new TypeError(`the query of a scheduler hint compares ${JSON.stringify(a)} with ${JSON.stringify(b)}`)
}

/** As Python sees it: nothing, 0 and what is empty are false. */
function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0
  return Boolean(value)
}
