import {
  type AllocationChangeDeps,
  allocationsBody,
  allocationTries,
  hasNoAllocations,
  isClientError,
  moveAllocations,
  pauseBetweenTries,
  removeFromTree,
} from '@micronova/clients'
import { novaError, type RequestContext } from '@micronova/model'
import type {
  AddedResources,
  Allocations,
  ConsumerAllocations,
  ConsumerKind,
  DeleteAllocationsOptions,
  ResourceNeeds,
} from './compute-placement.js'
import { candidatesQuery, differenceOf, sumOf } from './resource-changes.js'
import { isUnusable } from './unusable.js'

export type HostAllocationsDeps = AllocationChangeDeps

/**
 * The allocations of instances and migrations, in Placement.
 *
 * @see nova 26.2.2, `scheduler/client/report.py`
 */
export class HostAllocations implements ConsumerAllocations {
  readonly #deps: HostAllocationsDeps

  constructor(deps: HostAllocationsDeps) {
    this.#deps = deps
  }

  async allocationsOf(ctx: RequestContext, consumerUuid: string): Promise<Allocations> {
    try {
      return (await this.#deps.placement.getAllocations(ctx, consumerUuid)).allocations
    } catch (err) {
      if (!isClientError(err)) throw err
      this.#deps.log.warning(`The allocations of ${consumerUuid} are not known: ${err.message}`)
      return {}
    }
  }

  async deleteAllocations(
    ctx: RequestContext,
    consumerUuid: string,
    { kind = 'instance', force }: DeleteAllocationsOptions,
  ): Promise<boolean> {
    try {
      const isDeleted = force ? await this.#delete(ctx, consumerUuid) : await this.#putNothing(ctx, consumerUuid)
      if (isDeleted) this.#deps.log.info(`Deleted allocations for ${kind} ${consumerUuid}`, { context: ctx })
      return isDeleted
    } catch (err) {
      return this.#deleteFailed(consumerUuid, kind, err)
    }
  }

  moveAllocations(ctx: RequestContext, from: string, to: string): Promise<boolean> {
    return moveAllocations(this.#deps, ctx, from, to)
  }

  async removeFromProvider(ctx: RequestContext, consumerUuid: string, providerUuid: string): Promise<boolean> {
    try {
      return await removeFromTree(this.#deps, ctx, consumerUuid, providerUuid)
    } catch (err) {
      if (isUnusable(err) || !isClientError(err)) throw err
      this.#deps.log.warning(`The allocations of ${consumerUuid} on ${providerUuid} could not be removed: ${err.message}`)
      return false
    }
  }

  async addResources(ctx: RequestContext, consumerUuid: string, nodeUuid: string, needs: ResourceNeeds): Promise<AddedResources | null> {
    const { allocation_requests: found } = await this.#deps.placement.getAllocationCandidates(ctx, candidatesQuery(needs, nodeUuid))
    const [first] = found
    if (first === undefined) return null
    await this.#change(ctx, consumerUuid, (present) => sumOf(present, first.allocations))
    return { allocations: first.allocations, mappings: first.mappings }
  }

  async removeResources(ctx: RequestContext, consumerUuid: string, resources: Allocations): Promise<void> {
    if (Object.keys(resources).length === 0) return
    await this.#change(ctx, consumerUuid, (present) => differenceOf(consumerUuid, present, resources))
  }

  /** @throws NovaError `AllocationUpdateFailed` */
  async #change(ctx: RequestContext, consumerUuid: string, change: (present: Allocations) => Allocations): Promise<void> {
    const { placement } = this.#deps
    for (let left = allocationTries; ; left--) {
      try {
        const consumer = await placement.getAllocations(ctx, consumerUuid)
        return await placement.putAllocations(ctx, consumerUuid, allocationsBody(consumer, change(consumer.allocations)))
      } catch (err) {
        if (!isClientError(err)) throw err
        const { serviceCode, message: error } = err
        if (isUnusable(err)) throw err
        if (serviceCode !== 'placement.concurrent_update' || left <= 1)
          throw novaError('AllocationUpdateFailed', { consumer_uuid: consumerUuid, error }, { cause: err })
        await pauseBetweenTries(this.#deps, left)
      }
    }
  }

  async #delete(ctx: RequestContext, consumerUuid: string): Promise<boolean> {
    try {
      await this.#deps.placement.deleteAllocations(ctx, consumerUuid)
      return true
    } catch (err) {
      if (isClientError(err, 'not_found')) return false
      throw err
    }
  }

  /** The generation of the consumer is part of the request: a change by somebody else meanwhile is noticed. */
  async #putNothing(ctx: RequestContext, consumerUuid: string): Promise<boolean> {
    const consumer = await this.#deps.placement.getAllocations(ctx, consumerUuid)
    if (hasNoAllocations(consumer)) return false
    await this.#deps.placement.putAllocations(ctx, consumerUuid, allocationsBody(consumer, {}))
    return true
  }

  #deleteFailed(consumerUuid: string, kind: ConsumerKind, err: unknown): false {
    const { log } = this.#deps
    if (isUnusable(err)) {
      log.warning(`The allocations for ${kind} ${consumerUuid} stay, as Placement cannot be asked: ${err.message}`)
      return false
    }
    if (!isClientError(err)) throw err
    log.warning(`Unable to delete allocation for ${kind} ${consumerUuid}: ${err.message}`)
    throw novaError('AllocationDeleteFailed', { consumer_uuid: consumerUuid, error: err.message }, { cause: err })
  }
}
