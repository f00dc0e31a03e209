import type { Instance } from '@micronova/model'
import { ensureLoaded } from '../instance-attributes.js'
import { defineOperation } from '../operation.js'
import { offload } from '../shelve/offload.js'

/**
 * Take an instance off this host that is shelved, or that boots from a volume and so need not be made an image of.
 * Wire: `shelve_offload_instance`, cast, compute 5.0 and 6.0.
 */
export const shelveOffloadInstance = defineOperation({
  method: 'shelve_offload_instance',
  parameters: ['instance', 'clean_shutdown', 'accel_uuids'],
  policy: { lock: 'run', event: 'compute_shelve_offload_instance', recordFault: true, notify: 'shelve_offload', revertTaskState: true },
  decode: (args) => ({ instance: args.instance as Instance, clean: args.clean_shutdown === true }),
  async run(parts, ctx, { instance, clean }) {
    await ensureLoaded(parts.stores, ctx, instance, ['info_cache', 'flavor', 'system_metadata'])
    const blockDevices = await parts.stores.blockDeviceMappings.listByInstanceUuid(ctx, instance.uuid)
    await offload(parts, ctx, instance, blockDevices, { clean })
  },
})
