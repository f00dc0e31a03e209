import { PythonError } from '@micronova/messaging'
import { pythonTypeName, type RemotableMethod } from '@micronova/versionedobjects'

type Kwargs = Readonly<Record<string, unknown>>

/** The arguments of a remotable method, by name. A value of the wrong type is the caller's mistake: a `TypeError`. */
export class MethodArguments {
  readonly #values: Kwargs

  constructor(values: Kwargs) {
    this.#values = values
  }

  text(name: string): string {
    return this.#typed(name, 'str', (value) => typeof value === 'string')
  }

  textOrNull(name: string): string | null {
    return this.#values[name] === null ? null : this.text(name)
  }

  integer(name: string): number {
    return this.#typed(name, 'int', Number.isInteger)
  }

  dict(name: string): Kwargs {
    return this.#typed(name, 'dict', (value) => typeof value === 'object' && value !== null && !Array.isArray(value))
  }

  /** A list of texts; null where the method lets it be absent. */
  textsOrNull(name: string): readonly string[] | null {
    if (this.#values[name] === null) return null
    return this.#typed(name, 'list', (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'))
  }

  texts(name: string): readonly string[] {
    return this.textsOrNull(name) ?? []
  }

  /** As it came: for values whose forms are the method's own business. */
  raw(name: string): unknown {
    return this.#values[name]
  }

  /**
   * Refuse what is not implemented, rather than to leave it out silently. None and False ask for nothing.
   *
   * @throws PythonError `NotImplementedError` if one of these arguments was given
   */
  refuse(...names: readonly string[]): void {
    const given = names.find((name) => this.#values[name] !== null && this.#values[name] !== false)
    if (given !== undefined) throw new PythonError('NotImplementedError', `argument '${given}' is not implemented by this conductor`)
  }

  #typed<T>(name: string, expected: string, isFit: (value: unknown) => boolean): T {
    const value = this.#values[name]
    if (!isFit(value)) throw new PythonError('TypeError', `argument '${name}' must be ${expected}, not ${pythonTypeName(value)}`)
    return value as T
  }
}

/**
 * Bind what a caller sent to the parameters of `method`, as Python does.
 *
 * @param qualifiedName `Service.get_by_args`, for messages
 * @throws PythonError `TypeError` in Python's words
 */
export function bindArguments(qualifiedName: string, method: RemotableMethod, args: readonly unknown[], kwargs: Kwargs): MethodArguments {
  const { parameters } = method
  const own = method.kind === 'class' ? 2 : 1 // cls and context, or self
  const typeError = (text: string) => new PythonError('TypeError', `${qualifiedName}() ${text}`)
  if (args.length > parameters.length) throw typeError(tooMany(parameters, own, own + args.length))
  const values: Record<string, unknown> = {}
  args.forEach((value, at) => {
    values[parameters[at]!.name] = value
  })
  for (const [name, value] of Object.entries(kwargs)) {
    if (!parameters.some((parameter) => parameter.name === name)) throw typeError(`got an unexpected keyword argument '${name}'`)
    if (name in values) throw typeError(`got multiple values for argument '${name}'`)
    values[name] = value
  }
  for (const { name, default: standard } of parameters) if (!(name in values) && standard !== undefined) values[name] = standard
  const missing = parameters.map(({ name }) => name).filter((name) => !(name in values))
  if (missing.length > 0) throw typeError(missingText(missing))
  return new MethodArguments(values)
}

function tooMany(parameters: RemotableMethod['parameters'], own: number, given: number): string {
  const most = own + parameters.length
  const least = own + parameters.filter((parameter) => parameter.default === undefined).length
  const takes = least === most ? `${most} positional argument${most === 1 ? '' : 's'}` : `from ${least} to ${most} positional arguments`
  return `takes ${takes} but ${given} were given`
}

function missingText(names: readonly string[]): string {
  const quoted = names.map((name) => `'${name}'`)
  const last = quoted.pop()!
  const list = quoted.length === 0 ? last : quoted.length === 1 ? `${quoted[0]} and ${last}` : `${quoted.join(', ')}, and ${last}`
  return `missing ${names.length} required positional argument${names.length === 1 ? '' : 's'}: ${list}`
}
