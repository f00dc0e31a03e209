import type { RequestContext } from '@micronova/model'
import type { CallOptions } from '../call.js'
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

/** The microversion of a call that Nova makes in more than one. */
export interface MicroversionOptions extends CallOptions {
  /** `1.28`. Default: that of the call, see the README. */
  readonly microversion?: string
}

/**
 * Placement, with the rights of `[placement]`. A refused request rejects with a ClientError; a generation that has changed meanwhile
 * with `conflict`. Only calls of microversion 1.23 and later (inventories, allocations, reshaper) say which conflict it is, with the
 * serviceCode `placement.concurrent_update` for this one.
 */
export interface PlacementClient {
  /** The newest microversion that the service knows, `1.39`. */
  maxMicroversion(options?: CallOptions): Promise<string>

  listResourceProviders(ctx: RequestContext, query: ResourceProviderQuery, options?: CallOptions): Promise<readonly ResourceProvider[]>
  getResourceProvider(ctx: RequestContext, uuid: string, options?: CallOptions): Promise<ResourceProvider>
  /** @throws ClientError `conflict` if its name or uuid is taken */
  createResourceProvider(ctx: RequestContext, provider: NewResourceProvider, options?: CallOptions): Promise<ResourceProvider>
  updateResourceProvider(
    ctx: RequestContext,
    uuid: string,
    changes: Pick<NewResourceProvider, 'name' | 'parent_provider_uuid'>,
    options?: CallOptions,
  ): Promise<ResourceProvider>
  /** @throws ClientError `conflict` while allocations or children of it are left */
  deleteResourceProvider(ctx: RequestContext, uuid: string, options?: CallOptions): Promise<void>

  getInventories(ctx: RequestContext, providerUuid: string, options?: CallOptions): Promise<ProviderInventories>
  /** @throws ClientError `conflict`: `placement.concurrent_update`, or `placement.inventory.inuse` for a class that is left out and in use */
  putInventories(
    ctx: RequestContext,
    providerUuid: string,
    inventories: ProviderInventories,
    options?: CallOptions,
  ): Promise<ProviderInventories>
  deleteInventories(ctx: RequestContext, providerUuid: string, options?: CallOptions): Promise<void>

  getProviderTraits(ctx: RequestContext, providerUuid: string, options?: CallOptions): Promise<ProviderTraits>
  putProviderTraits(ctx: RequestContext, providerUuid: string, traits: ProviderTraits, options?: CallOptions): Promise<ProviderTraits>
  /** Those of `names` that Placement knows. */
  listTraits(ctx: RequestContext, names: readonly string[], options?: CallOptions): Promise<readonly string[]>
  /** Makes a `CUSTOM_` trait unless it exists. */
  ensureTrait(ctx: RequestContext, name: string, options?: CallOptions): Promise<void>
  /** Makes a `CUSTOM_` resource class unless it exists. */
  ensureResourceClass(ctx: RequestContext, name: string, options?: CallOptions): Promise<void>

  getAggregates(ctx: RequestContext, providerUuid: string, options?: CallOptions): Promise<ProviderAggregates>
  putAggregates(
    ctx: RequestContext,
    providerUuid: string,
    aggregates: ProviderAggregates,
    options?: CallOptions,
  ): Promise<ProviderAggregates>

  getProviderUsages(ctx: RequestContext, providerUuid: string, options?: CallOptions): Promise<ProviderUsages>
  getUsages(ctx: RequestContext, of: { readonly project_id: string; readonly user_id?: string }, options?: CallOptions): Promise<Resources>

  getAllocations(ctx: RequestContext, consumerUuid: string, options?: CallOptions): Promise<ConsumerAllocations>
  /** Replaces what the consumer has. Without microversion: 1.28. */
  putAllocations(ctx: RequestContext, consumerUuid: string, body: AllocationsBody, options?: MicroversionOptions): Promise<void>
  /** Replaces what each of the consumers has, all or nothing. */
  postAllocations(ctx: RequestContext, body: ManyAllocations, options?: CallOptions): Promise<void>
  /** @throws ClientError `not_found` if it has none */
  deleteAllocations(ctx: RequestContext, consumerUuid: string, options?: CallOptions): Promise<void>
  getProviderAllocations(ctx: RequestContext, providerUuid: string, options?: CallOptions): Promise<ProviderAllocations>

  /** Without microversion: 1.36. */
  getAllocationCandidates(ctx: RequestContext, query: QueryPairs, options?: MicroversionOptions): Promise<AllocationCandidates>
  reshape(ctx: RequestContext, body: ReshaperBody, options?: CallOptions): Promise<void>
}
