import type { ImageData } from '../glance/types.js'

/** One HTTP request, once. */
export interface HttpRequest {
  readonly method: string
  /** Absolute. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | ImageData | null
  /** Ends the request, the reading of its answer included. */
  readonly signal: AbortSignal
}

export interface HttpResponse {
  readonly status: number
  /** Names in lower case; of several with a name, the first. */
  readonly headers: Readonly<Record<string, string>>
  /** To be read to its end or to be destroyed, else the connection stays taken. */
  readonly body: AsyncIterable<Uint8Array> & { destroy(): void }
}

/** How connections are made. */
export interface ConnectionSettings {
  readonly cafile: string | null
  readonly certfile: string | null
  readonly keyfile: string | null
  readonly insecure: boolean
  readonly connectTimeoutMs: number
}

/** Why there is no answer. */
export type TransportFailureKind =
  /** No connection was made: the service did not get the request. */
  | 'not_connected'
  /** The connection ended before the whole answer was there. The service may have carried the request out. */
  | 'broken'
  /** The connection could not be secured: a certificate that is not trusted, and the like. Trying again does not help. */
  | 'tls'
  /** What came is not HTTP. */
  | 'garbled'
  /** The transport was closed before. */
  | 'closed'
  /** A file that the connection needs cannot be read. */
  | 'configuration'

/** A request without an answer; what the callers of this package see of it is a ClientError. */
export class TransportFailure extends Error {
  override readonly name = 'TransportFailure'
  readonly kind: TransportFailureKind

  constructor(kind: TransportFailureKind, message: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
  }
}

/** Sends requests over connections that are kept. */
export interface HttpTransport {
  /** @throws TransportFailure, or the signal's reason; while the body is read as well */
  request(request: HttpRequest): Promise<HttpResponse>
  /** Requests under way fail. Idempotent. */
  close(): Promise<void>
}
