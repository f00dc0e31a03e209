import { isNovaError, novaError } from '@micronova/model'
import { nameBlockDevices } from '../block-devices/default-names.js'
import { volumesOf } from '../guest-devices.js'
import { abortedBecause, isDisappeared } from './failures.js'
import type { BuildState, BuildStep } from './state.js'

/** Name the disks. Local disks are the driver's to make and to remove, so there is nothing to take back. */
export const prepareBlockDevices: BuildStep = {
  name: 'block_devices',
  async run(state) {
    const { instance } = state.request
    try {
      await prepare(state)
    } catch (err) {
      if (isDisappeared(err) || isNovaError(err, 'ComputeResourcesUnavailable')) throw err
      const isPlain = plainKinds.some((kind) => isNovaError(err, kind))
      throw isPlain ? abortedBecause(instance, err) : abortedBecause(instance, err, 'Failure prepping block device.')
    }
  },
}

/** Failures whose message tells the user something. */
const plainKinds = ['UnexpectedTaskStateError', 'InstanceUnacceptable', 'OverQuota', 'InvalidBDM'] as const

async function prepare({ parts, ctx, request }: BuildState): Promise<void> {
  const { instance, blockDevices, image } = request
  if (volumesOf(blockDevices).length > 0)
    throw novaError('InstanceUnacceptable', { instance_id: instance.uuid, reason: 'this host has no volume service' })
  await nameBlockDevices(parts, ctx, instance, image, blockDevices)
  instance.vm_state = 'building'
  instance.task_state = 'block_device_mapping'
  await parts.stores.instances.save(ctx, instance)
}
