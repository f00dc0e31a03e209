import type { HostPluginInfo } from '../objects/host-info.js'
import { HostPortProfileInfo, HostVIFInfo } from '../objects/host-info.js'
import type { InstanceInfo } from '../objects/instance-info.js'
import type { VIFBase } from '../objects/vif.js'

/** Connects interfaces of one kind to the network of the host. Both ways may be repeated, and a try that failed half way is finished by the next. */
export interface VifPlugin {
  /** What `VIFBase.plugin` says. */
  readonly name: string
  /** What it understands. */
  describe(): HostPluginInfo
  /** Called before the instance starts; its device need not exist yet. */
  plug(vif: VIFBase, instance: InstanceInfo): Promise<void>
  /** Called after the instance has stopped, also for an interface that was never plugged. */
  unplug(vif: VIFBase, instance: InstanceInfo): Promise<void>
}

const versions = { min_version: '1.0', max_version: '1.0' }

/** A kind of interface in the description of a plug. */
export function supports(vif: { readonly objName: string }, ...profiles: readonly { readonly objName: string }[]): HostVIFInfo {
  return new HostVIFInfo({
    vif_object_name: vif.objName,
    ...versions,
    supported_port_profiles: profiles.map((profile) => new HostPortProfileInfo({ profile_object_name: profile.objName, ...versions })),
  })
}
