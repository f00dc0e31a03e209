import type { RequestContext } from '@micronova/model'
import type { CallOptions } from '../call.js'
import type { MicroversionOptions, PlacementClient } from '../placement/client.js'
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
} from '../placement/types.js'
import { allocationCandidates } from './allocation-candidates.js'
import { FakeCalls } from './fake-calls.js'
import { PlacementState } from './placement-state.js'

/**
 * Placement in memory: generations, capacity and what is in use behave as in the service. Nested providers are kept, while candidates
 * are looked for among single providers only. `CUSTOM_` traits and classes must be ensured before they are used; any other is known.
 */
export class FakePlacement implements PlacementClient {
  readonly calls = new FakeCalls<keyof PlacementClient>('placement')
  readonly state = new PlacementState((status, detail, serviceCode) => this.calls.refusal(status, detail, serviceCode))

  /** As if somebody else had changed the provider. */
  bumpGeneration(providerUuid: string): void {
    this.state.provider(providerUuid).generation += 1
  }

  async maxMicroversion(options?: CallOptions): Promise<string> {
    await this.calls.begin('maxMicroversion', [], options)
    return '1.39'
  }

  async listResourceProviders(
    _: RequestContext,
    query: ResourceProviderQuery,
    options?: CallOptions,
  ): Promise<readonly ResourceProvider[]> {
    await this.calls.begin('listResourceProviders', [query], options)
    const root = query.in_tree === undefined ? null : (this.state.providers.get(query.in_tree)?.root_provider_uuid ?? 'none')
    const aggregates = query.member_of?.replace(/^in:/, '').split(',')
    const traits = query.required?.split(',') ?? []
    return [...this.state.providers.values()]
      .filter(
        (provider) =>
          (query.name === undefined || provider.name === query.name) &&
          (query.uuid === undefined || provider.uuid === query.uuid) &&
          (root === null || provider.root_provider_uuid === root) &&
          (aggregates === undefined || this.state.aggregates.get(provider.uuid)?.some((uuid) => aggregates.includes(uuid))) &&
          traits.every((trait) => this.state.traits.get(provider.uuid)?.includes(trait)),
      )
      .map((provider) => ({ ...provider }))
  }

  async getResourceProvider(_: RequestContext, uuid: string, options?: CallOptions): Promise<ResourceProvider> {
    await this.calls.begin('getResourceProvider', [uuid], options)
    return { ...this.state.provider(uuid) }
  }

  async createResourceProvider(_: RequestContext, provider: NewResourceProvider, options?: CallOptions): Promise<ResourceProvider> {
    await this.calls.begin('createResourceProvider', [provider], options)
    const { uuid, name, parent_provider_uuid: parent } = provider
    const { providers } = this.state
    if (providers.has(uuid)) throw this.calls.refusal(409, `Conflicting resource provider uuid: ${uuid} already exists.`)
    if ([...providers.values()].some((other) => other.name === name))
      throw this.calls.refusal(409, `Conflicting resource provider name: ${name} already exists.`)
    if (parent !== undefined && !providers.has(parent)) throw this.calls.refusal(400, `parent provider UUID does not exist`)
    const root = parent === undefined ? uuid : this.state.provider(parent).root_provider_uuid
    const made = { uuid, name, generation: 0, parent_provider_uuid: parent ?? null, root_provider_uuid: root }
    providers.set(uuid, made)
    return { ...made }
  }

  async updateResourceProvider(
    _: RequestContext,
    uuid: string,
    changes: Pick<NewResourceProvider, 'name' | 'parent_provider_uuid'>,
    options?: CallOptions,
  ): Promise<ResourceProvider> {
    await this.calls.begin('updateResourceProvider', [uuid, changes], options)
    const provider = this.state.provider(uuid)
    provider.name = changes.name
    if (changes.parent_provider_uuid !== undefined) {
      provider.root_provider_uuid = this.state.provider(changes.parent_provider_uuid).root_provider_uuid
      provider.parent_provider_uuid = changes.parent_provider_uuid
    }
    return { ...provider }
  }

  async deleteResourceProvider(_: RequestContext, uuid: string, options?: CallOptions): Promise<void> {
    await this.calls.begin('deleteResourceProvider', [uuid], options)
    this.state.provider(uuid)
    if ([...this.state.providers.values()].some((other) => other.parent_provider_uuid === uuid))
      throw this.calls.refusal(409, `Unable to delete parent resource provider ${uuid}: It has child resource providers.`)
    if ([...this.state.consumers.values()].some(({ allocations }) => allocations[uuid] !== undefined))
      throw this.calls.refusal(409, `Unable to delete resource provider ${uuid}: Resource provider has allocations.`)
    for (const table of [this.state.providers, this.state.inventories, this.state.traits, this.state.aggregates]) table.delete(uuid)
  }

  async getInventories(_: RequestContext, providerUuid: string, options?: CallOptions): Promise<ProviderInventories> {
    await this.calls.begin('getInventories', [providerUuid], options)
    return this.#inventories(providerUuid)
  }

  #inventories(providerUuid: string): ProviderInventories {
    const { generation } = this.state.provider(providerUuid)
    return structuredClone({ resource_provider_generation: generation, inventories: this.state.inventories.get(providerUuid) ?? {} })
  }

  async putInventories(
    _: RequestContext,
    providerUuid: string,
    inventories: ProviderInventories,
    options?: CallOptions,
  ): Promise<ProviderInventories> {
    await this.calls.begin('putInventories', [providerUuid, inventories], options)
    this.state.setInventories(providerUuid, inventories.resource_provider_generation, inventories.inventories)
    return this.#inventories(providerUuid)
  }

  async deleteInventories(_: RequestContext, providerUuid: string, options?: CallOptions): Promise<void> {
    await this.calls.begin('deleteInventories', [providerUuid], options)
    this.state.setInventories(providerUuid, this.state.provider(providerUuid).generation, {})
  }

  async getProviderTraits(_: RequestContext, providerUuid: string, options?: CallOptions): Promise<ProviderTraits> {
    await this.calls.begin('getProviderTraits', [providerUuid], options)
    const { generation } = this.state.provider(providerUuid)
    return { resource_provider_generation: generation, traits: this.state.traits.get(providerUuid) ?? [] }
  }

  async putProviderTraits(_: RequestContext, providerUuid: string, body: ProviderTraits, options?: CallOptions): Promise<ProviderTraits> {
    await this.calls.begin('putProviderTraits', [providerUuid, body], options)
    const provider = this.state.providerAt(providerUuid, body.resource_provider_generation)
    const unknown = body.traits.filter((name) => !this.#isTrait(name))
    if (unknown.length > 0) throw this.calls.refusal(400, `No such trait ${unknown.join(', ')}`)
    const traits = [...new Set(body.traits)].sort()
    const before = this.state.traits.get(providerUuid) ?? []
    if (before.join() !== traits.join()) provider.generation += 1
    this.state.traits.set(providerUuid, traits)
    return { resource_provider_generation: provider.generation, traits }
  }

  #isTrait(name: string): boolean {
    return !name.startsWith('CUSTOM_') || this.state.customTraits.has(name)
  }

  async listTraits(_: RequestContext, names: readonly string[], options?: CallOptions): Promise<readonly string[]> {
    await this.calls.begin('listTraits', [names], options)
    return names.filter((name) => this.#isTrait(name)).sort()
  }

  async ensureTrait(_: RequestContext, name: string, options?: CallOptions): Promise<void> {
    await this.calls.begin('ensureTrait', [name], options)
    if (!/^CUSTOM_[A-Z0-9_]+$/.test(name)) throw this.calls.refusal(400, 'The trait is invalid. A valid trait must begin with CUSTOM_')
    this.state.customTraits.add(name)
  }

  async ensureResourceClass(_: RequestContext, name: string, options?: CallOptions): Promise<void> {
    await this.calls.begin('ensureResourceClass', [name], options)
    if (!/^CUSTOM_[A-Z0-9_]+$/.test(name)) throw this.calls.refusal(400, 'The name of the resource class must begin with CUSTOM_')
    this.state.customClasses.add(name)
  }

  async getAggregates(_: RequestContext, providerUuid: string, options?: CallOptions): Promise<ProviderAggregates> {
    await this.calls.begin('getAggregates', [providerUuid], options)
    const { generation } = this.state.provider(providerUuid)
    return { resource_provider_generation: generation, aggregates: this.state.aggregates.get(providerUuid) ?? [] }
  }

  async putAggregates(
    _: RequestContext,
    providerUuid: string,
    body: ProviderAggregates,
    options?: CallOptions,
  ): Promise<ProviderAggregates> {
    await this.calls.begin('putAggregates', [providerUuid, body], options)
    const provider = this.state.providerAt(providerUuid, body.resource_provider_generation)
    this.state.aggregates.set(providerUuid, [...new Set(body.aggregates)])
    provider.generation += 1
    return { resource_provider_generation: provider.generation, aggregates: body.aggregates }
  }

  async getProviderUsages(_: RequestContext, providerUuid: string, options?: CallOptions): Promise<ProviderUsages> {
    await this.calls.begin('getProviderUsages', [providerUuid], options)
    return { resource_provider_generation: this.state.provider(providerUuid).generation, usages: this.state.usages(providerUuid) }
  }

  async getUsages(
    _: RequestContext,
    of: { readonly project_id: string; readonly user_id?: string },
    options?: CallOptions,
  ): Promise<Resources> {
    await this.calls.begin('getUsages', [of], options)
    const sums: Record<string, number> = {}
    for (const { project_id, user_id, allocations } of this.state.consumers.values()) {
      if (project_id !== of.project_id || (of.user_id !== undefined && user_id !== of.user_id)) continue
      for (const [name, amount] of Object.values(allocations).flatMap(Object.entries<number>)) sums[name] = (sums[name] ?? 0) + amount
    }
    return sums
  }

  async getAllocations(_: RequestContext, consumerUuid: string, options?: CallOptions): Promise<ConsumerAllocations> {
    await this.calls.begin('getAllocations', [consumerUuid], options)
    const consumer = this.state.consumers.get(consumerUuid)
    if (consumer === undefined) return { allocations: {} }
    const allocations = Object.entries(consumer.allocations).map(
      ([uuid, resources]) => [uuid, { resources: { ...resources }, generation: this.state.provider(uuid).generation }] as const,
    )
    const { project_id, user_id, generation } = consumer
    return { allocations: Object.fromEntries(allocations), project_id, user_id, consumer_generation: generation }
  }

  async putAllocations(_: RequestContext, consumerUuid: string, body: AllocationsBody, options?: MicroversionOptions): Promise<void> {
    await this.calls.begin('putAllocations', [consumerUuid, body], options)
    this.state.setAllocations({ [consumerUuid]: body })
  }

  async postAllocations(_: RequestContext, body: ManyAllocations, options?: CallOptions): Promise<void> {
    await this.calls.begin('postAllocations', [body], options)
    this.state.setAllocations(body)
  }

  async deleteAllocations(_: RequestContext, consumerUuid: string, options?: CallOptions): Promise<void> {
    await this.calls.begin('deleteAllocations', [consumerUuid], options)
    if (!this.state.consumers.delete(consumerUuid)) throw this.calls.refusal(404, `No allocations for consumer '${consumerUuid}'`)
  }

  async getProviderAllocations(_: RequestContext, providerUuid: string, options?: CallOptions): Promise<ProviderAllocations> {
    await this.calls.begin('getProviderAllocations', [providerUuid], options)
    const { generation } = this.state.provider(providerUuid)
    const allocations: Record<string, { resources: Resources }> = {}
    for (const [uuid, consumer] of this.state.consumers) {
      const resources = consumer.allocations[providerUuid]
      if (resources !== undefined) allocations[uuid] = { resources: { ...resources } }
    }
    return { resource_provider_generation: generation, allocations }
  }

  async getAllocationCandidates(_: RequestContext, query: QueryPairs, options?: MicroversionOptions): Promise<AllocationCandidates> {
    await this.calls.begin('getAllocationCandidates', [query], options)
    return allocationCandidates(this.state, query, (status, detail) => this.calls.refusal(status, detail))
  }

  async reshape(_: RequestContext, body: ReshaperBody, options?: CallOptions): Promise<void> {
    await this.calls.begin('reshape', [body], options)
    this.state.reshape(body)
  }
}
