import type { ComputeNode, Instance, RequestContext } from '@micronova/model'

/** Whose uuid the allocations are kept under: an instance, or a migration that holds the source's while the guest moves. */
export type ConsumerKind = 'instance' | 'migration'

/** Resources of one provider each, to be found in the tree of a compute node. */
export interface ResourceNeeds {
  readonly groups: readonly {
    readonly id: string
    readonly resources: Readonly<Record<string, number>>
    /** Traits. */
    readonly required: readonly string[]
  }[]
  /** Ids of groups whose providers lie in one tree below a common one; empty: any. */
  readonly sameSubtree: readonly string[]
}

/** What was found and allocated. */
export interface AddedResources {
  readonly allocations: Allocations
  /** Uuids of providers by group. */
  readonly mappings: Readonly<Record<string, readonly string[]>>
}

export interface DeleteAllocationsOptions {
  /** Default `instance`; for the log. */
  readonly kind?: ConsumerKind
  /**
   * True: delete without looking. False: only if nobody changes them meanwhile; for deletes that may be repeated, and
   * where another process may be about to use them.
   */
  readonly force: boolean
}

/** What a consumer has of each provider: by provider uuid, by resource class. */
export type Allocations = Readonly<Record<string, { readonly resources: Readonly<Record<string, number>> }>>

/** The allocations of instances and migrations, which the scheduler and the conductor make and a compute moves or ends. */
export interface ConsumerAllocations {
  /** `{}` if there are none, or Placement does not say: then a warning is logged. */
  allocationsOf(ctx: RequestContext, consumerUuid: string): Promise<Allocations>
  /**
   * @returns false if there were none, or Placement cannot be asked now: then the audit of the host removes what is left
   * when the instance is deleted
   * @throws NovaError `AllocationDeleteFailed`: they may still be there
   */
  deleteAllocations(ctx: RequestContext, consumerUuid: string, options: DeleteAllocationsOptions): Promise<boolean>
  /**
   * All that `from` has becomes `to`'s, in the place of what that has: a migration gives its instance back what it held for
   * it. Already moved is fine.
   *
   * @returns false if Placement refused or cannot be asked now
   * @throws NovaError `AllocationMoveFailed` if another process changed either of them
   */
  moveAllocations(ctx: RequestContext, from: string, to: string): Promise<boolean>
  /**
   * Take what a consumer has of a host off its allocations; what it has of others stays. For evacuations, whose instance
   * has both ends under its own uuid.
   *
   * @param providerUuid uuid of the compute node
   * @returns false if there is nothing to take off, or Placement refused
   * @throws ClientError if Placement cannot be asked now
   */
  removeFromProvider(ctx: RequestContext, consumerUuid: string, providerUuid: string): Promise<boolean>
  /**
   * More for a consumer, of providers below a compute node.
   *
   * @returns null if there is nothing that would do
   * @throws NovaError `AllocationUpdateFailed`; ClientError if Placement cannot be asked now
   */
  addResources(ctx: RequestContext, consumerUuid: string, nodeUuid: string, needs: ResourceNeeds): Promise<AddedResources | null>
  /** Take that off again. @throws NovaError `AllocationUpdateFailed`; ClientError if Placement cannot be asked now */
  removeResources(ctx: RequestContext, consumerUuid: string, resources: Allocations): Promise<void>
}

/** What Placement is told of the nodes of this host. A node's provider has the uuid of its record, and its name. */
export interface NodeProviders {
  /** Called before the first audit: what the files of `[compute] provider_config_location` add. @throws ProviderConfigInvalid */
  readConfigs(): Promise<void>
  /**
   * Make the provider say what the node has, and remove allocations that instances have left behind. Called after each
   * count of the node; nothing is sent if nothing changed. Never rejects: what fails is logged, and done by the next audit.
   * One that is asked for while another one of the node is under way is that one.
   *
   * @param isKnownConsumer it is an instance on this node, or a migration from or to it
   * @returns instances that are to be built here and have not claimed the node yet
   */
  audit(ctx: RequestContext, node: ComputeNode, isKnownConsumer: (consumerUuid: string) => boolean): Promise<readonly Instance[]>
  /** Show schedulers whether this node takes new instances. @throws NovaError or ClientError; the next audit does it again */
  setEnabled(ctx: RequestContext, node: ComputeNode, enabled: boolean): Promise<void>
  /** The node is gone: its provider goes, with the allocations of its instances. Never rejects; what fails is logged. */
  remove(ctx: RequestContext, node: ComputeNode): Promise<void>
  /** What is remembered of a provider may be wrong: it is read again by the next audit. Default: of all. */
  forget(nodeUuid?: string): void
  /** The service ends: what an audit under way does not come to is not spoken of. */
  close(): void
}

/** All that a compute does in Placement. `NoPlacement` where none is configured. */
export interface ComputePlacement extends ConsumerAllocations, NodeProviders {}
