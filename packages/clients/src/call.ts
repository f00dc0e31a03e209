/** Governs one call of a service. */
export interface CallOptions {
  /** Aborts the call, retries included. Each attempt has a time limit of its own besides. */
  readonly signal?: AbortSignal
}

/**
 * Whose rights a request has.
 * - `user`: the token of the context; the service's own credentials if the context is an administrator's without a token, as in
 *   periodic tasks. Anybody else without a token is refused with `no_credentials`.
 * - `admin`: the service's own credentials, `[neutron]` or `[cinder]`.
 *
 * @see nova 26.2.2, `network/neutron.py`, `_get_auth_plugin`
 */
export type Auth = 'user' | 'admin'

export interface AuthCallOptions extends CallOptions {
  /** Default: `user`. */
  readonly auth?: Auth
}
