import type { BlockDeviceMapping, Instance, RequestContext } from '@micronova/model'
import { ensureLoaded } from '../instance-attributes.js'
import { powerStateOf } from '../instance-state.js'
import { defineOperation, onlyInstance } from '../operation.js'
import type { ComputeParts } from '../parts.js'
import { deleteShelvedImage, forgetShelving } from '../shelve/shelved-state.js'

/** Power a guest on. Wire: `start_instance`, cast, compute 5.0 and 6.0. */
export const startInstance = defineOperation({
  method: 'start_instance',
  parameters: ['instance'],
  policy: { lock: 'run', event: 'compute_start_instance', recordFault: true, notify: 'power_on', revertTaskState: true },
  decode: onlyInstance,
  async run(parts, ctx, { instance }) {
    await ensureLoaded(parts.stores, ctx, instance, ['system_metadata'])
    await powerOn(parts, ctx, instance)
    instance.power_state = await powerStateOf(parts, instance)
    instance.vm_state = 'active'
    instance.task_state = null
    const { shelved_image_id: imageId } = instance.system_metadata
    if (imageId) await deleteShelvedImage(parts, ctx, instance, imageId)
    forgetShelving(instance)
    await parts.stores.instances.save(ctx, instance, { expectedTaskState: ['powering-on'] })
  },
})

/** Interfaces first, then block devices: the order in which upstream asks here, and only here. */
export async function powerOn(
  { driver, networks, stores }: Pick<ComputeParts, 'driver' | 'networks' | 'stores'>,
  ctx: RequestContext,
  instance: Instance,
): Promise<void> {
  const network = await networks.networkInfo(ctx, instance)
  const blockDevices: BlockDeviceMapping[] = await stores.blockDeviceMappings.listByInstanceUuid(ctx, instance.uuid)
  await driver.powerOn(ctx, { instance, network, blockDevices })
}
