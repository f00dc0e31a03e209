/** What one argument of a privileged function may be. Judged in the helper, which trusts nobody: types are gone on the wire. */
export interface ArgumentType<T> {
  /** For the refusal: `a device name`. */
  readonly expects: string
  accepts(value: unknown): value is T
}

/** The arguments of a function, by name. */
export type ArgumentSchema = Readonly<Record<string, ArgumentType<unknown>>>

type ValueOf<A> = A extends ArgumentType<infer T> ? T : never
type OptionalNames<A> = { [K in keyof A]: undefined extends ValueOf<A[K]> ? K : never }[keyof A]

/** The TypeScript type of the arguments that a schema describes. */
export type Arguments<A extends ArgumentSchema> = { readonly [K in Exclude<keyof A, OptionalNames<A>>]: ValueOf<A[K]> } & {
  readonly [K in OptionalNames<A>]?: ValueOf<A[K]>
}

function argumentType<T>(expects: string, accepts: (value: unknown) => value is T): ArgumentType<T> {
  return { expects, accepts }
}

/** Declares arguments. Every text has a pattern: whatever goes into a command line or a path is looked at as a whole. */
export const arg = {
  /** @param pattern must match from the first character to the last */
  text: (expects: string, pattern: RegExp) =>
    argumentType(expects, (value): value is string => typeof value === 'string' && pattern.exec(value)?.[0] === value),
  integer: (min: number, max: number) =>
    argumentType(
      `an integer from ${min} to ${max}`,
      (value): value is number => typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max,
    ),
  boolean: () => argumentType('true or false', (value): value is boolean => typeof value === 'boolean'),
  words: <const V extends string>(...words: readonly V[]) =>
    argumentType(`one of ${words.join(', ')}`, (value): value is V => words.some((word) => word === value)),
  list: <T>(item: ArgumentType<T>, maxLength: number) =>
    argumentType(
      `a list of at most ${maxLength}, each ${item.expects}`,
      (value): value is T[] => Array.isArray(value) && value.length <= maxLength && value.every((one) => item.accepts(one)),
    ),
  /** May be left out. */
  optional: <T>(type: ArgumentType<T>) =>
    argumentType(`${type.expects}, or nothing`, (value): value is T | undefined => value === undefined || type.accepts(value)),
} as const

/** Why `given` are not the arguments that `schema` describes; null if they are. Values are not repeated: they may be secret, or huge. */
export function refusalOf(schema: ArgumentSchema, given: unknown): string | null {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return 'its arguments are not an object'
  const values = new Map<string, unknown>(Object.entries(given))
  for (const name of values.keys()) if (!Object.hasOwn(schema, name)) return `it has no argument ${JSON.stringify(name.slice(0, 40))}`
  for (const [name, type] of Object.entries(schema))
    if (!type.accepts(values.get(name))) return `its argument ${name} is not ${type.expects}`
  return null
}
