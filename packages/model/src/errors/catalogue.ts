import { type Json, type JsonObject, VersionedObjectError, type VersionedObjectErrorKind } from '@micronova/versionedobjects'
import { isNovaErrorKind, lineageOf, NovaError } from './nova-error.js'

/** A failure as it stands in a reply. The same shape as messaging's, which this package does not import. */
export interface Failure {
  /** Name of the Python class. */
  readonly class: string
  readonly module: string
  readonly message: string
  /** Lines of the traceback. */
  readonly tb: readonly string[]
  readonly args: readonly Json[]
  readonly kwargs: JsonObject
}

/** Python's own exceptions that ours stand for, each with its bases. */
const builtins = {
  AttributeError: ['Exception'],
  KeyError: ['LookupError', 'Exception'],
  NotImplementedError: ['RuntimeError', 'Exception'],
  OverflowError: ['ArithmeticError', 'Exception'],
  RuntimeError: ['Exception'],
  TypeError: ['Exception'],
  ValueError: ['Exception'],
} as const satisfies Readonly<Record<string, readonly string[]>>

type Builtin = keyof typeof builtins

/** What a peer sees of our object errors: an exception of oslo.versionedobjects, or one of Python's. */
const objectErrors: Readonly<Record<VersionedObjectErrorKind, 'oslo' | Builtin>> = {
  IncompatibleObjectVersion: 'oslo',
  InvalidTargetVersion: 'oslo',
  ObjectActionError: 'oslo',
  ReadOnlyFieldError: 'oslo',
  UnsupportedObjectError: 'oslo',
  ObjectFieldNotSet: 'NotImplementedError',
  AttributeError: 'AttributeError',
  OverflowError: 'OverflowError',
  TypeError: 'TypeError',
  ValueError: 'ValueError',
}

/** Every exception of oslo.versionedobjects has this status. */
const objectErrorCode = 500

const novaModule = 'nova.exception'
const objectModule = 'oslo_versionedobjects.exception'

/**
 * What travels for our errors, and our errors for what travelled: messaging's `ErrorCatalogue`, structurally.
 *
 * A class of Nova's or of oslo.versionedobjects becomes the error it is; of any other one the transport tells by name.
 */
export const novaErrorCatalogue = {
  /** `undefined` for an error that this catalogue does not know. */
  toFailure(err: unknown): Omit<Failure, 'tb'> | undefined {
    if (err instanceof NovaError) {
      const kwargs = { ...err.kwargs, code: err.code }
      return { class: err.kind, module: novaModule, message: err.message, args: [err.message], kwargs: jsonOf(kwargs) as JsonObject }
    }
    return err instanceof VersionedObjectError ? objectFailure(err) : undefined
  },

  /** `undefined` for a class that this catalogue does not know. */
  fromFailure(failure: Failure): Error | undefined {
    if (failure.module === novaModule && isNovaErrorKind(failure.class))
      return new NovaError(failure.class, failure.kwargs, { message: failure.message, remoteTraceback: failure.tb })
    if (failure.module !== objectModule || !isObjectError(failure.class)) return undefined
    const { code: _, ...named } = failure.kwargs
    const kwargs = Object.fromEntries(Object.entries(named).map(([name, value]) => [name, String(value)]))
    return new VersionedObjectError(failure.class, failure.message, kwargs)
  },
}

function objectFailure(err: VersionedObjectError): Omit<Failure, 'tb'> {
  const name = objectErrors[err.kind]
  const common = { message: err.message, args: [err.message] }
  if (name !== 'oslo') return { class: name, module: 'builtins', ...common, kwargs: {} }
  return { class: err.kind, module: objectModule, ...common, kwargs: { ...err.kwargs, code: objectErrorCode } }
}

function isObjectError(name: string): name is VersionedObjectErrorKind {
  return Object.hasOwn(objectErrors, name) && objectErrors[name as VersionedObjectErrorKind] === 'oslo'
}

/** Arguments as JSON can say them: an error by its message, anything else that is no JSON by its text. */
function jsonOf(value: unknown): Json {
  if (value === null || value === undefined) return null
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return value
  if (value instanceof Error) return value.message
  if (Array.isArray(value)) return value.map(jsonOf)
  if (value instanceof Set) return [...value].map(jsonOf)
  if (Object.getPrototypeOf(value) === Object.prototype)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, jsonOf(item)]))
  return String(value)
}

/**
 * Is `err` what Python calls `name`, or derived from it? Holds for Nova's errors, for object errors, and for any error
 * that says its Python class in `className`, as those of the transport do.
 */
export function isKindOf(err: unknown, name: string): boolean {
  return pythonLineage(err).includes(name)
}

function pythonLineage(err: unknown): readonly string[] {
  if (err instanceof NovaError) return lineageOf(err.kind)
  if (err instanceof VersionedObjectError) {
    const python = objectErrors[err.kind]
    return python === 'oslo' ? [err.kind, 'VersionedObjectsException', 'Exception'] : builtinLineage(python)
  }
  const className = err instanceof Error && 'className' in err ? err.className : undefined
  if (typeof className !== 'string') return []
  return isNovaErrorKind(className) ? lineageOf(className) : builtinLineage(className)
}

function builtinLineage(name: string): readonly string[] {
  return [name, ...(Object.hasOwn(builtins, name) ? builtins[name as Builtin] : ['Exception'])]
}
