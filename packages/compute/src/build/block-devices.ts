import { isNovaError } from '@micronova/model'
import { nameBlockDevices } from '../block-devices/default-names.js'
import { connectVolumes } from '../volume/instance-volumes.js'
import { abortedBecause, isDisappeared } from './failures.js'
import type { BuildState, BuildStep } from './state.js'

/**
 * Name the disks, and connect volumes. Local disks are the driver's to make and to remove; volumes are given back when the build
 * is given up.
 */
export const prepareBlockDevices: BuildStep = {
  name: 'block_devices',
  async run(state, signal) {
    const { instance } = state.request
    try {
      await prepare(state, signal)
    } catch (err) {
      if (isDisappeared(err) || isNovaError(err, 'ComputeResourcesUnavailable')) throw err
      const isPlain = plainKinds.some((kind) => isNovaError(err, kind))
      throw isPlain ? abortedBecause(instance, err) : abortedBecause(instance, err, 'Failure prepping block device.')
    }
  },
}

/** Failures whose message tells the user something. */
const plainKinds = ['UnexpectedTaskStateError', 'InstanceUnacceptable', 'OverQuota', 'InvalidBDM'] as const

async function prepare({ parts, ctx, request }: BuildState, signal: AbortSignal): Promise<void> {
  const { instance, blockDevices, image } = request
  await nameBlockDevices(parts, ctx, instance, image, blockDevices)
  instance.vm_state = 'building'
  instance.task_state = 'block_device_mapping'
  await parts.stores.instances.save(ctx, instance)
  await connectVolumes(parts, ctx, instance, blockDevices, signal)
}
