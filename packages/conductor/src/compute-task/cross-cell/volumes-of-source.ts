import { isClientError } from '@micronova/clients'
import { BlockDeviceMapping, type RequestContext } from '@micronova/model'
import { messageOf } from '@micronova/rpcapi'
import type { ComputeTaskDeps } from '../compute-task-deps.js'
import type { CellSide } from './move-state.js'

/** Volumes that came or went while the instance waited for its user's decision. */
export interface VolumesOfSource {
  /** Those that have gone from the target are forgotten at the source too. */
  finish(): Promise<void>
  /** Those that were added at the source go from it again. Failures are logged. */
  undo(): Promise<void>
}

/**
 * Give the source cell a mapping and an attachment of its own for each volume that was attached in the target cell: those of the
 * target end with its guest.
 *
 * @throws what Cinder or the database answers; nothing is added then
 */
export async function bringVolumesBack(
  deps: ComputeTaskDeps,
  ctx: RequestContext,
  source: CellSide,
  target: CellSide,
): Promise<VolumesOfSource> {
  const { uuid: instanceUuid } = source.instance
  const { blockDeviceMappings } = source.scope.stores
  const [before, now] = await Promise.all(
    [source, target].map(({ scope }) => scope.stores.blockDeviceMappings.listByInstanceUuid(ctx, instanceUuid)),
  )
  const added: BlockDeviceMapping[] = []
  const undo = async () => {
    for (const mapping of added) await forget(deps, ctx, source, mapping)
  }
  try {
    for (const mapping of now!) {
      if (before!.some(({ uuid }) => uuid === mapping.uuid)) continue
      const { id: _, ...values } = mapping.objGetSet()
      const copy = new BlockDeviceMapping(values)
      if (mapping.volume_id !== null) {
        copy.attachment_id = (await deps.clients.cinder.createAttachment(ctx, { volumeId: mapping.volume_id, instanceUuid })).id
        added.push(copy)
      }
      await blockDeviceMappings.create(ctx, copy)
    }
  } catch (err) {
    await undo()
    throw err
  }
  const gone = before!.filter(({ uuid }) => !now!.some((mapping) => mapping.uuid === uuid))
  const finish = async () => {
    for (const mapping of gone) await forget(deps, ctx, source, mapping)
  }
  return { finish, undo }
}

async function forget(
  { clients, log }: ComputeTaskDeps,
  ctx: RequestContext,
  { scope }: CellSide,
  mapping: BlockDeviceMapping,
): Promise<void> {
  const { attachment_id: id, volume_id: volumeId, instance_uuid: instanceUuid } = mapping
  const failed = (what: string) => (err: unknown) =>
    log.error(`${what} of the volume ${volumeId} could not be deleted and has to be by hand: ${messageOf(err)}`, {
      instanceUuid,
      context: ctx,
    })
  if (id !== null)
    await clients.cinder.deleteAttachment(ctx, id).catch((err: unknown) => {
      if (!isClientError(err, 'not_found')) failed(`The attachment ${id}`)(err)
    })
  if (mapping.objIsSet('id')) await scope.stores.blockDeviceMappings.destroy(ctx, mapping).catch(failed('The mapping'))
}
