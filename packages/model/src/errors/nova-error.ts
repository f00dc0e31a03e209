import { formatMessage } from './message.js'
import { type NovaErrorEntry, type NovaErrorKind, novaErrors } from './nova-errors.js'

export interface NovaErrorOptions extends ErrorOptions {
  /** In place of the one that the catalogue makes of `kwargs`. */
  readonly message?: string
  /** Lines of the peer's traceback, if it came from one. */
  readonly remoteTraceback?: readonly string[]
}

/** One of Nova's exceptions: what it is says `kind`, nobody parses `message`. Made by `novaError`. */
export class NovaError extends Error {
  override readonly name = 'NovaError'
  readonly kind: NovaErrorKind
  /** What the message names. */
  readonly kwargs: Readonly<Record<string, unknown>>
  /** The HTTP status that the API makes of it. */
  readonly code: number
  readonly remoteTraceback: readonly string[]

  constructor(kind: NovaErrorKind, kwargs: Readonly<Record<string, unknown>>, options: NovaErrorOptions) {
    super(options.message || formatMessage(templateOf(kind), kwargs), options)
    this.kind = kind
    this.kwargs = kwargs
    this.code = typeof kwargs.code === 'number' ? kwargs.code : novaErrors[kind].code
    this.remoteTraceback = options.remoteTraceback ?? []
  }
}

/**
 * @example throw novaError('InstanceNotFound', { instance_id: uuid })
 * @param kwargs what the template of the message names; `novaErrors` has them
 * @param options its cause, or just another message
 */
export function novaError(
  kind: NovaErrorKind,
  kwargs: Readonly<Record<string, unknown>> = {},
  options: NovaErrorOptions | string = {},
): NovaError {
  return new NovaError(kind, kwargs, typeof options === 'string' ? { message: options } : options)
}

/** Is `err` of this kind, or of one that is derived from it? `NotFound` holds for `InstanceNotFound`. */
export function isNovaError(err: unknown, kind: NovaErrorKind): err is NovaError {
  return err instanceof NovaError && lineageOf(err.kind).includes(kind)
}

/** A kind of the catalogue. */
export function isNovaErrorKind(name: string): name is NovaErrorKind {
  return Object.hasOwn(novaErrors, name)
}

/** The kind and its bases, nearest first; ends with Python's `Exception`. */
export function lineageOf(kind: NovaErrorKind): readonly string[] {
  const known = lineages.get(kind)
  if (known !== undefined) return known
  const { base } = novaErrors[kind]
  const lineage = [kind, ...(isNovaErrorKind(base) ? lineageOf(base) : [base])]
  lineages.set(kind, lineage)
  return lineage
}

const lineages = new Map<NovaErrorKind, readonly string[]>()

function templateOf(kind: NovaErrorKind): string {
  for (const name of lineageOf(kind)) {
    const entry: NovaErrorEntry | undefined = isNovaErrorKind(name) ? novaErrors[name] : undefined
    if (entry?.message !== undefined) return entry.message
  }
  return ''
}
