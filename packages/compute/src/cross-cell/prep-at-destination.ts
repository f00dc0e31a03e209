import { type Flavor, type Instance, type Migration, type MigrationContext, novaError, type RequestContext } from '@micronova/model'
import { messageOf } from '@micronova/rpcapi'
import { ensureLoaded } from '../instance-attributes.js'
import { defineOperation } from '../operation.js'
import type { ComputeParts } from '../parts.js'

interface Request {
  readonly instance: Instance
  readonly flavor: Flavor
  readonly node: string
  readonly migration: Migration
}

/**
 * A resize to another cell, which the conductor leads from step to step; the guest travels as an image. Each step is a call:
 *
 *     prep_at_dest (claim) -> prep_at_source (image, guest gone) -> finish_at_dest (guest made) -> the user decides:
 *         confirm_at_source
 *         revert_at_dest -> finish_revert_at_source
 *
 * At the destination: hold what the guest will need. Wire: `prep_snapshot_based_resize_at_dest`, call, compute 5.5 and 6.0.
 */
export const prepCrossCellAtDestination = defineOperation({
  method: 'prep_snapshot_based_resize_at_dest',
  parameters: ['instance', 'flavor', 'nodename', 'migration', 'limits'],
  policy: {
    lock: 'run',
    event: 'compute_prep_snapshot_based_resize_at_dest',
    recordFault: true,
    expected: ['MigrationPreCheckError'],
  },
  decode: (args): Request => ({
    instance: args.instance as Instance,
    flavor: args.flavor as Flavor,
    node: String(args.nodename),
    migration: args.migration as Migration,
  }),
  async run(parts, ctx, request) {
    const { instance, flavor } = request
    await parts.notifications.exists(ctx, instance, { current: true })
    await parts.notifications.resizePrep(ctx, instance, 'start', flavor)
    try {
      return await claim(parts, ctx, request)
    } catch (err) {
      parts.log.warning('The instance cannot come to this host from another cell', { err, instanceUuid: instance.uuid })
      const reason = `Pre-checks failed on host '${parts.host}'. Error: ${messageOf(err)}`
      throw novaError('MigrationPreCheckError', { reason }, { cause: err })
    } finally {
      await parts.notifications.resizePrep(ctx, instance, 'end', flavor)
    }
  },
})

/** @returns what the source must store as well */
async function claim(
  parts: ComputeParts,
  ctx: RequestContext,
  { instance, flavor, node, migration }: Request,
): Promise<MigrationContext | null> {
  await ensureLoaded(parts.stores, ctx, instance, ['system_metadata', 'flavor'])
  await parts.tracker.moves.resizeClaim(ctx, { instance, flavor, node, migration, limits: {} })
  return instance.migration_context
}
