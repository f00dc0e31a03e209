/** Every `code` of this package. Switch on it; do not parse `message`. */
export type ClientErrorCode =
  /** 400 */
  | 'bad_request'
  /** 401 also with a token that was just made, or with the user's token, which cannot be renewed. */
  | 'unauthorized'
  /** 403 */
  | 'forbidden'
  /** 404 */
  | 'not_found'
  /** 409. `serviceCode` tells which: `placement.concurrent_update`, `IpAddressInUse`, ... */
  | 'conflict'
  /** A quota is used up: 413, or Neutron's 409 `OverQuota`. */
  | 'over_quota'
  /** Another status between 300 and 499. */
  | 'rejected'
  /** 500 and above, 503 after its retries. */
  | 'server_error'
  /** No connection, or it broke before the whole answer was there. The request may have been carried out. */
  | 'unreachable'
  /** No answer in time. The request may have been carried out. */
  | 'timeout'
  /** An answer that is not what the service should send: broken JSON, a list where an object belongs. */
  | 'bad_response'
  /** An answer larger than we read. */
  | 'too_large'
  /** Neither an override nor the catalogue names an address of the service. */
  | 'no_endpoint'
  /** The context has no token and the configuration no credentials for this service. */
  | 'no_credentials'
  /** The service does not know the microversion that is needed. */
  | 'unsupported_version'
  /** Options that contradict each other or that are not supported. */
  | 'configuration'

/** Who was asked for what. */
export interface ClientErrorRequest {
  /** `placement`, `network`, `image`, `volumev3`, `identity`: the configured service type. */
  readonly service: string
  readonly method: string
  /** With its query, without scheme, host and credentials. */
  readonly path: string
}

/** What is known of a failed request besides its code. */
export interface ClientErrorDetails extends Partial<ClientErrorRequest> {
  readonly status?: number
  /** The service's own name of the error: Placement's `code`, Neutron's `type`. */
  readonly serviceCode?: string
  /** The service's own sentence, or the beginning of the body; secrets masked. */
  readonly detail?: string
  /** `x-openstack-request-id` of the answer, to be found in the service's log. */
  readonly responseRequestId?: string
}

/**
 * Root of everything this package throws. A call that its own signal aborted rejects with the signal's reason instead.
 * Never holds a token or a password.
 */
export class ClientError extends Error {
  override readonly name = 'ClientError'
  readonly code: ClientErrorCode
  /** null where no answer came. */
  readonly status: number | null
  readonly service: string | null
  readonly method: string | null
  readonly path: string | null
  readonly serviceCode: string | null
  readonly detail: string | null
  readonly responseRequestId: string | null

  constructor(code: ClientErrorCode, message: string, details: ClientErrorDetails = {}, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.status = details.status ?? null
    this.service = details.service ?? null
    this.method = details.method ?? null
    this.path = details.path ?? null
    this.serviceCode = details.serviceCode ?? null
    this.detail = details.detail ?? null
    this.responseRequestId = details.responseRequestId ?? null
  }
}

/**
 * True for a ClientError with one of `codes`, or with any if none is given.
 *
 * @example if (isClientError(err, 'not_found')) return null
 */
export function isClientError(err: unknown, ...codes: readonly ClientErrorCode[]): err is ClientError {
  return err instanceof ClientError && (codes.length === 0 || codes.includes(err.code))
}
