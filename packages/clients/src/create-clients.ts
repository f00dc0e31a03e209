import type { Clock, Random } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import { RestCinder } from './cinder/rest-cinder.js'
import type { Clients } from './clients.js'
import { ClientError } from './errors.js'
import { RestGlance } from './glance/rest-glance.js'
import { HttpSender } from './http/http-sender.js'
import { NodeTransport } from './http/node-transport.js'
import { RequestLog } from './http/request-log.js'
import { RequestsInFlight } from './http/requests-in-flight.js'
import type { RestObserver } from './http/rest-observer.js'
import { type RetryPolicy, retryPolicy } from './http/retry-policy.js'
import type { ConnectionSettings, HttpTransport } from './http/transport.js'
import { RestKeystone } from './keystone/rest-keystone.js'
import { RestNeutron } from './neutron/rest-neutron.js'
import type { ClientsSettings } from './options.js'
import { RestPlacement } from './placement/rest-placement.js'
import { RestService, type RestServiceOptions } from './rest/rest-service.js'
import { endpointFilter } from './session/adapter-endpoint.js'
import { Authenticator } from './session/authenticator.js'
import type { EndpointFilter } from './session/catalogue.js'
import { type Credentials, identityRoot } from './session/credentials.js'
import { Identities } from './session/identity.js'
import type { AdapterSection, SessionSection } from './session/options.js'
import type { TokenSource } from './session/token-source.js'

export interface ClientsDeps {
  readonly clock: Clock
  readonly random: Random
  /** `keystoneauth`: requests and answers are written below it. */
  readonly log: Logger
  readonly observer?: RestObserver | undefined
  /** Default: HTTP/1.1 by Node's own client. */
  readonly createTransport?: (settings: ConnectionSettings) => HttpTransport
}

export interface ClientsOptions {
  readonly settings: ClientsSettings
  /** Name and version of the program, for the header User-Agent: `nova-compute/26.2.2`. */
  readonly program: string
}

/** Without `timeout` requests of Nova wait for ever. Neutron at its slowest answers within a minute. */
const defaultTimeLimitMs = 120_000
const defaultConnectTimeoutMs = 10_000

/** A piece of image data may wait for a slow disk of Glance. */
const dataSilenceMs = 300_000

/** The clients of a process. Nothing is connected before the first request. */
export function createClients(deps: ClientsDeps, { settings, program }: ClientsOptions): Clients {
  const { placement, neutron, glance, cinder, serviceUser, limits } = settings
  const parts = new Parts(deps, `${program} micronova node/${process.versions.node}`)
  if (serviceUser.isSent && serviceUser.credentials === null)
    deps.log.warning('[service_user] send_service_user_token is set without auth_type: no token of this service is sent')
  const serviceTokens = parts.tokens(serviceUser.credentials, serviceUser.session)
  const tokensFor = (service: { readonly credentials: Credentials | null; readonly session: SessionSection }, name: string) =>
    new Identities({ own: parts.tokens(service.credentials, service.session), serviceUser: serviceTokens }, name)

  const cinderFilter = cinderEndpoint(settings.cinder.options)
  const cinderTokens = tokensFor(cinder, cinderFilter.serviceType)
  const cinderRest = (root: (endpoint: string) => string) =>
    parts.rest(cinder.session, {
      filter: cinderFilter,
      overrides: cinder.options.endpoint_template === null ? [] : [cinder.options.endpoint_template],
      root,
      retries: plainRetries(cinder.options.http_retries),
      accept: 'application/json',
    })
  return {
    placement:
      placement.credentials === null
        ? null
        : new RestPlacement(
            parts.rest(placement.session, {
              ...adapterEndpoint(placement.adapter),
              root: (endpoint) => endpoint,
              retries: retryPolicy(placement.adapter, { connectRetries: 0 }),
              accept: 'application/json',
              requestIdHeader: 'X-Openstack-Request-Id',
            }),
            tokensFor(placement, placement.adapter.service_type),
          ),
    neutron:
      neutron.credentials === null
        ? null
        : new RestNeutron(
            parts.rest(neutron.session, {
              ...adapterEndpoint(neutron.adapter),
              root: (endpoint) => endpoint.replace(/\/v2\.0\/?$/, ''),
              retries: retryPolicy(neutron.adapter, { connectRetries: neutron.options.http_retries }),
              accept: 'application/json',
            }),
            tokensFor(neutron, neutron.adapter.service_type),
            deps.clock,
            { extensionsMs: neutron.options.extension_sync_interval * 1000 },
          ),
    glance: new RestGlance(
      parts.rest(glance.session, {
        ...adapterEndpoint(glance.adapter),
        ...(glance.options.api_servers.length > 0 && { overrides: rotated(glance.options.api_servers, deps.random) }),
        root: (endpoint) => endpoint.replace(/\/v\d+(\.\d+)?\/?$/, ''),
        retries: glanceRetries(glance.options.num_retries),
        accept: '*/*',
      }),
      new Identities({ own: null, serviceUser: serviceTokens }, glance.adapter.service_type),
      deps.clock,
      { silenceMs: dataSilenceMs },
    ),
    cinder: new RestCinder(cinderRest(volumeRoot), cinderRest(versionsRoot), cinderTokens),
    keystone:
      limits === null
        ? null
        : new RestKeystone(
            parts.rest(limits.session, {
              ...adapterEndpoint(limits.adapter),
              root: identityRoot,
              retries: retryPolicy(limits.adapter, { connectRetries: 2 }), // as for tokens
              accept: 'application/json',
            }),
            tokensFor(limits, limits.adapter.service_type),
            limits.endpointId,
          ),
    inFlight: () => parts.inFlight.report(),
    close: () => parts.close(),
  }
}

/** What the clients share: connections, tokens. */
export class Parts {
  readonly #deps: ClientsDeps
  readonly #userAgent: string
  readonly #authenticator: Authenticator
  readonly #transports = new Map<string, HttpTransport>()
  readonly inFlight: RequestsInFlight

  constructor(deps: ClientsDeps, userAgent: string) {
    this.#deps = deps
    this.#userAgent = userAgent
    this.inFlight = new RequestsInFlight(deps.clock)
    this.#authenticator = new Authenticator({ clock: deps.clock, userAgent })
  }

  tokens(credentials: Credentials | null, session: SessionSection): TokenSource | null {
    return credentials === null ? null : this.#authenticator.tokensOf(credentials, this.#sender(session), timeLimitMs(session))
  }

  rest(
    session: SessionSection,
    options: Omit<RestServiceOptions, 'service' | 'timeLimitMs' | 'requestIdHeader'> & Partial<RestServiceOptions>,
  ): RestService {
    const deps = { sender: this.#sender(session), log: this.#log(session), userAgent: this.#userAgent }
    const service = options.filter.serviceType
    return new RestService(deps, { service, timeLimitMs: timeLimitMs(session), requestIdHeader: 'X-OpenStack-Request-ID', ...options })
  }

  #log(session: SessionSection): RequestLog {
    return new RequestLog(this.#deps.log.child('session'), session.split_loggers)
  }

  #sender(session: SessionSection): HttpSender {
    const { clock, observer } = this.#deps
    return new HttpSender({ clock, observer, inFlight: this.inFlight, transport: this.#transport(session), log: this.#log(session) })
  }

  /** Services with equal settings share connections: behind one address there may be several of them. */
  #transport({ cafile, certfile, keyfile, insecure, timeout }: SessionSection): HttpTransport {
    const connectTimeoutMs = timeout === null || timeout <= 0 ? defaultConnectTimeoutMs : timeout * 1000
    const settings = { cafile, certfile, keyfile, insecure, connectTimeoutMs }
    const key = JSON.stringify(settings)
    const transport = this.#transports.get(key) ?? this.#deps.createTransport?.(settings) ?? new NodeTransport(this.#deps.clock, settings)
    this.#transports.set(key, transport)
    return transport
  }

  async close(): Promise<void> {
    await Promise.all([...this.#transports.values()].map((transport) => transport.close()))
  }
}

function timeLimitMs({ timeout }: SessionSection): number {
  return timeout === null || timeout <= 0 ? defaultTimeLimitMs : timeout * 1000
}

export function adapterEndpoint(adapter: AdapterSection): { readonly filter: EndpointFilter; readonly overrides: readonly string[] } {
  const overrides = adapter.endpoint_override === null ? [] : [adapter.endpoint_override]
  return { filter: endpointFilter(adapter), overrides }
}

/** `volumev3::publicURL`: type, name, interface. */
export function cinderEndpoint({ catalog_info, os_region_name }: ClientsSettings['cinder']['options']): EndpointFilter {
  const [serviceType = '', serviceName = '', endpoint = ''] = catalog_info.split(':')
  return { serviceType, serviceName: serviceName === '' ? null : serviceName, interfaces: [endpoint], region: os_region_name }
}

function volumeRoot(endpoint: string): string {
  if (/\/v3(\/|$)/.test(endpoint)) return endpoint
  throw new ClientError('unsupported_version', 'the address of Cinder is not one of its API v3', { service: 'volumev3' })
}

export function versionsRoot(endpoint: string): string {
  return volumeRoot(endpoint).replace(/\/v3(\/.*)?$/, '')
}

function plainRetries(connectRetries: number): RetryPolicy {
  return { connectRetries, connectDelayMs: null, statusRetries: 0, statusDelayMs: null }
}

/** @see nova 26.2.2, `image/glance.py`, `GlanceClientWrapper.call` */
function glanceRetries(retries: number): RetryPolicy {
  return { connectRetries: retries, connectDelayMs: 1000, statusRetries: retries, statusDelayMs: 1000 }
}

/** From a random one on, so that the hosts of a cloud do not all ask the same one. */
function rotated(servers: readonly string[], random: Random): readonly string[] {
  const start = Math.floor(random.next() * servers.length)
  return [...servers.slice(start), ...servers.slice(0, start)]
}
