import {
  type BlockDeviceMapping,
  BlockDevicePayload,
  type Flavor,
  FlavorPayload,
  type Instance,
  InstancePayload,
  IpPayload,
  populatePayload,
  type RequestContext,
  type Vif,
} from '@micronova/model'

/** The volumes of an instance; null: they are not told. */
export type ToldVolumes = readonly BlockDeviceMapping[] | null

/** The fields that every payload of an instance has, besides those that its schema takes from the instance. */
export function instanceFields(ctx: RequestContext, instance: Instance, blockDevices: ToldVolumes) {
  return {
    ip_addresses: ipPayloads(networkInfoOf(instance)),
    flavor: flavorPayload(instance.flavor),
    block_devices: blockDevices?.filter(({ volume_id }) => volume_id !== null).map(blockDevicePayload) ?? null,
    // Work that nobody asked for has a request id that means nothing.
    request_id: ctx.projectId && ctx.userId ? ctx.requestId : null,
    action_initiator_user: ctx.userId,
    action_initiator_project: ctx.projectId,
    locked_reason: instance.objIsSet('system_metadata') ? (instance.system_metadata.locked_reason ?? null) : null,
  }
}

/** Fill what the schema takes from the instance. */
export function populated<P extends { readonly objDefinition: unknown }>(payload: P, instance: Instance): P {
  populatePayload(payload as never, { instance })
  return payload
}

export function instancePayload(ctx: RequestContext, instance: Instance, blockDevices: ToldVolumes): InstancePayload {
  return populated(new InstancePayload(instanceFields(ctx, instance, blockDevices)), instance)
}

export function flavorPayload(flavor: Flavor): FlavorPayload {
  const payload = new FlavorPayload({})
  populatePayload(payload, { flavor })
  return payload
}

/** What the info cache holds; null if it is not there. */
export function networkInfoOf(instance: Instance): readonly Vif[] | null {
  return instance.objIsSet('info_cache') ? (instance.info_cache?.network_info ?? null) : null
}

function blockDevicePayload(bdm: BlockDeviceMapping): BlockDevicePayload {
  const payload = new BlockDevicePayload({})
  populatePayload(payload, { bdm })
  return payload
}

function ipPayloads(network: readonly Vif[] | null): IpPayload[] {
  return (network ?? []).flatMap((vif) =>
    (vif.network?.subnets ?? []).flatMap(({ ips }) =>
      ips.map(
        ({ address, version }) =>
          new IpPayload({
            label: vif.network?.label ?? '',
            mac: vif.address ?? '',
            meta: vif.meta as Record<string, string>,
            port_uuid: vif.id,
            version: version ?? 4,
            address: address ?? '',
            device_name: vif.devname,
          }),
      ),
    ),
  )
}
