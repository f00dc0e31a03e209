import type { Instance, RequestContext } from '@micronova/model'
import { ensureLoaded } from '../instance-attributes.js'
import { cachedNetworkInfo } from '../network/network-api.js'
import { defineOperation } from '../operation.js'
import type { ComputeParts } from '../parts.js'

/** One more address on a network that the instance is on. Wire: `add_fixed_ip_to_instance`, cast, compute 5.0 and 6.0. */
export const addFixedIpToInstance = defineOperation({
  method: 'add_fixed_ip_to_instance',
  parameters: ['network_id', 'instance'],
  policy: { lock: 'run', recordFault: true },
  decode: ({ network_id, instance }) => ({ networkId: network_id as string, instance: instance as Instance }),
  async run(parts, ctx, { networkId, instance }) {
    await told(parts, ctx, instance, 'create_ip', () => parts.networks.addFixedIp(ctx, instance, networkId))
  },
})

/** Take an address off. Wire: `remove_fixed_ip_from_instance`, cast, compute 5.0 and 6.0. */
export const removeFixedIpFromInstance = defineOperation({
  method: 'remove_fixed_ip_from_instance',
  parameters: ['address', 'instance'],
  policy: { lock: 'run', recordFault: true },
  decode: ({ address, instance }) => ({ address: address as string, instance: instance as Instance }),
  async run(parts, ctx, { address, instance }) {
    await told(parts, ctx, instance, 'delete_ip', () => parts.networks.removeFixedIp(ctx, instance, address))
  },
})

async function told(
  parts: ComputeParts,
  ctx: RequestContext,
  instance: Instance,
  action: 'create_ip' | 'delete_ip',
  change: () => Promise<unknown>,
): Promise<void> {
  await ensureLoaded(parts.stores, ctx, instance, ['info_cache'])
  await parts.notifications.fixedIp(ctx, instance, action, 'start')
  await change()
  await touch(parts, ctx, instance)
  await parts.notifications.fixedIp(ctx, instance, action, 'end', cachedNetworkInfo(instance))
}

/** Whoever asks for instances that have changed since some time shall see this one. */
async function touch({ clock, stores }: ComputeParts, ctx: RequestContext, instance: Instance): Promise<void> {
  instance.updated_at = new Date(clock.now())
  await stores.instances.save(ctx, instance)
}
