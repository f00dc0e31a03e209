import { type AllocationsBody, type ConsumerAllocations as Consumer, isClientError, type PlacementClient } from '@micronova/clients'
import type { Clock, Random } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
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
import { isUnusable, textOf } from './unusable.js'

export interface HostAllocationsDeps {
  readonly placement: PlacementClient
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
}

/** A move, or another change, that met a change of the same providers by somebody else is tried so often. */
const moveTries = 4

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

  async moveAllocations(ctx: RequestContext, from: string, to: string): Promise<boolean> {
    for (let left = moveTries; left > 0; left--) {
      try {
        return await this.#move(ctx, from, to)
      } catch (err) {
        if (!isClientError(err)) throw err
        if (err.serviceCode !== 'placement.concurrent_update')
          return this.#refused(`The allocations of ${from} could not be moved to ${to}`, err)
        if (err.detail?.includes('consumer generation conflict'))
          throw novaError('AllocationMoveFailed', { source_consumer: from, target_consumer: to, error: err.message }, { cause: err })
        await this.#deps.clock.sleep(this.#deps.random.next() * 1000 * (moveTries - left + 1))
      }
    }
    this.#deps.log.error(`The allocations of ${from} could not be moved to ${to}: their providers change all the time`)
    return false
  }

  async removeFromProvider(ctx: RequestContext, consumerUuid: string, providerUuid: string): Promise<boolean> {
    const { placement, log } = this.#deps
    try {
      const consumer = await placement.getAllocations(ctx, consumerUuid)
      if (hasNothing(consumer)) {
        log.error(`${consumerUuid} should have allocations and has none`)
        return false
      }
      const tree = new Set((await placement.listResourceProviders(ctx, { in_tree: providerUuid })).map(({ uuid }) => uuid))
      const kept = Object.entries(consumer.allocations).filter(([uuid]) => !tree.has(uuid))
      if (kept.length === Object.keys(consumer.allocations).length) {
        log.warning(`${consumerUuid} should have allocations on ${providerUuid} and has none`)
        return true
      }
      await placement.putAllocations(ctx, consumerUuid, bodyOf(consumer, Object.fromEntries(kept)))
      return true
    } catch (err) {
      if (isUnusable(err)) throw err
      return this.#refused(`The allocations of ${consumerUuid} on ${providerUuid} could not be removed`, err)
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
    const { placement, clock, random } = this.#deps
    for (let left = moveTries; ; left--) {
      try {
        const consumer = await placement.getAllocations(ctx, consumerUuid)
        return await placement.putAllocations(ctx, consumerUuid, bodyOf(consumer, change(consumer.allocations)))
      } catch (err) {
        if (!isClientError(err)) throw err
        const { serviceCode, message: error } = err
        if (isUnusable(err)) throw err
        if (serviceCode !== 'placement.concurrent_update' || left <= 1)
          throw novaError('AllocationUpdateFailed', { consumer_uuid: consumerUuid, error }, { cause: err })
        await clock.sleep(random.next() * 1000 * (moveTries - left + 1))
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
    if (hasNothing(consumer)) return false
    await this.#deps.placement.putAllocations(ctx, consumerUuid, bodyOf(consumer, {}))
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

  async #move(ctx: RequestContext, from: string, to: string): Promise<boolean> {
    const { placement, log } = this.#deps
    const [source, target] = await Promise.all([placement.getAllocations(ctx, from), placement.getAllocations(ctx, to)])
    if (hasNothing(source)) {
      if (hasNothing(target)) log.warning(`Neither ${from} nor ${to} has allocations`)
      else log.info(`${from} has no allocations; those of ${to} are taken to be what it had`)
      return !hasNothing(target)
    }
    const given = bodyOf(source, source.allocations)
    await placement.postAllocations(ctx, {
      [from]: { ...given, allocations: {} },
      [to]: { ...given, consumer_generation: target.consumer_generation ?? null },
    })
    return true
  }

  #refused(what: string, err: unknown): false {
    if (!isClientError(err)) throw err
    this.#deps.log.warning(`${what}: ${textOf(err)}`)
    return false
  }
}

function hasNothing({ allocations }: Consumer): boolean {
  return Object.keys(allocations).length === 0
}

/** What a consumer is to have, under the conditions with which it was read. */
function bodyOf(
  { project_id = '', user_id = '', consumer_generation = null }: Consumer,
  allocations: Consumer['allocations'],
): AllocationsBody {
  return { allocations, project_id, user_id, consumer_generation }
}
