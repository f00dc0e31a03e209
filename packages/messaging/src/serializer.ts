import type { Json, JsonObject } from './json.js'

/**
 * Turns what the user of RPC works with into what a message holds, and back. `C` is the user's context.
 * The serializer of Nova turns versioned objects into primitives; the transport knows neither.
 */
export interface Serializer<C> {
  serializeEntity(ctx: C, value: unknown): Json
  /** May ask a peer for an older version of an object, hence the promise. */
  deserializeEntity(ctx: C, value: Json): unknown | Promise<unknown>
  /** The keys that go onto the wire as `_context_<key>`, in this order. */
  serializeContext(ctx: C): JsonObject
  deserializeContext(context: JsonObject): C
}

/** A failure as it stands in a reply. @see oslo.messaging 14.0.3, `_drivers/common.py`, `serialize_remote_exception` */
export interface RemoteFailure {
  /** Name of the Python class, such as `InstanceNotFound`. */
  readonly class: string
  /** Its module, such as `nova.exception`. */
  readonly module: string
  readonly message: string
  /** Lines of the traceback, each with its line ends. */
  readonly tb: readonly string[]
  readonly args: readonly Json[]
  readonly kwargs: JsonObject
}

/** Knows the errors of the user of RPC. Handed in; nothing is constructed from a name off the wire. */
export interface ErrorCatalogue {
  /** `undefined` for an error that is not of the catalogue: it goes out as a Python `Exception` of its message. */
  toFailure(err: unknown): Omit<RemoteFailure, 'tb'> | undefined
  /** `undefined` for a class that the catalogue does not know: the caller gets a `RemoteError`. */
  fromFailure(failure: RemoteFailure): Error | undefined
}
