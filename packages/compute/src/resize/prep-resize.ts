import { isNovaError, novaError, type RequestContext } from '@micronova/model'
import { checkGroupPolicy, schedulerHints } from '../group-policy.js'
import { ensureLoaded } from '../instance-attributes.js'
import { defineOperation } from '../operation.js'
import type { ComputeParts } from '../parts.js'
import { theOnlyNode } from '../the-only-node.js'
import { tryReturnAllocations } from './allocations.js'
import { decodePrepResize, type PrepResizeRequest } from './request.js'
import { rescheduleResize } from './reschedule.js'
import { isOvertaken, refusal, withinMove } from './within-move.js'

/**
 * At the destination: hold what the guest will need here, then let its source begin. Wire: `prep_resize`, cast, compute 5.0 to 6.0.
 *
 *     prep_resize (destination) -> resize_instance (source) -> finish_resize (destination) -> the user decides:
 *         confirm_resize (source)
 *         revert_resize (destination) -> finish_revert_resize (source)
 */
export const prepResize = defineOperation({
  method: 'prep_resize',
  parameters: ['image', 'instance', 'flavor', 'request_spec', 'filter_properties', 'node', 'clean_shutdown', 'migration', 'host_list'],
  policy: { lock: 'run', event: 'compute_prep_resize', recordFault: true, revertTaskState: true, failMigration: true },
  decode: decodePrepResize,
  async run(parts, ctx, request) {
    const { instance, migration } = request
    await withinMove(parts, ctx, instance, instance.vm_state, async () => {
      await parts.notifications.exists(ctx, instance, { current: true })
      await parts.notifications.resizePrep(ctx, instance, 'start', request.flavor)
      try {
        await prepare(parts, ctx, request)
      } catch (err) {
        const isReturned = await tryReturnAllocations(parts, ctx, instance, migration)
        // Of allocations that nobody could tell apart the next host would make a mess.
        if (isOvertaken(err) || !isReturned || !(await rescheduleResize(parts, ctx, request, err))) throw err
      } finally {
        await parts.notifications.resizePrep(ctx, instance, 'end', request.flavor)
      }
    })
  },
})

async function prepare(parts: ComputeParts, ctx: RequestContext, request: PrepResizeRequest): Promise<void> {
  const { instance, flavor, image, requestSpec, cleanShutdown, filterProperties } = request
  checkPlace(parts, request)
  await checkGroup(parts, ctx, request)
  await ensureLoaded(parts.stores, ctx, instance, ['system_metadata', 'flavor'])
  instance.new_flavor = flavor
  instance.system_metadata = { ...instance.system_metadata, old_vm_state: String(instance.vm_state) }
  await parts.stores.instances.save(ctx, instance)
  const claim = await parts.tracker.moves.resizeClaim(ctx, {
    instance,
    flavor,
    node: request.node ?? (await theOnlyNode(parts)),
    migration: request.migration,
    limits: filterProperties.limits ?? {},
  })
  try {
    parts.log.info('Migrating', { instanceUuid: instance.uuid })
    await parts.computes.resizeInstance(ctx, { instance, migration: claim.migration, image, flavor, requestSpec, cleanShutdown })
  } catch (err) {
    await claim.abort(ctx)
    throw err
  }
}

/** @throws NovaError `InstanceFaultRollback` */
async function checkGroup(
  parts: ComputeParts,
  ctx: RequestContext,
  { instance, filterProperties, requestSpec }: PrepResizeRequest,
): Promise<void> {
  try {
    await checkGroupPolicy(parts, ctx, instance, schedulerHints(filterProperties, requestSpec))
  } catch (err) {
    throw isNovaError(err, 'GroupAffinityViolation') ? refusal(err) : err
  }
}

/** @throws NovaError `MigrationError`; `InstanceFaultRollback` */
function checkPlace({ host, driver }: ComputeParts, { instance, flavor }: PrepResizeRequest): void {
  if (instance.host === null) throw novaError('MigrationError', { reason: 'Instance has no source host' })
  if (instance.host !== host || flavor.id !== instance.instance_type_id || driver.resizing?.toSameHost) return
  throw refusal(novaError('UnableToMigrateToSelf', { instance_id: instance.uuid, host }))
}
