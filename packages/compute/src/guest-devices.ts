import type { BlockDeviceMapping, Instance, RequestContext } from '@micronova/model'
import type { GuestDevices } from '@micronova/virt'
import type { ComputeParts } from './parts.js'

/** What the driver needs to start a guest again: its block devices, then its interfaces, in upstream's order of questions. */
export async function guestDevices(
  { stores, networks }: Pick<ComputeParts, 'stores' | 'networks'>,
  ctx: RequestContext,
  instance: Instance,
): Promise<GuestDevices> {
  const blockDevices = await stores.blockDeviceMappings.listByInstanceUuid(ctx, instance.uuid)
  const network = await networks.networkInfo(ctx, instance)
  return { instance, network, blockDevices }
}

/** Only mappings of volumes; local disks come and go with the guest. */
export function volumesOf(mappings: readonly BlockDeviceMapping[]): readonly BlockDeviceMapping[] {
  return mappings.filter(({ destination_type }) => destination_type === 'volume')
}
