import type { Clock } from '@micronova/lifecycle'
import { ClientError } from '../errors.js'
import { type Catalogue, parseCatalogue } from './catalogue.js'
import { unlessAborted } from './unless-aborted.js'

/** A token, and what came with it. */
export interface Access {
  readonly token: string
  readonly catalogue: Catalogue
  readonly projectId: string | null
  readonly userId: string | null
  /** How long it is good for from its issue on. */
  readonly lifetimeMs: number
}

/** Where the tokens of one set of credentials come from. */
export interface TokenSource {
  /** The present token, or a new one. */
  get(signal?: AbortSignal): Promise<Access>
  /** A service refused `token`: it is not given out again. */
  invalidate(token: string): void
}

/** A token is renewed this long before it ends, so that what is done with it can be finished. As keystoneauth does. */
const renewBeforeEndMs = 120_000

export interface CachedTokensDeps {
  readonly clock: Clock
  /** Asks Keystone for a token; has a time limit of its own. */
  authenticate(): Promise<Access>
}

/** Keeps a token for as long as it is good. However many ask, one request for a token is under way at a time. */
export class CachedTokens implements TokenSource {
  readonly #deps: CachedTokensDeps
  #access: Access | null = null
  #renewAtMs = 0
  #pending: Promise<Access> | null = null

  constructor(deps: CachedTokensDeps) {
    this.#deps = deps
  }

  async get(signal?: AbortSignal): Promise<Access> {
    signal?.throwIfAborted()
    if (this.#access !== null && this.#deps.clock.monotonicMs() < this.#renewAtMs) return this.#access
    this.#pending ??= this.#renew().finally(() => {
      this.#pending = null
    })
    return unlessAborted(this.#pending, signal)
  }

  async #renew(): Promise<Access> {
    const startedMs = this.#deps.clock.monotonicMs()
    const access = await this.#deps.authenticate()
    // A token that does not live long is used for half of its life.
    const margin = Math.min(renewBeforeEndMs, access.lifetimeMs / 2)
    this.#renewAtMs = startedMs + access.lifetimeMs - margin
    this.#access = access
    return access
  }

  /** Another token than the present one was replaced already. */
  invalidate(token: string): void {
    if (this.#access?.token === token) this.#access = null
  }
}

/**
 * The token in an answer of `POST /v3/auth/tokens`.
 *
 * @throws ClientError `bad_response`
 */
export function parseAccess(subjectToken: string | undefined, body: unknown): Access {
  const token = field(body, 'token')
  const [issued, expires] = [Date.parse(String(field(token, 'issued_at'))), Date.parse(String(field(token, 'expires_at')))]
  if (!subjectToken || Number.isNaN(issued) || Number.isNaN(expires))
    throw new ClientError('bad_response', 'Keystone answered without a token', { service: 'identity' })
  return {
    token: subjectToken,
    catalogue: parseCatalogue(field(token, 'catalog')),
    projectId: textOf(field(field(token, 'project'), 'id')),
    userId: textOf(field(field(token, 'user'), 'id')),
    lifetimeMs: Math.max(0, expires - issued),
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Object.entries(value).find(([key]) => key === name)?.[1] : undefined
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
