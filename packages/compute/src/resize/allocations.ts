import type { Instance, Migration, RequestContext } from '@micronova/model'
import type { ComputeParts } from '../parts.js'

type AllocationParts = Pick<ComputeParts, 'placement' | 'log'>

/**
 * What the instance has at its source is held by the migration while it moves: give it back, in the place of what the
 * instance has at its destination. Without anything held, as after an earlier call, nothing changes.
 *
 * @throws NovaError `AllocationMoveFailed` and what else the placement service answers: both may have allocations still
 * @see nova 26.2.2, `compute/manager.py`, `_revert_allocation`
 */
export async function returnAllocations(
  { placement, log }: AllocationParts,
  ctx: RequestContext,
  instance: Instance,
  migration: Migration,
): Promise<void> {
  const held = await placement.allocationsOf(ctx, migration.uuid)
  const providers = Object.keys(held)
  if (providers.length === 0) {
    log.info(`The migration ${migration.uuid} holds no allocations to give back`, { instanceUuid: instance.uuid })
    return
  }
  log.info(`The allocations on ${providers.join(', ')}, held by the migration ${migration.uuid}, go back to the instance`, {
    instanceUuid: instance.uuid,
  })
  await placement.moveAllocations(ctx, migration.uuid, instance.uuid)
}

/** The same where something has failed already. @returns false if they could not be given back, which is logged */
export async function tryReturnAllocations(
  parts: AllocationParts,
  ctx: RequestContext,
  instance: Instance,
  migration: Migration | null,
): Promise<boolean> {
  if (migration === null) return true
  try {
    await returnAllocations(parts, ctx, instance, migration)
    return true
  } catch (err) {
    parts.log.error(`The allocations held by the migration ${migration.uuid} could not be given back and may stay for ever`, {
      err,
      instanceUuid: instance.uuid,
    })
    return false
  }
}

/**
 * The instance stays at its destination: what the migration holds of the source ends.
 *
 * @throws NovaError `AllocationDeleteFailed`: they stay until somebody removes them
 */
export async function dropSourceAllocations(
  { placement, log }: AllocationParts,
  ctx: RequestContext,
  instance: Instance,
  migration: Migration,
): Promise<void> {
  try {
    await placement.deleteAllocations(ctx, migration.uuid, { kind: 'migration', force: false })
  } catch (err) {
    log.error(`The allocations held by the migration ${migration.uuid} could not be deleted`, { err, instanceUuid: instance.uuid })
    throw err
  }
}
