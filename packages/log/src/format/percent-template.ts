import { LogError } from '../errors.js'
import { pythonRepr, pythonStr } from './python-value.js'

/** A template of Python's `%` operator with a dictionary on its right, ready for use. */
export interface PercentTemplate<Args extends readonly unknown[]> {
  /** The names it asks for. */
  readonly keys: ReadonlySet<string>
  render(...args: Args): string
}

type Getter<Args extends readonly unknown[]> = (...args: Args) => unknown

const conversion = /%(?:\((?<key>[^)]*)\))?(?<flags>[#0 +-]*)(?<width>\d+)?(?:\.(?<precision>\d+))?[hlL]?(?<type>[diouxXeEfFgGcrsa%])/y

/**
 * Compile `text`: `%(name)s`, `%(msecs)03d`, `%%` and the other forms of Python's `%` operator.
 *
 * @param lookup how to get the value of a key; undefined if there is no such key
 * @param option stands at the beginning of the error
 * @throws LogError bad_option for an unknown key and for a `%` that begins nothing
 */
export function compileTemplate<Args extends readonly unknown[]>(
  text: string,
  lookup: (key: string) => Getter<Args> | undefined,
  option: string,
): PercentTemplate<Args> {
  const keys = new Set<string>()
  const parts: (string | Getter<Args>)[] = []
  let position = 0
  while (position < text.length) {
    const next = text.indexOf('%', position)
    if (next !== position) {
      parts.push(text.slice(position, next < 0 ? undefined : next))
      if (next < 0) break
    }
    conversion.lastIndex = next
    const groups = conversion.exec(text)?.groups as Conversion | undefined
    if (groups === undefined) throw new LogError('bad_option', `${option}: '${text.slice(next, next + 12)}' is not a conversion`)
    position = conversion.lastIndex
    if (groups.type === '%') parts.push('%')
    else parts.push(compileConversion(groups, keys, lookup, option))
  }
  return { keys, render: renderer(parts) }
}

interface Conversion {
  readonly key?: string
  readonly flags: string
  readonly width?: string
  readonly precision?: string
  readonly type: string
}

function compileConversion<Args extends readonly unknown[]>(
  parts: Conversion,
  keys: Set<string>,
  lookup: (key: string) => Getter<Args> | undefined,
  option: string,
): Getter<Args> {
  const key = parts.key
  if (key === undefined) throw new LogError('bad_option', `${option}: a conversion %${parts.type} without a (name)`)
  const getter = lookup(key)
  if (getter === undefined) throw new LogError('bad_option', `${option}: there is no %(${key})${parts.type}`)
  keys.add(key)
  if (parts.type === 's' && parts.flags === '' && parts.width === undefined && parts.precision === undefined) return getter
  return (...args) => convert(parts, getter(...args))
}

function renderer<Args extends readonly unknown[]>(parts: readonly (string | Getter<Args>)[]): (...args: Args) => string {
  return (...args) => {
    let text = ''
    for (const part of parts) text += typeof part === 'string' ? part : pythonStr(part(...args))
    return text
  }
}

function convert({ flags, width, precision, type }: Conversion, value: unknown): string {
  const numeric = typeof value === 'number' && !'sracSRA'.includes(type)
  const body = numeric ? numberText(type, value, precision) : textOf(type, value, precision)
  const sign = !numeric ? '' : value < 0 ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : ''
  const room = Number(width ?? 0) - sign.length
  if (flags.includes('-')) return (sign + body).padEnd(room + sign.length)
  if (numeric && flags.includes('0')) return sign + body.padStart(room, '0')
  return (sign + body).padStart(room + sign.length)
}

function textOf(type: string, value: unknown, precision: string | undefined): string {
  const text = type === 'r' || type === 'a' ? pythonRepr(value) : pythonStr(value)
  return precision === undefined ? text : text.slice(0, Number(precision))
}

/** Without sign. */
function numberText(type: string, value: number, precision: string | undefined): string {
  const absolute = Math.abs(value)
  switch (type.toLowerCase()) {
    case 'x':
      return type === 'x' ? Math.trunc(absolute).toString(16) : Math.trunc(absolute).toString(16).toUpperCase()
    case 'o':
      return Math.trunc(absolute).toString(8)
    case 'f':
      return absolute.toFixed(Number(precision ?? 6))
    case 'e':
      return absolute.toExponential(Number(precision ?? 6)).replace(/e([+-])(\d)$/, 'e$10$2')
    case 'g':
      return String(Number(absolute.toPrecision(Number(precision ?? 6))))
    default:
      return Math.trunc(absolute)
        .toString()
        .padStart(Number(precision ?? 0), '0')
  }
}
