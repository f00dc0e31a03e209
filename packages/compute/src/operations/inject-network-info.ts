import { defineOperation, onlyInstance } from '../operation.js'

/**
 * Bring the info cache up to date. Wire: `inject_network_info`, cast, compute 5.0 and 6.0. No driver of Zed tells the guest,
 * though that is what the name says.
 */
export const injectNetworkInfo = defineOperation({
  method: 'inject_network_info',
  parameters: ['instance'],
  policy: { lock: 'run', recordFault: true },
  decode: onlyInstance,
  async run({ networks }, ctx, { instance }) {
    await networks.networkInfo(ctx, instance)
  },
})
