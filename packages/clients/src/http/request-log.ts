import { createHash } from 'node:crypto'
import { type Logger, maskSecrets } from '@micronova/log'
import type { HttpRequest } from './transport.js'

/** Longer bodies are cut in the log. */
const longestBody = 4_096

/**
 * Writes requests and answers to the log at level DEBUG, as keystoneauth does: all under one name, or, with `split_loggers`, each part
 * under a name of its own. Tokens are shown as their SHA-256, so that two can be told apart; other secrets are masked.
 *
 * @see keystoneauth1 5.0.0, `session.py`, `_http_log_request`
 */
export class RequestLog {
  readonly #request: Logger
  readonly #response: Logger
  readonly #body: Logger
  readonly #requestId: Logger

  /** @param log `keystoneauth.session` */
  constructor(log: Logger, isSplit: boolean) {
    const child = (name: string) => (isSplit ? log.child(name) : log)
    this.#request = child('request')
    this.#response = child('response')
    this.#body = child('body')
    this.#requestId = child('request-id')
  }

  request({ method, url, headers, body }: HttpRequest): void {
    if (!this.#request.isEnabled('DEBUG')) return
    const shown = Object.entries(headers).map(([name, value]) => `-H "${name}: ${shownHeader(name, value)}"`)
    const data = typeof body === 'string' ? [`-d '${shownBody(body)}'`] : []
    this.#request.debug(['REQ: curl -g -i -X', method, url, ...shown, ...data].join(' '))
  }

  response(status: number, headers: Readonly<Record<string, string>>): void {
    if (!this.#response.isEnabled('DEBUG')) return
    const shown = Object.entries(headers).map(([name, value]) => `${name}: ${shownHeader(name, value)}`)
    this.#response.debug(`RESP: [${status}] ${shown.join(' ')}`)
  }

  body(text: string): void {
    if (text !== '' && this.#body.isEnabled('DEBUG')) this.#body.debug(`RESP BODY: ${shownBody(text)}`)
  }

  requestId(service: string, { method, url }: HttpRequest, headers: Readonly<Record<string, string>>): void {
    const id = headers['x-openstack-request-id'] ?? headers['x-compute-request-id']
    if (id !== undefined && this.#requestId.isEnabled('DEBUG'))
      this.#requestId.debug(`${method} call to ${service} for ${url} used request id ${id}`)
  }

  /** A try that failed and is not the last one. */
  retry(service: string, reason: string, delayMs: number): void {
    this.#request.info(`${service}: ${reason}. Retrying in ${(delayMs / 1000).toFixed(1)}s.`)
  }
}

const secretHeaders = new Set(['x-auth-token', 'x-service-token', 'x-subject-token', 'authorization'])

function shownHeader(name: string, value: string): string {
  return secretHeaders.has(name.toLowerCase()) ? `{SHA256}${createHash('sha256').update(value).digest('hex')}` : value
}

function shownBody(text: string): string {
  const masked = maskSecrets(text.length > longestBody ? text.slice(0, longestBody * 2) : text)
  return masked.length > longestBody ? `${masked.slice(0, longestBody)}...` : masked
}
