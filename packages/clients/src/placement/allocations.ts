import type { Clock, Random } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import { novaError, type RequestContext } from '@micronova/model'
import { type ClientError, isClientError } from '../errors.js'
import type { PlacementClient } from './client.js'
import type { AllocationsBody, ConsumerAllocations } from './types.js'

export interface AllocationChangeDeps {
  readonly placement: PlacementClient
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
}

/** A change that met another one of the same providers is tried so often. */
export const allocationTries = 4

/** The pause before the next try, of which `left` are left with the one that failed: longer each time, and of another length for each. */
export function pauseBetweenTries({ clock, random }: Pick<AllocationChangeDeps, 'clock' | 'random'>, left: number): Promise<void> {
  return clock.sleep(random.next() * 1000 * (allocationTries - left + 1))
}

/** Try again while only the providers have changed meanwhile: a race inside Placement between consumers. */
export async function whileProvidersChange<T>(deps: Pick<AllocationChangeDeps, 'clock' | 'random'>, attempt: () => Promise<T>): Promise<T> {
  for (let left = allocationTries; ; left--) {
    try {
      return await attempt()
    } catch (err) {
      if (left <= 1 || !isProviderChange(err)) throw err
      await pauseBetweenTries(deps, left)
    }
  }
}

/** Somebody else has changed what the consumer has, since it was read. */
export function isConsumerChange(err: unknown): boolean {
  return isConcurrentUpdate(err) && (err.detail?.includes('consumer generation conflict') ?? false)
}

/** Somebody else has changed a provider meanwhile; the same request may succeed. */
export function isProviderChange(err: unknown): boolean {
  return isConcurrentUpdate(err) && !isConsumerChange(err)
}

function isConcurrentUpdate(err: unknown): err is ClientError {
  return isClientError(err) && err.serviceCode === 'placement.concurrent_update'
}

export function hasNoAllocations({ allocations }: ConsumerAllocations): boolean {
  return Object.keys(allocations).length === 0
}

/** What a consumer is to have, under the conditions with which it was read. */
export function allocationsBody(
  { project_id = '', user_id = '', consumer_generation = null }: ConsumerAllocations,
  allocations: ConsumerAllocations['allocations'],
): AllocationsBody {
  return { allocations, project_id, user_id, consumer_generation }
}

/**
 * Give to one consumer what another has, in the place of what it has itself: all or nothing.
 *
 * @returns false if Placement refused, or neither has anything; why is logged
 * @throws NovaError `AllocationMoveFailed` if somebody else changed one of them meanwhile
 * @see nova 26.2.2, `scheduler/client/report.py`, `move_allocations`
 */
export async function moveAllocations(deps: AllocationChangeDeps, ctx: RequestContext, from: string, to: string): Promise<boolean> {
  try {
    return await whileProvidersChange(deps, () => move(deps, ctx, from, to))
  } catch (err) {
    if (!isClientError(err)) throw err
    if (isConsumerChange(err))
      throw novaError('AllocationMoveFailed', { source_consumer: from, target_consumer: to, error: err.message }, { cause: err })
    const failed = `The allocations of ${from} could not be moved to ${to}`
    if (isProviderChange(err)) deps.log.error(`${failed}: their providers change all the time`, { context: ctx })
    else deps.log.warning(`${failed}: ${err.message}`, { context: ctx })
    return false
  }
}

async function move({ placement, log }: AllocationChangeDeps, ctx: RequestContext, from: string, to: string): Promise<boolean> {
  const [source, target] = await Promise.all([placement.getAllocations(ctx, from), placement.getAllocations(ctx, to)])
  if (hasNoAllocations(source)) {
    if (hasNoAllocations(target)) log.warning(`Neither ${from} nor ${to} has allocations`, { context: ctx })
    else log.info(`${from} has no allocations; those of ${to} are taken to be what it had`, { context: ctx })
    return !hasNoAllocations(target)
  }
  const given = allocationsBody(source, source.allocations)
  await placement.postAllocations(ctx, {
    [from]: { ...given, allocations: {} },
    [to]: { ...given, consumer_generation: target.consumer_generation ?? null },
  })
  return true
}

/**
 * Take from a consumer what it has on a provider and on those below it.
 *
 * @returns false if the consumer has nothing at all; that it has nothing there is logged, and fine
 */
export async function removeFromTree(
  { placement, log }: Pick<AllocationChangeDeps, 'placement' | 'log'>,
  ctx: RequestContext,
  consumerUuid: string,
  rootUuid: string,
): Promise<boolean> {
  const consumer = await placement.getAllocations(ctx, consumerUuid)
  if (hasNoAllocations(consumer)) {
    log.error(`${consumerUuid} should have allocations and has none`, { context: ctx })
    return false
  }
  const tree = new Set((await placement.listResourceProviders(ctx, { in_tree: rootUuid })).map(({ uuid }) => uuid))
  const kept = Object.entries(consumer.allocations).filter(([uuid]) => !tree.has(uuid))
  if (kept.length === Object.keys(consumer.allocations).length)
    log.warning(`${consumerUuid} should have allocations on ${rootUuid} and has none`, { context: ctx })
  else await placement.putAllocations(ctx, consumerUuid, allocationsBody(consumer, Object.fromEntries(kept)))
  return true
}
