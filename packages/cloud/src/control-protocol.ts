import type { CallOptions, Json, JsonObject, RemoteFailure } from '@micronova/messaging'

/** Name of the socket in the state folder. */
export const controlSocket = 'control.sock'

/** One RPC that another process asks of a cloud on `memory://`, in wire form: the body of `POST /rpc`. */
export interface ControlRequest {
  readonly kind: 'call' | 'cast'
  readonly target: CallOptions
  readonly method: string
  /** As the message holds them: objects are primitives. */
  readonly args: JsonObject
  /** The `_context_*` keys without their prefix. */
  readonly context: JsonObject
}

/** What came of it: the result (null of a cast), the failure of the method, or why it did not get that far. */
export type ControlAnswer =
  | { readonly kind: 'result'; readonly result: Json }
  | { readonly kind: 'failure'; readonly failure: RemoteFailure }
  | { readonly kind: 'timeout'; readonly waitedMs: number }
  | { readonly kind: 'refused'; readonly message: string }
