/** Names are Placement's on the wire; a field that Nova never reads is not named. @see placement 8.0.0, `schemas/` */
export interface ResourceProvider {
  readonly uuid: string
  readonly name: string
  readonly generation: number
  readonly parent_provider_uuid: string | null
  readonly root_provider_uuid: string
}

export interface NewResourceProvider {
  readonly uuid: string
  readonly name: string
  readonly parent_provider_uuid?: string
}

/** Conditions of a list of providers; each is the text after `=` on the wire. */
export interface ResourceProviderQuery {
  readonly name?: string
  readonly uuid?: string
  /** A uuid: all providers of the tree that it belongs to. */
  readonly in_tree?: string
  /** `in:UUID,UUID`, or one aggregate. */
  readonly member_of?: string
  /** Traits, separated by commas. */
  readonly required?: string
  /** `VCPU:1,MEMORY_MB:512` */
  readonly resources?: string
}

export interface Inventory {
  readonly total: number
  readonly reserved?: number
  readonly min_unit?: number
  readonly max_unit?: number
  readonly step_size?: number
  readonly allocation_ratio?: number
}

/** Resource class to inventory. */
export type Inventories = Readonly<Record<string, Inventory>>

export interface ProviderInventories {
  readonly resource_provider_generation: number
  readonly inventories: Inventories
}

export interface ProviderTraits {
  readonly resource_provider_generation: number
  readonly traits: readonly string[]
}

export interface ProviderAggregates {
  readonly resource_provider_generation: number
  /** UUIDs. */
  readonly aggregates: readonly string[]
}

/** Resource class to amount. */
export type Resources = Readonly<Record<string, number>>

export interface ProviderUsages {
  readonly resource_provider_generation: number
  readonly usages: Resources
}

/** Of one consumer on one provider. `generation` is the provider's: it is read, and ignored where it is written back. */
export interface Allocation {
  readonly resources: Resources
  readonly generation?: number
}

/** What Placement knows of a consumer. All of it is absent, and `allocations` empty, for a consumer that has nothing. */
export interface ConsumerAllocations {
  /** By provider uuid. */
  readonly allocations: Readonly<Record<string, Allocation>>
  readonly project_id?: string
  readonly user_id?: string
  readonly consumer_generation?: number | null
}

/** What is written for a consumer. Empty `allocations` take away what it has. */
export interface AllocationsBody {
  readonly allocations: Readonly<Record<string, Allocation>>
  readonly project_id: string
  readonly user_id: string
  /** null: the consumer must be new. */
  readonly consumer_generation: number | null
  /** From microversion 1.34. */
  readonly mappings?: Readonly<Record<string, readonly string[]>>
  /** From microversion 1.38. */
  readonly consumer_type?: string
}

/** By consumer uuid. */
export type ManyAllocations = Readonly<Record<string, AllocationsBody>>

export interface ProviderAllocations {
  readonly resource_provider_generation: number
  /** By consumer uuid. */
  readonly allocations: Readonly<Record<string, { readonly resources: Resources }>>
}

export interface AllocationRequest {
  readonly allocations: Readonly<Record<string, { readonly resources: Resources }>>
  readonly mappings: Readonly<Record<string, readonly string[]>>
}

export interface ProviderSummary {
  readonly resources: Readonly<Record<string, { readonly capacity: number; readonly used: number }>>
  readonly traits: readonly string[]
  readonly parent_provider_uuid: string | null
  readonly root_provider_uuid: string
}

export interface AllocationCandidates {
  readonly allocation_requests: readonly AllocationRequest[]
  /** By provider uuid. */
  readonly provider_summaries: Readonly<Record<string, ProviderSummary>>
}

/** The inventories of a whole tree and the allocations against it, replaced at once. */
export interface ReshaperBody {
  readonly inventories: Readonly<Record<string, ProviderInventories>>
  readonly allocations: ManyAllocations
}

/** Names and values of a query in their order; a name may stand several times. */
export type QueryPairs = readonly (readonly [name: string, value: string])[]
