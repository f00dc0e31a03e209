import type { PlacementClient } from '@micronova/clients'
import type { Clock, Random } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import type { ComputeNode, Instance, RequestContext, Stores } from '@micronova/model'
import type { CapableDriver } from '@micronova/virt'
import type { AddedResources, Allocations, ComputePlacement, DeleteAllocationsOptions, ResourceNeeds } from './compute-placement.js'
import { HostAllocations } from './consumer-allocations.js'
import { HostProviders, type HostProvidersOptions } from './node-providers.js'

export interface HostPlacementDeps {
  readonly placement: PlacementClient
  readonly stores: Pick<Stores, 'services' | 'instances' | 'migrations'>
  readonly driver: CapableDriver
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
}

/** The Placement of a cloud, as one compute uses it. */
export class HostPlacement implements ComputePlacement {
  readonly #allocations: HostAllocations
  readonly #providers: HostProviders

  constructor(deps: HostPlacementDeps, options: HostProvidersOptions) {
    this.#allocations = new HostAllocations(deps)
    this.#providers = new HostProviders({ ...deps, allocations: this.#allocations }, options)
  }

  allocationsOf(ctx: RequestContext, consumerUuid: string): Promise<Allocations> {
    return this.#allocations.allocationsOf(ctx, consumerUuid)
  }
  deleteAllocations(ctx: RequestContext, consumerUuid: string, options: DeleteAllocationsOptions): Promise<boolean> {
    return this.#allocations.deleteAllocations(ctx, consumerUuid, options)
  }
  moveAllocations(ctx: RequestContext, from: string, to: string): Promise<boolean> {
    return this.#allocations.moveAllocations(ctx, from, to)
  }
  removeFromProvider(ctx: RequestContext, consumerUuid: string, providerUuid: string): Promise<boolean> {
    return this.#allocations.removeFromProvider(ctx, consumerUuid, providerUuid)
  }
  addResources(ctx: RequestContext, consumerUuid: string, nodeUuid: string, needs: ResourceNeeds): Promise<AddedResources | null> {
    return this.#allocations.addResources(ctx, consumerUuid, nodeUuid, needs)
  }
  removeResources(ctx: RequestContext, consumerUuid: string, resources: Allocations): Promise<void> {
    return this.#allocations.removeResources(ctx, consumerUuid, resources)
  }
  readConfigs(): Promise<void> {
    return this.#providers.readConfigs()
  }
  audit(ctx: RequestContext, node: ComputeNode, isKnownConsumer: (consumerUuid: string) => boolean): Promise<readonly Instance[]> {
    return this.#providers.audit(ctx, node, isKnownConsumer)
  }
  setEnabled(ctx: RequestContext, node: ComputeNode, enabled: boolean): Promise<void> {
    return this.#providers.setEnabled(ctx, node, enabled)
  }
  remove(ctx: RequestContext, node: ComputeNode): Promise<void> {
    return this.#providers.remove(ctx, node)
  }
  close(): void {
    this.#providers.close()
  }
  forget(nodeUuid?: string): void {
    this.#providers.forget(nodeUuid)
  }
}
