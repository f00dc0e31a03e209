import { isObject, parseObject } from './envelope.js'
import { MessagingError, type MessagingErrorCode, PythonError, RemoteError, UnsupportedEnvelope } from './errors.js'
import type { Json, JsonObject } from './json.js'
import { formatJson } from './json-codec.js'
import type { ErrorCatalogue, RemoteFailure } from './serializer.js'

/** How our own errors are called in Python. Anything else goes out as `builtins.Exception`. */
const pythonNames: Partial<Record<MessagingErrorCode, { readonly module: string; readonly class: string }>> = {
  no_such_method: { module: 'oslo_messaging.rpc.dispatcher', class: 'NoSuchMethod' },
  unsupported_version: { module: 'oslo_messaging.rpc.dispatcher', class: 'UnsupportedVersion' },
  invalid_arguments: { module: 'builtins', class: 'TypeError' },
  malformed_message: { module: 'builtins', class: 'ValueError' },
  unsupported_envelope: { module: 'oslo_messaging._drivers.common', class: 'UnsupportedRpcEnvelopeVersion' },
  timeout: { module: 'oslo_messaging.exceptions', class: 'MessagingTimeout' },
  delivery_failure: { module: 'oslo_messaging.exceptions', class: 'MessageDeliveryFailure' },
  undeliverable: { module: 'oslo_messaging.exceptions', class: 'MessageUndeliverable' },
  invalid_target: { module: 'oslo_messaging.exceptions', class: 'InvalidTarget' },
  version_cap: { module: 'oslo_messaging.rpc.client', class: 'RPCVersionCapError' },
  remote: { module: 'oslo_messaging.rpc.client', class: 'RemoteError' },
}

/** What the caller is told of `err`. */
export function toFailure(err: unknown, catalogue: ErrorCatalogue): RemoteFailure {
  const failure = catalogue.toFailure(err) ?? ownFailure(err)
  return { ...failure, tb: traceback(err, failure) }
}

/** The error that a call rejects with. */
export function fromFailure(failure: RemoteFailure, catalogue: ErrorCatalogue): Error {
  return catalogue.fromFailure(failure) ?? new RemoteError(failure)
}

/** A failure travels as JSON text inside the JSON of the reply. @see oslo.messaging 14.0.3, `_drivers/common.py` */
export function encodeFailure(failure: RemoteFailure): string {
  return formatJson({
    class: failure.class,
    module: failure.module,
    message: failure.message,
    tb: failure.tb,
    args: failure.args,
    kwargs: failure.kwargs,
  })
}

/** Reads what is there: a failure without names is still a failure. @throws MalformedMessage if the text is not a JSON object */
export function decodeFailure(text: string): RemoteFailure {
  const failure = parseObject(text)
  return {
    class: textOr(failure.class, 'Exception'),
    module: textOr(failure.module, 'builtins'),
    message: textOr(failure.message, ''),
    tb: listOr(failure.tb).map(String),
    args: listOr(failure.args),
    kwargs: isObject(failure.kwargs) ? failure.kwargs : {},
  }
}

function ownFailure(err: unknown): Omit<RemoteFailure, 'tb'> {
  if (err instanceof PythonError) return { module: 'builtins', class: err.className, message: err.message, args: err.args, kwargs: {} }
  const message = err instanceof Error ? err.message : String(err)
  const names = (err instanceof MessagingError && pythonNames[err.code]) || { module: 'builtins', class: 'Exception' }
  const kwargs: JsonObject = err instanceof UnsupportedEnvelope ? { version: err.version } : {}
  return { ...names, message, args: [message], kwargs }
}

/** Lines as Python prints them, so that a peer can log them as they are: frames, then the error with its full name. */
function traceback(err: unknown, failure: Omit<RemoteFailure, 'tb'>): string[] {
  const stack = err instanceof Error && err.stack !== undefined ? err.stack.split('\n').filter((line) => /^ {4}at /.test(line)) : []
  const name = failure.module === 'builtins' ? failure.class : `${failure.module}.${failure.class}`
  const last = failure.message === '' ? `${name}\n` : `${name}: ${failure.message}\n`
  return ['Traceback (most recent call last):\n', ...stack.map((line) => `${line.slice(2)}\n`), last]
}

function textOr(value: Json | undefined, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise
}

function listOr(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : []
}
