import { type Clock, follow } from '@micronova/lifecycle'
import { ClientError, type ClientErrorRequest } from '../errors.js'
import { readBeginning } from './read-body.js'
import type { RequestLog } from './request-log.js'
import type { RequestsInFlight } from './requests-in-flight.js'
import type { RestObserver } from './rest-observer.js'
import { growingDelayMs, type RetryPolicy } from './retry-policy.js'
import { type HttpRequest, type HttpResponse, type HttpTransport, TransportFailure } from './transport.js'

export interface HttpSenderDeps {
  readonly clock: Clock
  readonly transport: HttpTransport
  readonly log: RequestLog
  readonly inFlight?: RequestsInFlight
  readonly observer?: RestObserver | undefined
}

/** A request, and what may be done for it to succeed. */
export interface Outgoing {
  readonly named: ClientErrorRequest
  readonly method: string
  /** Of one attempt: services with several addresses are asked in turn. */
  url(attempt: number): string
  readonly headers: Readonly<Record<string, string>>
  readonly body: HttpRequest['body']
  readonly signal: AbortSignal | undefined
  /** Of one attempt, up to the end of `read`. While data is streamed to the service it begins anew with each piece. */
  readonly timeLimitMs: number
  readonly retries: RetryPolicy
  /** Of the request on whose behalf it is made. */
  readonly requestId?: string
  /** Doing it twice does no harm. Default: unless it is a POST or a PATCH. */
  readonly isRepeatable?: boolean
  /** Bodies are written to the log unless they are secret as a whole. */
  readonly isSecret?: boolean
}

/** Further than that no redirection is followed. */
const mostRedirects = 5

/** Why an attempt ended: its time was up. */
const timeIsUp = Symbol('time is up')

/** Sends a request until there is an answer or its retries are used up. An answer of any status is one, except 503 while retries are left. */
export class HttpSender {
  readonly #deps: HttpSenderDeps

  constructor(deps: HttpSenderDeps) {
    this.#deps = deps
  }

  /**
   * @param read reads what it needs of the answer, within the time limit
   * @throws ClientError `unreachable`, `timeout`, `configuration`, `rejected` (a redirection to elsewhere), what `read` throws; the signal's reason
   */
  async send<T>(outgoing: Outgoing, read: (response: HttpResponse) => Promise<T>): Promise<T> {
    const inFlight = this.#deps.inFlight?.begin(outgoing.named, outgoing.requestId ?? null)
    try {
      return await this.#retrying(outgoing, read, (attempt) => {
        if (inFlight !== undefined) inFlight.attempt = attempt
      })
    } finally {
      inFlight?.end()
    }
  }

  async #retrying<T>(outgoing: Outgoing, read: (response: HttpResponse) => Promise<T>, begun: (attempt: number) => void): Promise<T> {
    const { retries, signal } = outgoing
    const used = { connect: 0, status: 0 }
    for (let attempt = 0; ; attempt += 1) {
      begun(attempt)
      const outcome = await this.#attempt(outgoing, attempt, used.status < retries.statusRetries, read)
      if (outcome.kind === 'done') return outcome.value
      const isStatus = outcome.kind === 'unavailable'
      if (!isStatus && used.connect >= retries.connectRetries) throw outcome.err
      const delayMs = isStatus
        ? (retries.statusDelayMs ?? growingDelayMs(used.status))
        : (retries.connectDelayMs ?? growingDelayMs(used.connect))
      used[isStatus ? 'status' : 'connect'] += 1
      this.#deps.log.retry(outgoing.named.service, isStatus ? 'it answered 503' : outcome.err.message, delayMs)
      await this.#deps.clock.sleep(delayMs, signal)
    }
  }

  async #attempt<T>(
    outgoing: Outgoing,
    attempt: number,
    retries503: boolean,
    read: (response: HttpResponse) => Promise<T>,
  ): Promise<{ kind: 'done'; value: T } | { kind: 'unavailable' } | { kind: 'failed'; err: ClientError }> {
    outgoing.signal?.throwIfAborted()
    const ending = new AbortController()
    const unfollow = outgoing.signal === undefined ? () => {} : follow(ending, outgoing.signal)
    const limited = () => this.#deps.clock.setTimer(outgoing.timeLimitMs, () => ending.abort(timeIsUp))
    let timer = limited()
    const body = new OnceBody(outgoing.body, () => {
      timer.cancel()
      timer = limited()
    })
    try {
      const response = await this.#follow(outgoing, outgoing.url(attempt), body, ending.signal)
      if (response.status === 503 && retries503 && !body.isUsed) {
        await readBeginning(response.body, 4096)
        return { kind: 'unavailable' }
      }
      return { kind: 'done', value: await read(response) }
    } catch (err) {
      const failure = clientErrorOf(outgoing, err)
      if (body.isUsed || !mayRepeat(outgoing, err)) throw failure
      return { kind: 'failed', err: failure }
    } finally {
      timer.cancel()
      unfollow()
    }
  }

  async #follow(outgoing: Outgoing, first: string, body: OnceBody, signal: AbortSignal): Promise<HttpResponse> {
    let url = first
    for (let redirects = 0; ; redirects += 1) {
      const request = { method: outgoing.method, url, headers: outgoing.headers, body: body.take(), signal }
      this.#deps.log.request(outgoing.isSecret === true ? { ...request, body: null } : request)
      const response = await this.#request(outgoing.named.service, request)
      this.#deps.log.response(response.status, response.headers)
      this.#deps.log.requestId(outgoing.named.service, request, response.headers)
      const location = response.headers['location']
      if (!redirections.has(response.status) || location === undefined) return response
      response.body.destroy()
      url = redirected(outgoing, url, location, redirects, body)
    }
  }

  async #request(service: string, request: HttpRequest): Promise<HttpResponse> {
    const { transport, observer, clock } = this.#deps
    if (observer === undefined) return transport.request(request)
    const begunMs = clock.monotonicMs()
    const ended = (status: number | null) =>
      observer.requested({ service, method: request.method, status, durationMs: clock.monotonicMs() - begunMs })
    try {
      const response = await transport.request(request)
      ended(response.status)
      return response
    } catch (err) {
      ended(null)
      throw err
    }
  }
}

const redirections = new Set([301, 302, 303, 307, 308])

/** A redirection keeps method and body. The token must not leave the host that it was meant for. */
function redirected(outgoing: Outgoing, from: string, location: string, redirects: number, body: OnceBody): string {
  const refuse = (why: string) => new ClientError('rejected', `${outgoing.named.service} ${why}`, outgoing.named)
  if (redirects >= mostRedirects) throw refuse(`redirected the request more than ${mostRedirects} times`)
  if (!URL.canParse(location, from)) throw refuse('redirected the request to what is no address')
  const [old, next] = [new URL(from), new URL(location, from)]
  if (next.hostname !== old.hostname || (next.protocol !== old.protocol && next.protocol !== 'https:'))
    throw refuse(`redirected the request to another host, ${next.host}: it is not followed with a token`)
  if (body.isUsed) throw refuse('redirected a request whose data was sent already')
  return next.href
}

/** Data that is streamed can be sent only once. */
class OnceBody {
  readonly #body: HttpRequest['body']
  readonly #onPiece: () => void
  isUsed = false

  constructor(body: HttpRequest['body'], onPiece: () => void) {
    this.#body = body
    this.#onPiece = onPiece
  }

  take(): HttpRequest['body'] {
    const body = this.#body
    if (body === null || typeof body === 'string') return body
    const sent = () => {
      this.isUsed = true
      this.#onPiece()
    }
    return (async function* () {
      for await (const piece of body) {
        sent()
        yield piece
      }
    })()
  }
}

/** Without a connection the service got nothing. Otherwise a request may be repeated if doing it twice is the same as once. */
function mayRepeat({ method, isRepeatable = method !== 'POST' && method !== 'PATCH' }: Outgoing, err: unknown): boolean {
  if (!(err instanceof TransportFailure)) return false
  return err.kind === 'not_connected' || (err.kind === 'broken' && isRepeatable)
}

function clientErrorOf({ named, timeLimitMs, signal }: Outgoing, err: unknown): ClientError {
  if (err instanceof ClientError) {
    const { code, message, status, serviceCode, detail, responseRequestId } = err
    if (err.path !== null) return err
    const known = { ...(status !== null && { status }), ...(serviceCode !== null && { serviceCode }), ...(detail !== null && { detail }) }
    return new ClientError(code, `${named.service}: ${message}`, {
      ...named,
      ...known,
      ...(responseRequestId !== null && { responseRequestId }),
    })
  }
  const about = `${named.service} for ${named.method} ${named.path}`
  if (err === timeIsUp) return new ClientError('timeout', `no answer from ${about} within ${timeLimitMs} ms`, named)
  if (signal?.aborted) throw signal.reason
  if (!(err instanceof TransportFailure)) throw err
  if (err.kind === 'configuration') return new ClientError('configuration', err.message, named, { cause: err })
  if (err.kind === 'garbled') return new ClientError('bad_response', `${about}: what came is not HTTP`, named, { cause: err })
  return new ClientError('unreachable', `no answer from ${about}: ${err.message}`, named, { cause: err })
}
