import { wantsNoNetwork } from '../network/network-api.js'
import { teardownGuest } from '../teardown.js'
import { isDisappeared } from './failures.js'
import { decodeInjectedFiles } from './request.js'
import type { BuildStep } from './state.js'

/** Make the guest with the networks that are ready by now. */
export const spawnGuest: BuildStep = {
  name: 'spawn',
  async run(state, signal) {
    const { parts, ctx, request, allocation } = state
    const { instance, blockDevices, image, adminPassword } = request
    const injectedFiles = decodeInjectedFiles(request.injectedFiles)
    instance.vm_state = 'building'
    instance.task_state = 'spawning'
    await parts.stores.instances.save(ctx, instance, { expectedTaskState: ['block_device_mapping'] })
    state.network = (await allocation?.record()) ?? []
    await parts.driver.spawn(ctx, { instance, network: state.network, blockDevices, image, injectedFiles, adminPassword }, signal)
    state.guestRan = true
  },
  /** Networks that were allocated stay until the build is given up; if there are none, whatever was begun is given back now. */
  async undo({ parts, ctx, request, network }, failure) {
    const { instance, blockDevices, networks } = request
    if (!isDisappeared(failure)) parts.log.error('Instance failed to spawn', { err: failure, instanceUuid: instance.uuid })
    const deallocateNetworks = network.length === 0 && !wantsNoNetwork(networks.networks)
    await teardownGuest(parts, ctx, instance, blockDevices, { deallocateNetworks, requestedNetworks: networks.networks })
  },
}
