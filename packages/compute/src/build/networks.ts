import { isNovaError } from '@micronova/model'
import { abortedBecause, isDisappeared } from './failures.js'
import type { BuildStep } from './state.js'

/**
 * Begin to allocate networks; they are waited for when the guest needs them. What was allocated is not given back here
 * but when the whole build is given up, for which the resources must be free already.
 */
export const beginNetworks: BuildStep = {
  name: 'networks',
  async run(state) {
    const { parts, ctx, request } = state
    const { instance } = request
    instance.vm_state = 'building'
    instance.task_state = 'networking'
    try {
      await parts.stores.instances.save(ctx, instance, { expectedTaskState: [null] })
    } catch (err) {
      if (isDisappeared(err)) throw err
      if (isNovaError(err, 'UnexpectedTaskStateError')) throw abortedBecause(instance, err)
      throw abortedBecause(instance, err, 'Failed to allocate the network(s), not rescheduling.')
    }
    state.allocation = parts.networks.allocate(ctx, instance, request.networks)
  },
  async undo({ allocation }) {
    await allocation?.settled()
  },
}
