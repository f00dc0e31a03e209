import type { Instance, RequestContext } from '@micronova/model'
import { ensureLoaded } from '../instance-attributes.js'
import type { ComputeParts } from '../parts.js'
import { forgetOtherSize, setSize } from './instance-size.js'
import type { MoveRequest } from './request.js'
import { isTakenOver, withinMove } from './within-move.js'

/** A guest comes back to its source: `comeBack` makes it. The move is over afterwards, however that went. */
export async function returnToSource(
  parts: ComputeParts,
  ctx: RequestContext,
  instance: Instance,
  comeBack: () => Promise<void>,
): Promise<void> {
  await ensureLoaded(parts.stores, ctx, instance, ['info_cache', 'flavor', 'system_metadata', 'migration_context'])
  try {
    await withinMove(parts, ctx, instance, 'active', comeBack)
  } catch (err) {
    if (!isTakenOver(err)) await forgetOtherSize(parts.stores, ctx, instance)
    throw err
  }
  await forgetOtherSize(parts.stores, ctx, instance)
}

/** The record says that it is here, with the size that it had. @throws NovaError `UnexpectedTaskStateError` */
export async function placeBack({ stores }: ComputeParts, ctx: RequestContext, { instance, migration }: MoveRequest): Promise<void> {
  if (instance.old_flavor) setSize(instance, instance.old_flavor)
  instance.host = migration.source_compute
  instance.node = migration.source_node
  await stores.instances.save(ctx, instance, { expectedTaskState: ['resize_reverting'] })
}
