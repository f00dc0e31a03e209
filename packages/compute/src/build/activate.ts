import type { Instance } from '@micronova/model'
import type { NetworkInfo } from '@micronova/virt'
import { powerStateOf } from '../instance-state.js'
import type { BuildStep } from './state.js'

/**
 * Tell the world that the guest runs. If that fails (the instance is being deleted, the conductor is gone) the guest is
 * destroyed by the undo of the step before: a guest that nobody knows of must not stay.
 */
export const activate: BuildStep = {
  name: 'activate',
  async run({ parts, ctx, request, network }) {
    const { instance } = request
    const { network_allocated: _, ...systemMetadata } = instance.system_metadata // of use while a build may go to another host
    if (_ !== undefined) instance.system_metadata = systemMetadata
    setAccessAddresses(instance, network, parts.settings.accessIpNetworkName)
    instance.power_state = await powerStateOf(parts, instance)
    instance.vm_state = 'active'
    instance.task_state = null
    instance.launched_at = new Date(parts.clock.now())
    await parts.stores.instances.save(ctx, instance, { expectedTaskState: ['spawning'] })
  },
}

/** The first addresses on the network with that label, unless the user gave others. */
export function setAccessAddresses(instance: Instance, network: NetworkInfo, label: string | null): void {
  if (!label || instance.access_ip_v4 || instance.access_ip_v6) return
  const vif = network.find((candidate) => candidate.network?.label === label)
  const ips = vif?.network?.subnets.flatMap((subnet) => subnet.ips) ?? []
  instance.access_ip_v4 = ips.find(({ version }) => version === 4)?.address ?? null
  instance.access_ip_v6 = ips.find(({ version }) => version === 6)?.address ?? null
}
