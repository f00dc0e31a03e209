/** Where an option could be found before: another name, another group, or both. */
export interface DeprecatedName {
  readonly name: string
  /** Default: the group of the option itself. */
  readonly group?: string
}

/** What every kind of option may say about itself, in oslo.config's words. */
export interface OptionAttributes {
  /** One sentence or more for `--help` and the sample file. */
  readonly help?: string
  /** Takes effect on SIGHUP without a restart. */
  readonly mutable?: boolean
  /** Masked in every dump. */
  readonly secret?: boolean
  readonly deprecatedNames?: readonly DeprecatedName[]
  readonly deprecatedForRemoval?: boolean
  readonly deprecatedReason?: string
  /** Shown in the sample in place of a default that belongs to this machine. */
  readonly sampleDefault?: unknown
  readonly metavar?: string
  /** May be given on the command line as `--dest-with-dashes`; `short` adds `-s`. */
  readonly cli?: boolean | { readonly short?: string; readonly name?: string }
}

/** oslo.config's option types, by the names of its reference. */
export type OptionTypeName =
  | 'String'
  | 'Integer'
  | 'Float'
  | 'Boolean'
  | 'Port'
  | 'HostAddress'
  | 'HostDomain'
  | 'Hostname'
  | 'IPAddress'
  | 'URI'
  | 'List'
  | 'Dict'
  | 'MultiString'
  | 'MultiDict'

/** Limits by which a value is judged; which of them apply depends on the type. */
export interface OptionLimits {
  readonly min?: number
  readonly max?: number
  readonly choices?: readonly (string | number | null)[]
  readonly regex?: string
  readonly ignoreCase?: boolean
  readonly quotes?: boolean
  readonly maxLength?: number
  readonly schemes?: readonly string[]
  /** Of a List: the type of one item. Default: a String without limits. */
  readonly item?: { readonly type: OptionTypeName } & OptionLimits
  /** Of a List: the value is in [brackets]; of a Dict: in {braces}. */
  readonly bounds?: boolean
}

/** A declared option. `T` is the type of its value, `null` included where the default is null. */
export interface OptionSpec<T = unknown> extends OptionAttributes {
  readonly type: OptionTypeName
  readonly limits: OptionLimits
  /** A string, or one in a list, may hold `$name` and `${group.name}`. */
  readonly default: T
}

type Attributes<T> = OptionAttributes & OptionLimits & { readonly default?: T }
type Scalar<T> = <const A extends Attributes<T>>(attributes: A) => OptionSpec<A extends { readonly default: T } ? T : T | null>
type Collection<T> = (attributes: Attributes<T>) => OptionSpec<T>

const limitNames = new Set(['min', 'max', 'choices', 'regex', 'ignoreCase', 'quotes', 'maxLength', 'schemes', 'item', 'bounds'])

function specOf<T>(
  type: OptionTypeName,
  attributes: Attributes<T>,
  fallback: T | null,
  ownLimits: OptionLimits = {},
): OptionSpec<T | null> {
  const { default: given, ...rest } = attributes
  const entries = Object.entries(rest).filter(([, value]) => value !== undefined)
  const limits = entries.filter(([name]) => limitNames.has(name))
  const others = entries.filter(([name]) => !limitNames.has(name))
  return { ...Object.fromEntries(others), type, limits: { ...ownLimits, ...Object.fromEntries(limits) }, default: given ?? fallback }
}

/** An option whose value is null where neither a file nor a default gives one. */
function scalar<T>(type: OptionTypeName, ownLimits?: OptionLimits): Scalar<T> {
  return (attributes) => specOf(type, attributes, null, ownLimits) as OptionSpec<never>
}

/** An option whose value is empty where neither a file nor a default gives one. */
function collection<T>(type: OptionTypeName, empty: T): Collection<T> {
  return (attributes) => specOf(type, attributes, empty) as OptionSpec<T>
}

/** Declares one option; the type of its value follows from the call. */
export const opt = {
  string: scalar<string>('String'),
  integer: scalar<number>('Integer'),
  float: scalar<number>('Float'),
  boolean: scalar<boolean>('Boolean'),
  /** 0 to 65535. */
  port: scalar<number>('Port', { min: 0, max: 65535 }),
  /** An IP address or a host name. */
  hostAddress: scalar<string>('HostAddress'),
  /** A hostAddress whose labels may have underscores. */
  hostDomain: scalar<string>('HostDomain'),
  hostname: scalar<string>('Hostname'),
  ipAddress: scalar<string>('IPAddress'),
  uri: scalar<string>('URI'),
  /** Comma separated; `item` judges each. */
  list: collection<readonly string[]>('List', []),
  /** `key:value,key:value`. */
  dict: collection<Readonly<Record<string, string>>>('Dict', {}),
  /** May stand several times; every occurrence adds a value. */
  multiString: collection<readonly string[]>('MultiString', []),
  /** May stand several times; each occurrence is a Dict. */
  multiDict: collection<readonly Readonly<Record<string, string>>[] | null>('MultiDict', null),
} as const

/** The options of one group that one user reads, declared beside that user. */
export interface OptionGroup<S extends Readonly<Record<string, OptionSpec>> = Readonly<Record<string, OptionSpec>>> {
  /** `DEFAULT`, or the name in brackets. */
  readonly group: string
  readonly options: S
  /** Heading of these options in `--help`. Default: the group. */
  readonly title?: string
}

/**
 * Declare options of `group` under Nova's names.
 *
 * @example
 * const serviceOptions = defineOptions('DEFAULT', { report_interval: opt.integer({ default: 10, help: '...' }) })
 */
export function defineOptions<const S extends Readonly<Record<string, OptionSpec>>>(group: string, options: S): OptionGroup<S> {
  return { group, options }
}

/** The typed values of an option group: `Section<typeof serviceOptions>['report_interval']` is `number`. */
export type Section<G extends OptionGroup> = { readonly [K in keyof G['options']]: G['options'][K] extends OptionSpec<infer T> ? T : never }

/**
 * Parsed configuration. A section reads through to the present values, so that after a mutate
 * (SIGHUP) mutable options show their new ones.
 */
export interface Config {
  /** @throws ConfigError if `group` was not among the options given to the parse */
  section<G extends OptionGroup>(group: G): Section<G>
}
