import type { Clock } from '@micronova/lifecycle'
import type { RequestContext } from '@micronova/model'
import type { Auth, AuthCallOptions } from '../call.js'
import { type FieldKind, listIn, objectIn, objectWith } from '../rest/decode.js'
import type { RestCall, RestService } from '../rest/rest-service.js'
import type { Identities } from '../session/identity.js'
import { unlessAborted } from '../session/unless-aborted.js'
import type { NeutronClient, NeutronReadOptions } from './client.js'
import { listQueries } from './list-queries.js'
import type {
  Agent,
  Filters,
  FloatingIp,
  Network,
  Port,
  PortBinding,
  PortBindingBody,
  PortBody,
  Quota,
  SecurityGroup,
  Subnet,
} from './types.js'

export interface RestNeutronOptions {
  /** How long the list of extensions is good for. */
  readonly extensionsMs: number
}

/** Neutron over REST. @see python-neutronclient 8.1.0, `v2_0/client.py`; nova 26.2.2, `network/neutron.py` */
export class RestNeutron implements NeutronClient {
  readonly #rest: RestService
  readonly #identities: Identities
  readonly #clock: Clock
  readonly #options: RestNeutronOptions
  #extensions: { readonly aliases: Promise<ReadonlySet<string>>; readonly untilMs: number } | null = null

  constructor(rest: RestService, identities: Identities, clock: Clock, options: RestNeutronOptions) {
    this.#rest = rest
    this.#identities = identities
    this.#clock = clock
    this.#options = options
  }

  #call(ctx: RequestContext, method: RestCall['method'], path: string, options: AuthCallOptions | undefined, body?: unknown): RestCall {
    const identity = this.#identities.of(ctx, options?.auth ?? 'user')
    return { method, path: `/v2.0${path}`, ctx, identity, signal: options?.signal, ...(body !== undefined && { body }) }
  }

  /** All of a collection, page after page. With `fields` only those are there, so that nothing is asked of the items then. */
  async #list<T extends object>(
    ctx: RequestContext,
    collection: string,
    filters: Filters,
    options: NeutronReadOptions | undefined,
  ): Promise<readonly T[]> {
    const name = collection.replaceAll('-', '_')
    const found: T[] = []
    const queries = listQueries(filters, options?.fields).reverse()
    for (let query = queries.pop(); query !== undefined; query = queries.pop()) {
      const call = this.#call(ctx, 'GET', `/${collection}${query === '' ? '' : `?${query}`}`, options)
      const page = await this.#rest.decoded(call, (body) => ({
        items: listIn<T>(body, name, options?.fields === undefined ? { id: 'string' } : {}),
        next: nextQuery(body, name),
      }))
      found.push(...page.items)
      if (page.next !== null && page.next !== query) queries.push(page.next)
    }
    return found
  }

  #show<T extends object>(ctx: RequestContext, path: string, name: string, options: NeutronReadOptions | undefined): Promise<T> {
    const query = options?.fields === undefined ? '' : `?${listQueries({}, options.fields)[0]}`
    const fields: Record<string, FieldKind> = options?.fields === undefined ? { id: 'string' } : {}
    return this.#rest.decoded(this.#call(ctx, 'GET', `${path}${query}`, options), (body) => objectIn<T>(body, name, fields))
  }

  listPorts(ctx: RequestContext, filters: Filters, options?: NeutronReadOptions): Promise<readonly Port[]> {
    return this.#list(ctx, 'ports', filters, options)
  }

  async showPort(ctx: RequestContext, portId: string, options?: NeutronReadOptions): Promise<Port> {
    return this.#show(ctx, portPath(portId), 'port', options)
  }

  async createPort(ctx: RequestContext, port: PortBody, options?: AuthCallOptions): Promise<Port> {
    const call = this.#call(ctx, 'POST', '/ports', options, { port })
    return this.#rest.decoded(call, (body) => objectIn<Port>(body, 'port', { id: 'string' }))
  }

  async createPorts(ctx: RequestContext, ports: readonly PortBody[], options?: AuthCallOptions): Promise<readonly Port[]> {
    const call = this.#call(ctx, 'POST', '/ports', options, { ports })
    return this.#rest.decoded(call, (body) => listIn<Port>(body, 'ports', { id: 'string' }))
  }

  async updatePort(ctx: RequestContext, portId: string, port: PortBody, options?: AuthCallOptions): Promise<Port> {
    const call = this.#call(ctx, 'PUT', portPath(portId), options, { port })
    return this.#rest.decoded(call, (body) => objectIn<Port>(body, 'port', { id: 'string' }))
  }

  async deletePort(ctx: RequestContext, portId: string, options?: AuthCallOptions): Promise<void> {
    await this.#rest.none(this.#call(ctx, 'DELETE', portPath(portId), options))
  }

  async listPortBindings(ctx: RequestContext, portId: string, options?: AuthCallOptions): Promise<readonly PortBinding[]> {
    const call = this.#call(ctx, 'GET', `${portPath(portId)}/bindings`, options)
    return this.#rest.decoded(call, (body) => listIn<PortBinding>(body, 'bindings', { host: 'string' }))
  }

  async showPortBinding(ctx: RequestContext, portId: string, host: string, options?: AuthCallOptions): Promise<PortBinding> {
    const call = this.#call(ctx, 'GET', bindingPath(portId, host), options)
    return this.#rest.decoded(call, (body) => objectIn<PortBinding>(body, 'binding', { host: 'string' }))
  }

  async createPortBinding(ctx: RequestContext, portId: string, binding: PortBindingBody, options?: AuthCallOptions): Promise<PortBinding> {
    const call = this.#call(ctx, 'POST', `${portPath(portId)}/bindings`, options, { binding })
    return this.#rest.decoded(call, (body) => objectIn<PortBinding>(body, 'binding', { host: 'string' }))
  }

  /** Alone of all answers this one is not wrapped. */
  async activatePortBinding(ctx: RequestContext, portId: string, host: string, options?: AuthCallOptions): Promise<PortBinding> {
    const call = this.#call(ctx, 'PUT', `${bindingPath(portId, host)}/activate`, options)
    return this.#rest.decoded(call, (body) => objectWith<PortBinding>(body, 'a binding', { host: 'string' }))
  }

  async deletePortBinding(ctx: RequestContext, portId: string, host: string, options?: AuthCallOptions): Promise<void> {
    await this.#rest.none(this.#call(ctx, 'DELETE', bindingPath(portId, host), options))
  }

  listNetworks(ctx: RequestContext, filters: Filters, options?: NeutronReadOptions): Promise<readonly Network[]> {
    return this.#list(ctx, 'networks', filters, options)
  }

  async showNetwork(ctx: RequestContext, networkId: string, options?: NeutronReadOptions): Promise<Network> {
    return this.#show(ctx, `/networks/${segment(networkId)}`, 'network', options)
  }

  listSubnets(ctx: RequestContext, filters: Filters, options?: NeutronReadOptions): Promise<readonly Subnet[]> {
    return this.#list(ctx, 'subnets', filters, options)
  }

  async showSubnet(ctx: RequestContext, subnetId: string, options?: NeutronReadOptions): Promise<Subnet> {
    return this.#show(ctx, `/subnets/${segment(subnetId)}`, 'subnet', options)
  }

  listFloatingIps(ctx: RequestContext, filters: Filters, options?: NeutronReadOptions): Promise<readonly FloatingIp[]> {
    return this.#list(ctx, 'floatingips', filters, options)
  }

  async showFloatingIp(ctx: RequestContext, floatingIpId: string, options?: NeutronReadOptions): Promise<FloatingIp> {
    return this.#show(ctx, `/floatingips/${segment(floatingIpId)}`, 'floatingip', options)
  }

  async updateFloatingIp(
    ctx: RequestContext,
    floatingIpId: string,
    changes: { readonly port_id: string | null; readonly fixed_ip_address?: string },
    options?: AuthCallOptions,
  ): Promise<FloatingIp> {
    const call = this.#call(ctx, 'PUT', `/floatingips/${segment(floatingIpId)}`, options, { floatingip: changes })
    return this.#rest.decoded(call, (body) => objectIn<FloatingIp>(body, 'floatingip', { id: 'string' }))
  }

  async autoAllocatedNetwork(ctx: RequestContext, projectId: string, options?: AuthCallOptions): Promise<string> {
    const call = this.#call(ctx, 'GET', `/auto-allocated-topology/${segment(projectId)}`, options)
    const name = 'auto_allocated_topology'
    return this.#rest.decoded(call, (body) => objectIn<{ readonly id: string }>(body, name, { id: 'string' }).id)
  }

  listSecurityGroups(ctx: RequestContext, filters: Filters, options?: NeutronReadOptions): Promise<readonly SecurityGroup[]> {
    return this.#list(ctx, 'security-groups', filters, options)
  }

  /** Asked for once by all who need it at the same time; a failure is not kept. */
  async extensions(ctx: RequestContext, options?: AuthCallOptions): Promise<ReadonlySet<string>> {
    const nowMs = this.#clock.monotonicMs()
    if (this.#extensions === null || nowMs >= this.#extensions.untilMs) {
      const aliases = this.#loadExtensions(ctx, options?.auth)
      const kept = { aliases, untilMs: nowMs + this.#options.extensionsMs }
      this.#extensions = kept
      aliases.catch(() => {
        if (this.#extensions === kept) this.#extensions = null
      })
    }
    return unlessAborted(this.#extensions.aliases, options?.signal)
  }

  async #loadExtensions(ctx: RequestContext, auth: Auth = 'user'): Promise<ReadonlySet<string>> {
    const call = this.#call(ctx, 'GET', '/extensions', { auth })
    const found = await this.#rest.decoded(call, (body) => listIn<{ readonly alias: string }>(body, 'extensions', { alias: 'string' }))
    return new Set(found.map(({ alias }) => alias))
  }

  async showQuota(ctx: RequestContext, projectId: string, options?: AuthCallOptions): Promise<Quota> {
    const call = this.#call(ctx, 'GET', `/quotas/${segment(projectId)}`, options)
    return this.#rest.decoded(call, (body) => objectIn<Quota>(body, 'quota'))
  }

  listAgents(ctx: RequestContext, filters: Filters, options?: NeutronReadOptions): Promise<readonly Agent[]> {
    return this.#list(ctx, 'agents', filters, options)
  }
}

const segment = encodeURIComponent
const portPath = (portId: string) => `/ports/${segment(portId)}`
const bindingPath = (portId: string, host: string) => `${portPath(portId)}/bindings/${segment(host)}`

/** Where the next page is, from `{"ports_links": [{"rel": "next", "href": ...}]}`; null after the last one. */
function nextQuery(body: unknown, name: string): string | null {
  const links = new Map<string, unknown>(Object.entries(body ?? {})).get(`${name}_links`)
  if (!Array.isArray(links)) return null
  const next = listIn<{ readonly rel: unknown; readonly href: unknown }>({ links }, 'links').find(({ rel }) => rel === 'next')
  if (next === undefined || typeof next.href !== 'string' || !URL.canParse(next.href, 'http://neutron')) return null
  return new URL(next.href, 'http://neutron').search.slice(1)
}
