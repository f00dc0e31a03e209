import type { RequestContext } from '@micronova/model'
import type { CallOptions } from '../call.js'
import { listIn, objectIn, objectWith, textsIn } from '../rest/decode.js'
import type { RestCall, RestService } from '../rest/rest-service.js'
import type { Identities } from '../session/identity.js'
import type { MicroversionOptions, PlacementClient } from './client.js'
import type {
  AllocationCandidates,
  AllocationsBody,
  ConsumerAllocations,
  ManyAllocations,
  NewResourceProvider,
  ProviderAggregates,
  ProviderAllocations,
  ProviderInventories,
  ProviderTraits,
  ProviderUsages,
  QueryPairs,
  ReshaperBody,
  ResourceProvider,
  ResourceProviderQuery,
  Resources,
} from './types.js'

const generation = { resource_provider_generation: 'number' } as const
const provider = { uuid: 'string', name: 'string', generation: 'number' } as const

/**
 * Placement over REST. Each call has the microversion with which Nova makes it: some answers differ between them.
 *
 * @see nova 26.2.2, `scheduler/client/report.py`
 */
export class RestPlacement implements PlacementClient {
  readonly #rest: RestService
  readonly #identities: Identities

  constructor(rest: RestService, identities: Identities) {
    this.#rest = rest
    this.#identities = identities
  }

  async maxMicroversion(options?: CallOptions): Promise<string> {
    const call = { method: 'GET', path: '/', ctx: null, identity: this.#identities.service(), signal: options?.signal } as const
    return this.#rest.decoded(call, (body) => {
      const [version] = listIn<{ readonly max_version: string }>(body, 'versions', { max_version: 'string' })
      return version?.max_version ?? '1.0'
    })
  }

  #call(
    ctx: RequestContext,
    method: RestCall['method'],
    path: string,
    options: CallOptions | undefined,
    more: { readonly version?: string; readonly body?: unknown } = {},
  ): RestCall {
    const { version, body } = more
    const headers: Record<string, string> = version === undefined ? {} : { 'OpenStack-API-Version': `placement ${version}` }
    const identity = this.#identities.service()
    return { method, path, ctx, identity, headers, signal: options?.signal, ...(body !== undefined && { body }) }
  }

  async listResourceProviders(
    ctx: RequestContext,
    query: ResourceProviderQuery,
    options?: CallOptions,
  ): Promise<readonly ResourceProvider[]> {
    const version = query.required !== undefined ? '1.18' : '1.14'
    const call = this.#call(ctx, 'GET', `/resource_providers?${plainQuery(query)}`, options, { version })
    return this.#rest.decoded(call, (body) => listIn(body, 'resource_providers', provider))
  }

  async getResourceProvider(ctx: RequestContext, uuid: string, options?: CallOptions): Promise<ResourceProvider> {
    const call = this.#call(ctx, 'GET', `/resource_providers/${segment(uuid)}`, options, { version: '1.14' })
    return this.#rest.decoded(call, (body) => objectWith(body, 'a resource provider', provider))
  }

  async createResourceProvider(ctx: RequestContext, body: NewResourceProvider, options?: CallOptions): Promise<ResourceProvider> {
    const call = this.#call(ctx, 'POST', '/resource_providers', options, { version: '1.20', body })
    return this.#rest.decoded(call, (made) => objectWith(made, 'a resource provider', provider))
  }

  async updateResourceProvider(
    ctx: RequestContext,
    uuid: string,
    body: Pick<NewResourceProvider, 'name' | 'parent_provider_uuid'>,
    options?: CallOptions,
  ): Promise<ResourceProvider> {
    const call = this.#call(ctx, 'PUT', `/resource_providers/${segment(uuid)}`, options, { version: '1.14', body })
    return this.#rest.decoded(call, (made) => objectWith(made, 'a resource provider', provider))
  }

  async deleteResourceProvider(ctx: RequestContext, uuid: string, options?: CallOptions): Promise<void> {
    await this.#rest.none(this.#call(ctx, 'DELETE', `/resource_providers/${segment(uuid)}`, options))
  }

  async getInventories(ctx: RequestContext, providerUuid: string, options?: CallOptions): Promise<ProviderInventories> {
    const call = this.#call(ctx, 'GET', of(providerUuid, 'inventories'), options)
    return this.#rest.decoded(call, (body) => objectWith(body, 'inventories', { ...generation, inventories: 'object' }))
  }

  async putInventories(
    ctx: RequestContext,
    providerUuid: string,
    body: ProviderInventories,
    options?: CallOptions,
  ): Promise<ProviderInventories> {
    const call = this.#call(ctx, 'PUT', of(providerUuid, 'inventories'), options, { version: '1.26', body })
    return this.#rest.decoded(call, (put) => objectWith(put, 'inventories', { ...generation, inventories: 'object' }))
  }

  async deleteInventories(ctx: RequestContext, providerUuid: string, options?: CallOptions): Promise<void> {
    await this.#rest.none(this.#call(ctx, 'DELETE', of(providerUuid, 'inventories'), options, { version: '1.5' }))
  }

  async getProviderTraits(ctx: RequestContext, providerUuid: string, options?: CallOptions): Promise<ProviderTraits> {
    const call = this.#call(ctx, 'GET', of(providerUuid, 'traits'), options, { version: '1.6' })
    return this.#rest.decoded(call, (body) => objectWith(body, 'traits', { ...generation, traits: 'array' }))
  }

  async putProviderTraits(ctx: RequestContext, providerUuid: string, body: ProviderTraits, options?: CallOptions): Promise<ProviderTraits> {
    const call = this.#call(ctx, 'PUT', of(providerUuid, 'traits'), options, { version: '1.6', body })
    return this.#rest.decoded(call, (put) => objectWith(put, 'traits', { ...generation, traits: 'array' }))
  }

  async listTraits(ctx: RequestContext, names: readonly string[], options?: CallOptions): Promise<readonly string[]> {
    if (names.length === 0) return []
    const call = this.#call(ctx, 'GET', `/traits?${plainQuery({ name: `in:${names.join(',')}` })}`, options, { version: '1.6' })
    return this.#rest.decoded(call, (body) => textsIn(body, 'traits'))
  }

  async ensureTrait(ctx: RequestContext, name: string, options?: CallOptions): Promise<void> {
    await this.#rest.none(this.#call(ctx, 'PUT', `/traits/${segment(name)}`, options, { version: '1.6' }))
  }

  async ensureResourceClass(ctx: RequestContext, name: string, options?: CallOptions): Promise<void> {
    await this.#rest.none(this.#call(ctx, 'PUT', `/resource_classes/${segment(name)}`, options, { version: '1.7' }))
  }

  async getAggregates(ctx: RequestContext, providerUuid: string, options?: CallOptions): Promise<ProviderAggregates> {
    const call = this.#call(ctx, 'GET', of(providerUuid, 'aggregates'), options, { version: '1.19' })
    return this.#rest.decoded(call, (body) => objectWith(body, 'aggregates', { ...generation, aggregates: 'array' }))
  }

  async putAggregates(
    ctx: RequestContext,
    providerUuid: string,
    body: ProviderAggregates,
    options?: CallOptions,
  ): Promise<ProviderAggregates> {
    const call = this.#call(ctx, 'PUT', of(providerUuid, 'aggregates'), options, { version: '1.19', body })
    return this.#rest.decoded(call, (put) => objectWith(put, 'aggregates', { ...generation, aggregates: 'array' }))
  }

  async getProviderUsages(ctx: RequestContext, providerUuid: string, options?: CallOptions): Promise<ProviderUsages> {
    const call = this.#call(ctx, 'GET', of(providerUuid, 'usages'), options)
    return this.#rest.decoded(call, (body) => objectWith(body, 'usages', { ...generation, usages: 'object' }))
  }

  async getUsages(
    ctx: RequestContext,
    query: { readonly project_id: string; readonly user_id?: string },
    options?: CallOptions,
  ): Promise<Resources> {
    const call = this.#call(ctx, 'GET', `/usages?${plainQuery(query)}`, options, { version: '1.9' })
    return this.#rest.decoded(call, (body) => objectIn(body, 'usages'))
  }

  async getAllocations(ctx: RequestContext, consumerUuid: string, options?: CallOptions): Promise<ConsumerAllocations> {
    const call = this.#call(ctx, 'GET', `/allocations/${segment(consumerUuid)}`, options, { version: '1.28' })
    return this.#rest.decoded(call, (body) => objectWith(body, 'allocations', { allocations: 'object' }))
  }

  async putAllocations(ctx: RequestContext, consumerUuid: string, body: AllocationsBody, options?: MicroversionOptions): Promise<void> {
    const version = options?.microversion ?? '1.28'
    await this.#rest.none(this.#call(ctx, 'PUT', `/allocations/${segment(consumerUuid)}`, options, { version, body }))
  }

  async postAllocations(ctx: RequestContext, body: ManyAllocations, options?: CallOptions): Promise<void> {
    await this.#rest.none(this.#call(ctx, 'POST', '/allocations', options, { version: '1.28', body }))
  }

  async deleteAllocations(ctx: RequestContext, consumerUuid: string, options?: CallOptions): Promise<void> {
    await this.#rest.none(this.#call(ctx, 'DELETE', `/allocations/${segment(consumerUuid)}`, options))
  }

  async getProviderAllocations(ctx: RequestContext, providerUuid: string, options?: CallOptions): Promise<ProviderAllocations> {
    const call = this.#call(ctx, 'GET', of(providerUuid, 'allocations'), options)
    return this.#rest.decoded(call, (body) => objectWith(body, 'allocations', { ...generation, allocations: 'object' }))
  }

  async getAllocationCandidates(ctx: RequestContext, query: QueryPairs, options?: MicroversionOptions): Promise<AllocationCandidates> {
    const text = new URLSearchParams(query.map(([name, value]): [string, string] => [name, value])).toString()
    const call = this.#call(ctx, 'GET', `/allocation_candidates?${text}`, options, { version: options?.microversion ?? '1.36' })
    return this.#rest.decoded(call, (body) =>
      objectWith(body, 'allocation candidates', { allocation_requests: 'array', provider_summaries: 'object' }),
    )
  }

  async reshape(ctx: RequestContext, body: ReshaperBody, options?: CallOptions): Promise<void> {
    await this.#rest.none(this.#call(ctx, 'POST', '/reshaper', options, { version: '1.30', body }))
  }
}

const segment = encodeURIComponent

function of(providerUuid: string, what: string): string {
  return `/resource_providers/${segment(providerUuid)}/${what}`
}

/** Nova writes `in:A,B` as it is; whatever else is not a plain character is encoded. */
function plainQuery(query: object): string {
  const encoded = (text: string) => encodeURIComponent(text).replaceAll('%3A', ':').replaceAll('%2C', ',')
  return Object.entries(query)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${encoded(String(value))}`)
    .join('&')
}
