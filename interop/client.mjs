// A small client of the cloud's REST faces: a token, requests with a deadline, an error that says what was asked and what came.

/** A request that was answered with something else than success. `status` 0: no answer came. */
export class RequestFailed extends Error {
  name = 'RequestFailed'
  /**
   * @param {string} request method and URL
   * @param {number} status HTTP status
   * @param {unknown} body what came with it
   */
  constructor(request, status, body, options) {
    super(`${request}: ${status || 'no answer'} ${text(body)}`, options)
    this.status = status
    this.body = body
  }
}

function text(body) {
  const message = body && typeof body === 'object' ? Object.values(body)[0]?.message : undefined
  return String(message ?? (typeof body === 'string' ? body : JSON.stringify(body))).slice(0, 400)
}

const TIMEOUT_MS = 90_000
const NOVA_MICROVERSION = '2.90'

export class Client {
  #settings
  #token = ''
  #project = ''

  /** @param settings what `cloud.sh settings` prints */
  constructor(settings) {
    this.#settings = settings
  }

  /** Fetches a token of the administrator; it outlives any run. */
  async login() {
    const { password } = this.#settings
    const response = await fetch(`${this.#settings.identityUrl}/auth/tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        auth: {
          identity: { methods: ['password'], password: { user: { name: 'admin', domain: { name: 'Default' }, password } } },
          scope: { project: { name: 'admin', domain: { name: 'Default' } } },
        },
      }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    const token = response.headers.get('x-subject-token')
    if (!token) throw new RequestFailed('POST /v3/auth/tokens', response.status, await response.text())
    this.#token = token
    this.#project = (await response.json()).token.project.id
  }

  /**
   * @param {string} service key of the settings' ports
   * @param {string} method
   * @param {string} path with its version prefix
   * @param {{ body?: unknown, headers?: Record<string, string>, allow?: readonly number[], timeoutMs?: number }} [options]
   *   `allow`: statuses besides 2xx that are no error
   * @returns {Promise<{ status: number, body: any, headers: Headers }>}
   */
  async request(service, method, path, { body, headers = {}, allow = [], timeoutMs = TIMEOUT_MS } = {}) {
    const raw = body instanceof Uint8Array
    const name = `${method} ${service} ${path}`
    let response
    let answer
    try {
      response = await fetch(`http://127.0.0.1:${this.#settings.ports[service]}${path}`, {
        method,
        headers: {
          accept: 'application/json',
          'x-auth-token': this.#token,
          ...(body !== undefined && !raw && { 'content-type': 'application/json' }),
          ...headers,
        },
        body: body === undefined || raw ? body : JSON.stringify(body),
        signal: AbortSignal.timeout(timeoutMs),
      })
      answer = parse(await response.text())
    } catch (cause) {
      throw new RequestFailed(name, 0, cause.cause?.message ?? cause.message, { cause })
    }
    if (!response.ok && !allow.includes(response.status)) throw new RequestFailed(name, response.status, answer)
    return { status: response.status, body: answer, headers: response.headers }
  }

  /** nova-api; `microversion` defaults to one that Zed's newest clients ask for. */
  async nova(method, path, body, { microversion = NOVA_MICROVERSION, ...options } = {}) {
    const headers = { 'openstack-api-version': `compute ${microversion}` }
    return this.request('nova-api', method, `/v2.1${path}`, { ...options, body, headers })
  }

  async neutron(method, path, body, options) {
    return this.request('neutron', method, `/v2.0${path}`, { ...options, body })
  }

  async placement(method, path, body, options) {
    return this.request('placement', method, path, { ...options, body, headers: { 'openstack-api-version': 'placement 1.39' } })
  }

  async glance(method, path, body, options) {
    return this.request('glance', method, `/v2${path}`, { ...options, body })
  }

  /** Cinder; the project is that of the token. Microversion 3.60 names the attachments of a volume. */
  async cinder(method, path, body, options) {
    const headers = { 'openstack-api-version': 'volume 3.60' }
    return this.request('cinder', method, `/v3/${this.#project}${path}`, { ...options, body, headers })
  }

  async keystone(method, path, body, options) {
    return this.request('keystone', method, `/v3${path}`, { ...options, body })
  }
}

function parse(content) {
  if (content === '') return null
  try {
    return JSON.parse(content)
  } catch {
    return content
  }
}
