import { type BlockDeviceMapping, type BlockDeviceMappingList, type Instance, isNovaError, type RequestContext } from '@micronova/model'
import { deleteInstance } from '../delete-instance.js'
import { setErrorState } from '../instance-state.js'
import { defineOperation } from '../operation.js'
import type { ComputeParts } from '../parts.js'

/** Delete an instance, whatever state it is in. Wire: `terminate_instance`, cast, compute 5.0 and 6.0. */
export const terminateInstance = defineOperation({
  method: 'terminate_instance',
  parameters: ['instance', 'bdms'],
  policy: { lock: 'run', event: 'compute_terminate_instance', recordFault: true, revertTaskState: true },
  decode: (args) => ({ instance: args.instance as Instance, mappings: (args.bdms as BlockDeviceMappingList | null)?.objects ?? null }),
  async run(parts, ctx, { instance, mappings }) {
    const blockDevices = await upToDate(parts, ctx, instance, mappings)
    try {
      await deleteInstance(parts, ctx, instance, blockDevices)
    } catch (err) {
      if (isNovaError(err, 'InstanceNotFound')) {
        parts.log.info('The instance was gone before it was deleted', { instanceUuid: instance.uuid })
        return
      }
      parts.log.error('The instance could not be deleted and is set to ERROR', { err, instanceUuid: instance.uuid })
      await setErrorState(parts, ctx, instance)
      throw err
    }
  },
})

/** A volume without an id was not ready when the API read it; it may be by now. */
async function upToDate(
  { stores }: ComputeParts,
  ctx: RequestContext,
  instance: Instance,
  mappings: readonly BlockDeviceMapping[] | null,
): Promise<readonly BlockDeviceMapping[]> {
  const isStale = mappings?.some(({ destination_type, volume_id }) => destination_type === 'volume' && !volume_id) ?? true
  return mappings === null || isStale ? stores.blockDeviceMappings.listByInstanceUuid(ctx, instance.uuid) : mappings
}
