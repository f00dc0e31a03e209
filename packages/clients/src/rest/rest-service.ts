import type { RequestContext } from '@micronova/model'
import { ClientError } from '../errors.js'
import type { ImageData } from '../glance/types.js'
import { describeRefusal } from '../http/describe-refusal.js'
import type { HttpSender, Outgoing } from '../http/http-sender.js'
import { largestBodyBytes, largestRefusalBytes, readBeginning, readText } from '../http/read-body.js'
import type { RequestLog } from '../http/request-log.js'
import type { RetryPolicy } from '../http/retry-policy.js'
import type { HttpResponse } from '../http/transport.js'
import { type EndpointFilter, findEndpoint } from '../session/catalogue.js'
import type { Identity, IdentityTokens } from '../session/identity.js'

export interface RestServiceDeps {
  readonly sender: HttpSender
  readonly log: RequestLog
  readonly userAgent: string
}

/** What all requests to one service have in common. */
export interface RestServiceOptions {
  /** Named in errors and logs: the service type. */
  readonly service: string
  readonly filter: EndpointFilter
  /** Address in place of that of the catalogue; may hold `%(project_id)s` and `%(user_id)s`. Several are asked in turn. */
  readonly overrides: readonly string[]
  /** Makes the root to which paths are added of an address. */
  root(endpoint: string): string
  readonly retries: RetryPolicy
  readonly timeLimitMs: number
  readonly accept: string
  /** As the Python client of the service writes it. */
  readonly requestIdHeader: 'X-OpenStack-Request-ID' | 'X-Openstack-Request-Id'
}

export interface RestCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Begins with `/`; with its query, encoded. */
  readonly path: string
  readonly ctx: RequestContext | null
  /** null: no token. */
  readonly identity: Identity | null
  /** Made JSON of, unless it is a stream. */
  readonly body?: unknown
  readonly data?: ImageData
  readonly headers?: Readonly<Record<string, string>>
  /** 300 Multiple Choices is no refusal: its body tells what there is. */
  readonly choices?: boolean
  readonly signal?: AbortSignal | undefined
}

/** Sends requests to one service with a token, and makes errors of refusals. */
export class RestService {
  readonly #deps: RestServiceDeps
  readonly #options: RestServiceOptions

  constructor(deps: RestServiceDeps, options: RestServiceOptions) {
    this.#deps = deps
    this.#options = options
  }

  /**
   * The JSON of an answer; null for an empty one.
   *
   * @throws ClientError
   */
  async json(call: RestCall): Promise<unknown> {
    const text = await this.exchange(call, ({ body }) => readText(body, largestBodyBytes))
    this.#deps.log.body(text)
    if (text === '') return null
    try {
      return JSON.parse(text)
    } catch (err) {
      throw new ClientError('bad_response', `${this.#options.service} answered with what is no JSON`, this.#named(call), { cause: err })
    }
  }

  /** What `decode` makes of the JSON; what it throws says which request it was. */
  async decoded<T>(call: RestCall, decode: (body: unknown) => T): Promise<T> {
    const body = await this.json(call)
    try {
      return decode(body)
    } catch (err) {
      if (!(err instanceof ClientError)) throw err
      const { service, method, path } = this.#named(call)
      throw new ClientError(err.code, `${service} for ${method} ${path}: ${err.message}`, this.#named(call))
    }
  }

  /** For answers without a body, or whose body does not matter. */
  async none(call: RestCall): Promise<void> {
    await this.exchange(call, ({ body }) => readBeginning(body, largestRefusalBytes))
  }

  /** @param read gets an answer that is no refusal, and reads it within the time limit */
  async exchange<T>(call: RestCall, read: (response: HttpResponse) => Promise<T>): Promise<T> {
    const first = await this.#once(call, read, true)
    if ('value' in first) return first.value
    const second = await this.#once(call, read, false)
    if ('value' in second) return second.value
    throw second.refusal
  }

  /** A refused token is given back and asked for anew, once. Data that was sent cannot be sent again. */
  async #once<T>(
    call: RestCall,
    read: (response: HttpResponse) => Promise<T>,
    mayRenew: boolean,
  ): Promise<{ readonly value: T } | { readonly refusal: ClientError }> {
    const tokens = (await call.identity?.tokens(call.signal)) ?? null
    const outgoing = this.#outgoing(call, tokens)
    return this.#deps.sender.send(outgoing, async (response) => {
      if (response.status < 300 || (response.status === 300 && call.choices === true)) return { value: await read(response) }
      const text = await readBeginning(response.body, largestRefusalBytes)
      this.#deps.log.body(text)
      const refusal = describeRefusal(outgoing.named, { status: response.status, headers: response.headers, text })
      const renews = response.status === 401 && mayRenew && tokens !== null && call.data === undefined
      if (renews && call.identity?.renew(tokens)) return { refusal }
      throw refusal
    })
  }

  #named({ method, path }: RestCall) {
    return { service: this.#options.service, method, path }
  }

  #outgoing(call: RestCall, tokens: IdentityTokens | null): Outgoing {
    const { accept, requestIdHeader, retries, timeLimitMs } = this.#options
    const roots = this.#roots(tokens)
    const requestId = call.ctx === null ? {} : { [requestIdHeader]: call.ctx.globalRequestId ?? call.ctx.requestId }
    return {
      named: this.#named(call),
      method: call.method,
      url: (attempt) => `${roots[attempt % roots.length]}${call.path}`,
      headers: {
        'User-Agent': this.#deps.userAgent,
        Accept: accept,
        ...call.headers,
        ...(call.body !== undefined && call.headers?.['Content-Type'] === undefined && { 'Content-Type': 'application/json' }),
        ...requestId,
        ...(tokens !== null && { 'X-Auth-Token': tokens.token }),
        ...(tokens?.serviceToken && { 'X-Service-Token': tokens.serviceToken }),
      },
      body: call.data ?? (call.body === undefined ? null : JSON.stringify(call.body)),
      signal: call.signal,
      timeLimitMs,
      retries,
      ...(call.ctx !== null && { requestId: call.ctx.requestId }),
    }
  }

  /** Addresses without a slash at their end; at least one. */
  #roots(tokens: IdentityTokens | null): readonly string[] {
    const { service, overrides, filter, root } = this.#options
    const found = overrides.length === 0 && tokens !== null ? findEndpoint(tokens.catalogue(), filter) : null
    const endpoints = found === null ? overrides : [found]
    if (endpoints.length === 0) throw new ClientError('no_endpoint', this.#noEndpoint(), { service })
    return endpoints.map((endpoint) => {
      const url = root(filledIn(endpoint, tokens)).replace(/\/+$/, '')
      if (/^https?:\/\//.test(url) && URL.canParse(url)) return url
      throw new ClientError('no_endpoint', `the address of ${service} is no http address`, { service })
    })
  }

  #noEndpoint(): string {
    const { serviceType, serviceName, interfaces, region } = this.#options.filter
    const of = `${interfaces.join(' or ')} address of ${serviceName ?? serviceType}`
    return `the catalogue has no ${of}${region === null ? '' : ` in region ${region}`}`
  }
}

function filledIn(endpoint: string, tokens: IdentityTokens | null): string {
  const [project, user] = [tokens?.projectId ?? '', tokens?.userId ?? '']
  return endpoint.replaceAll(/%\((project|tenant)_id\)s/g, project).replaceAll('%(user_id)s', user)
}
