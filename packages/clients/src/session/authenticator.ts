import { createHash } from 'node:crypto'
import type { Clock } from '@micronova/lifecycle'
import { ClientError } from '../errors.js'
import { describeRefusal } from '../http/describe-refusal.js'
import type { HttpSender } from '../http/http-sender.js'
import { largestBodyBytes, largestRefusalBytes, readBeginning, readText } from '../http/read-body.js'
import { authRequest, type Credentials } from './credentials.js'
import { type Access, CachedTokens, parseAccess, type TokenSource } from './token-source.js'

export interface AuthenticatorDeps {
  readonly clock: Clock
  readonly userAgent: string
}

/** Gets tokens from Keystone. Whoever has equal credentials shares them. */
export class Authenticator {
  readonly #deps: AuthenticatorDeps
  /** By a digest, so that no password is kept as a key. */
  readonly #sources = new Map<string, TokenSource>()

  constructor(deps: AuthenticatorDeps) {
    this.#deps = deps
  }

  /** @param sender of the first one who has these credentials: its certificates and its log are used */
  tokensOf(credentials: Credentials, sender: HttpSender, timeLimitMs: number): TokenSource {
    const key = createHash('sha256').update(JSON.stringify(credentials)).digest('hex')
    const known = this.#sources.get(key)
    if (known !== undefined) return known
    const { clock, userAgent } = this.#deps
    const source = new CachedTokens({ clock, authenticate: () => authenticate(credentials, { sender, timeLimitMs, userAgent }) })
    this.#sources.set(key, source)
    return source
  }
}

const path = '/v3/auth/tokens'

/** Keystone being restarted must not fail what Nova does; this is tried even where a service has no retries. */
const retries = { connectRetries: 2, connectDelayMs: null, statusRetries: 2, statusDelayMs: null }

async function authenticate(
  credentials: Credentials,
  { sender, timeLimitMs, userAgent }: { readonly sender: HttpSender; readonly timeLimitMs: number; readonly userAgent: string },
): Promise<Access> {
  const named = { service: 'identity', method: 'POST', path }
  const headers = { 'User-Agent': userAgent, Accept: 'application/json', 'Content-Type': 'application/json' }
  const body = JSON.stringify(authRequest(credentials))
  const url = () => `${credentials.identityUrl}/auth/tokens`
  const outgoing = {
    named,
    method: 'POST',
    url,
    headers,
    body,
    signal: undefined,
    timeLimitMs,
    retries,
    isSecret: true,
    isRepeatable: true,
  }
  return sender.send(outgoing, async ({ status, headers, body }) => {
    if (status !== 201) throw describeRefusal(named, { status, headers, text: await readBeginning(body, largestRefusalBytes) })
    return parseAccess(headers['x-subject-token'], jsonOf(await readText(body, largestBodyBytes)))
  })
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (err) {
    throw new ClientError('bad_response', 'Keystone answered with what is no JSON', {}, { cause: err })
  }
}
