import { type Instance, isNovaError, type Migration, powerStates, type RequestContext } from '@micronova/model'
import { notImplemented } from '../not-implemented.js'
import { defineOperation } from '../operation.js'
import type { ComputeParts } from '../parts.js'
import { dropSourceAllocations } from './allocations.js'
import { forgetOtherSize } from './instance-size.js'
import { decodeMove, type MoveRequest } from './request.js'
import { isTakenOver, withinMove } from './within-move.js'

/** What a confirmed move needs of its instance; asked for at once. */
const needed = ['metadata', 'system_metadata', 'flavor', 'info_cache', 'migration_context'] as const

/**
 * At the source: the guest stays at its destination, remove what was kept of it. Wire: `confirm_resize`, cast by a user, call by a
 * deletion, compute 5.0 and 6.0.
 */
export const confirmResize = defineOperation({
  method: 'confirm_resize',
  parameters: ['instance', 'migration'],
  policy: { lock: 'run', event: 'compute_confirm_resize', recordFault: true, notify: 'resize_confirm', failMigration: true },
  decode: decodeMove,
  async run(parts, ctx, { instance: { uuid }, migration }) {
    if (!isUnconfirmed(parts, uuid, migration)) return
    const instance = await present(parts, ctx, uuid)
    if (instance === null) return parts.log.info('The instance was deleted before its move was confirmed', { instanceUuid: uuid })
    if (!isStillMoved(instance, migration)) return settleLater(parts, ctx, instance, migration)
    try {
      await withinMove(parts, ctx, instance, 'active', () => confirm(parts, ctx, { instance, migration }))
    } catch (err) {
      if (!isNovaError(err, 'InstanceNotFound')) {
        await settle(parts, ctx, instance, migration, { isOurs: !isTakenOver(err) })
        throw err
      }
      parts.log.info('The instance was deleted while its move was confirmed', { instanceUuid: uuid })
    }
    await settle(parts, ctx, instance, migration, { isOurs: true })
  },
})

/** Not if it was confirmed by a process that was killed before it could say so: then another move may have begun. */
function isStillMoved({ vm_state, migration_context: context }: Instance, { id }: Migration): boolean {
  return vm_state === 'resized' && (context === null || context.migration_id === id)
}

function isUnconfirmed({ log }: ComputeParts, instanceUuid: string, { id, status }: Migration): boolean {
  if (status === 'finished' || status === 'confirming') return true
  if (status === 'confirmed') log.info(`Migration ${id} is already confirmed`, { instanceUuid })
  else log.warning(`Migration ${id} is ${status}, which cannot be confirmed`, { instanceUuid })
  return false
}

/** As it is now, as it may have been deleted; null then. */
async function present({ stores }: ComputeParts, ctx: RequestContext, uuid: string): Promise<Instance | null> {
  try {
    return await stores.instances.getByUuid(ctx, uuid, needed)
  } catch (err) {
    if (isNovaError(err, 'InstanceNotFound')) return null
    throw err
  }
}

async function confirm(parts: ComputeParts, ctx: RequestContext, { instance, migration }: Omit<MoveRequest, 'requestSpec'>): Promise<void> {
  const { networks, driver, tracker, stores } = parts
  await networks.setupNetworksOnHost(ctx, instance, migration.source_compute, { teardown: true })
  const network = await networks.networkInfo(ctx, instance)
  await (driver.resizing ?? notImplemented()).confirmMigration(ctx, migration, { instance, network })
  await tracker.moves.dropMoveClaimAtSource(ctx, instance, migration)
  // A guest that was off before the move may have been started since: its power state says what it is.
  instance.vm_state = instance.power_state === powerStates.shutdown ? 'stopped' : 'active'
  instance.task_state = null
  await stores.instances.save(ctx, instance, { expectedTaskState: [null, 'deleting', 'soft-deleting'] })
}

/** However it ended, the instance is at its destination: nothing of it shall count here. */
async function settle(
  parts: ComputeParts,
  ctx: RequestContext,
  instance: Instance,
  migration: Migration,
  { isOurs }: { readonly isOurs: boolean },
): Promise<void> {
  try {
    await dropSourceAllocations(parts, ctx, instance, migration)
  } finally {
    await parts.scheduler.remove(ctx, instance.uuid)
    if (isOurs) await forgetOtherSize(parts.stores, ctx, instance)
  }
}

/** What the killed process may have left undone; the sizes of another move are not touched. */
async function settleLater(parts: ComputeParts, ctx: RequestContext, instance: Instance, migration: Migration): Promise<void> {
  parts.log.info(`Migration ${migration.id} was confirmed before`, { instanceUuid: instance.uuid })
  const stored = await parts.stores.migrations.getByIdAndInstance(ctx, migration.id, instance.uuid)
  if (stored.status === 'confirming') {
    stored.status = 'confirmed'
    await parts.stores.migrations.save(ctx, stored)
  }
  await dropSourceAllocations(parts, ctx, instance, migration)
  if (instance.task_state !== null || instance.migration_context !== null || !instance.old_flavor) return
  try {
    await forgetOtherSize(parts.stores, ctx, instance, [null])
  } catch (err) {
    if (!isTakenOver(err)) throw err
  }
}
