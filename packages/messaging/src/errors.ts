import type { Json, JsonObject } from './json.js'

/** Every `code` of this package. Switch on it; do not parse `message`. */
export type MessagingErrorCode =
  | 'timeout'
  | 'undeliverable'
  | 'delivery_failure'
  | 'remote'
  | 'version_cap'
  | 'invalid_target'
  | 'unsupported_envelope'
  | 'malformed_message'
  | 'no_such_method'
  | 'unsupported_version'
  | 'invalid_arguments'
  | 'python'
  | 'invalid_transport_url'
  | 'configuration'

/** Root of everything this package throws. */
export abstract class MessagingError extends Error {
  abstract readonly code: MessagingErrorCode
}

/** No reply came in time, or the heartbeats of a monitored call ended. The call may still have run on the server. */
export class MessagingTimeout extends MessagingError {
  override readonly name = 'MessagingTimeout'
  readonly code = 'timeout'
  readonly method: string
  readonly waitedMs: number

  constructor(method: string, waitedMs: number) {
    super(`no reply to ${method} after ${Math.round(waitedMs)} ms`)
    this.method = method
    this.waitedMs = waitedMs
  }
}

/** A mandatory message that no queue took; it is lost. */
export class MessageUndeliverable extends MessagingError {
  override readonly name = 'MessageUndeliverable'
  readonly code = 'undeliverable'
  readonly exchange: string
  readonly routingKey: string

  constructor(exchange: string, routingKey: string) {
    super(`no queue takes messages of exchange '${exchange}' with key '${routingKey}'`)
    this.exchange = exchange
    this.routingKey = routingKey
  }
}

/** A message that could not be handed to the broker within its retries; it may have arrived all the same if the connection broke. */
export class MessageDeliveryFailure extends MessagingError {
  override readonly name = 'MessageDeliveryFailure'
  readonly code = 'delivery_failure'
}

/** The method failed on the server with an error that the catalogue does not know. */
export class RemoteError extends MessagingError {
  override readonly name = 'RemoteError'
  readonly code = 'remote'
  /** Python's names of the class and its module, for people and for comparing. Nothing is made from them. */
  readonly className: string
  readonly moduleName: string
  readonly remoteMessage: string
  readonly traceback: readonly string[]
  readonly args: readonly Json[]
  readonly kwargs: JsonObject

  constructor(failure: {
    readonly class: string
    readonly module: string
    readonly message: string
    readonly tb: readonly string[]
    readonly args: readonly Json[]
    readonly kwargs: JsonObject
  }) {
    super(`remote error: ${failure.class} ${failure.message}`.trimEnd())
    this.className = failure.class
    this.moduleName = failure.module
    this.remoteMessage = failure.message
    this.traceback = failure.tb
    this.args = failure.args
    this.kwargs = failure.kwargs
  }
}

/** The version of the message is above the version cap. Nothing was sent. */
export class RpcVersionCapError extends MessagingError {
  override readonly name = 'RpcVersionCapError'
  readonly code = 'version_cap'
  readonly version: string | null
  readonly versionCap: string

  constructor(version: string | null, versionCap: string) {
    super(
      `Requested message version, ${version ?? 'None'} is incompatible.  It needs to be equal in major version and less than or equal in ` +
        `minor version as the specified version cap ${versionCap}.`,
    )
    this.version = version
    this.versionCap = versionCap
  }
}

/** A target that cannot be used so: a call to a fanout, a request without a topic, a version that is none. Nothing was sent. */
export class InvalidTarget extends MessagingError {
  override readonly name = 'InvalidTarget'
  readonly code = 'invalid_target'
}

/** An envelope of a version that we do not read. The message is dropped. */
export class UnsupportedEnvelope extends MessagingError {
  override readonly name = 'UnsupportedEnvelope'
  readonly code = 'unsupported_envelope'
  readonly version: string

  constructor(version: string) {
    super(`Specified RPC envelope version, ${version}, not supported by this endpoint.`)
    this.version = version
  }
}

/** A body that is not a message: not JSON, too large, nested too deep, of the wrong shape. The message is dropped. */
export class MalformedMessage extends MessagingError {
  override readonly name = 'MalformedMessage'
  readonly code = 'malformed_message'
}

/** No endpoint of the wanted namespace and version has the method. Its wording is oslo.messaging's, peers read it. */
export class NoSuchMethod extends MessagingError {
  override readonly name = 'NoSuchMethod'
  readonly code = 'no_such_method'
  readonly method: string

  constructor(method: string) {
    super(`Endpoint does not support RPC method ${method}`)
    this.method = method
  }
}

/** No endpoint has the wanted namespace and version. Its wording is oslo.messaging's, peers read it. */
export class UnsupportedVersion extends MessagingError {
  override readonly name = 'UnsupportedVersion'
  readonly code = 'unsupported_version'
  readonly version: string
  readonly method: string

  constructor(version: string, method: string) {
    super(`Endpoint does not support RPC version ${version}. Attempted method: ${method}`)
    this.version = version
    this.method = method
  }
}

/** Arguments that do not fit the method. Its wording is Python's, peers read it. */
export class InvalidArguments extends MessagingError {
  override readonly name = 'InvalidArguments'
  readonly code = 'invalid_arguments'
}

/**
 * An exception of Python itself, for an answer that a peer knows by its class.
 *
 * @example throw new PythonError('NotImplementedError')
 */
export class PythonError extends MessagingError {
  override readonly name = 'PythonError'
  readonly code = 'python'
  /** The class in Python's `builtins`. */
  readonly className: string
  readonly args: readonly Json[]

  constructor(className: string, ...args: readonly Json[]) {
    super(args.length === 1 ? String(args[0]) : '')
    this.className = className
    this.args = args
  }
}

/** A `transport_url` that cannot be read. Names what is wrong, never shows a password. */
export class InvalidTransportUrl extends MessagingError {
  override readonly name = 'InvalidTransportUrl'
  readonly code = 'invalid_transport_url'
}

/** Options that contradict each other or that are not supported. */
export class ConfigurationError extends MessagingError {
  override readonly name = 'ConfigurationError'
  readonly code = 'configuration'
}
