import { type Instance, instanceName, novaError, type Vif } from '@micronova/model'
import {
  DatapathOffloadRepresentor,
  InstanceInfo,
  type VIFBase,
  VIFBridge,
  VIFGeneric,
  VIFHostDevice,
  VIFOpenVSwitch,
  VIFPortProfileBase,
  VIFPortProfileFPBridge,
  VIFPortProfileFPOpenVSwitch,
  VIFPortProfileOpenVSwitch,
  VIFPortProfileOVSRepresentor,
  VIFVHostUser,
} from '@micronova/vif'
import { osVifNetwork } from './network-objects.js'

/** Names of network devices are cut here; Neutron's agents cut theirs so. */
const nameLength = 14
/** Types that os-vif has no plug for: the hypervisor is told of them in other ways. Those that end the list are of ports that no host has. */
const withoutPlug = new Set([
  ...['dvs', 'iovisor', '802.1qbg', '802.1qbh', 'hw_veb', 'hostdev_physical', 'ib_hostdev', 'midonet', 'tap', 'macvtap'],
  ...['binding_failed', 'unbound'],
])

/**
 * An interface of the info cache as os-vif's plugs take it; null for one that no plug is for.
 *
 * @throws NovaError `NovaException` for a type that Nova does not know, `VifDetailsMissingVhostuserSockPath`
 * @see nova 26.2.2, `network/os_vif_util.py`, `nova_to_osvif_vif`
 */
export function novaToOsVif(vif: Vif): VIFBase | null {
  const type = vif.type ?? ''
  if (withoutPlug.has(type)) return null
  const convert = converters[type]
  if (convert === undefined) throw novaError('NovaException', {}, `Unsupported VIF type ${type}`)
  return convert(vif)
}

/** What the plugs learn of an instance. @param nameTemplate `[DEFAULT] instance_name_template` */
export function osVifInstanceInfo(instance: Instance, nameTemplate?: string): InstanceInfo {
  const info = new InstanceInfo({ uuid: instance.uuid, name: instanceName(instance, nameTemplate) })
  if (instance.objIsSet('project_id') && instance.project_id !== null) info.project_id = instance.project_id
  return info
}

const converters: Readonly<Record<string, (vif: Vif) => VIFBase>> = {
  bridge: (vif) => new VIFBridge({ ...common(vif, 'linux_bridge'), vif_name: vifName(vif), ...bridgeName(vif) }),
  ovs: ovsVif,
  agilio_ovs: agilioVif,
  ivs: (vif) =>
    isHybrid(vif)
      ? new VIFBridge({ ...common(vif, 'ivs'), vif_name: vifName(vif), bridge_name: hybridBridgeName(vif) })
      : new VIFGeneric({ ...common(vif, 'ivs'), vif_name: vifName(vif) }),
  vhostuser: vhostUserVif,
  vrouter: vrouterVif,
}

function ovsVif(vif: Vif): VIFBase {
  const port_profile = ovsProfile(vif)
  if (vif.vnic_type === 'direct' || vif.vnic_type === 'vdpa') return hostDevice(vif, 'ovs', representorProfile(vif))
  // The network card wires the port itself.
  if (vif.vnic_type === 'remote-managed')
    return new VIFHostDevice({ ...common(vif, 'noop'), dev_address: pciSlot(vif), dev_type: 'ethernet' })
  if (isHybrid(vif))
    return new VIFBridge({ ...common(vif, 'ovs'), port_profile, vif_name: vifName(vif), bridge_name: hybridBridgeName(vif) })
  port_profile.create_port = vif.delegate_create
  return new VIFOpenVSwitch({ ...common(vif, 'ovs'), port_profile, vif_name: vifName(vif), ...bridgeName(vif) })
}

function agilioVif(vif: Vif): VIFBase {
  if (vif.vnic_type === 'direct') return hostDevice(vif, 'agilio_ovs', representorProfile(vif))
  if (vif.vnic_type !== 'virtio-forwarder') return ovsVif(vif)
  const port_profile = offloaded(vif, representorProfile(vif))
  return new VIFVHostUser({ ...common(vif, 'agilio_ovs'), port_profile, vif_name: vifName(vif), ...vhostUserSocket(vif) })
}

function vrouterVif(vif: Vif): VIFBase {
  if (vif.vnic_type === 'normal') return new VIFGeneric({ ...common(vif, 'vrouter'), vif_name: vifName(vif) })
  if (vif.vnic_type === 'direct') return hostDevice(vif, 'vrouter', new VIFPortProfileBase())
  if (vif.vnic_type !== 'virtio-forwarder') throw novaError('NovaException', {}, `A vrouter has no ports of type ${vif.vnic_type}`)
  const port_profile = offloaded(vif, new VIFPortProfileBase())
  return new VIFVHostUser({ ...common(vif, 'vrouter'), port_profile, vif_name: vifName(vif), ...vhostUserSocket(vif) })
}

/** Which plug has the other end of the socket, Neutron's driver says in the details of the port. */
function vhostUserVif(vif: Vif): VIFBase {
  const make = (plugin: string, more: { port_profile?: VIFPortProfileBase; vif_name?: string } = {}) =>
    new VIFVHostUser({ ...common(vif, plugin), vif_name: vifName(vif), ...vhostUserSocket(vif), ...more })
  if (vif.details['vhostuser_fp_plug']) return make('vhostuser_fp', { port_profile: fastPathProfile(vif) })
  if (vif.details['vhostuser_ovs_plug']) return make('ovs', { port_profile: ovsProfile(vif), vif_name: cut('vhu', vif) })
  return make(vif.details['vhostuser_vrouter_plug'] ? 'contrail_vrouter' : 'noop')
}

function fastPathProfile(vif: Vif): VIFPortProfileBase {
  if (!vif.details['vhostuser_ovs_plug']) return new VIFPortProfileFPBridge(bridgeName(vif))
  const bridge = isHybrid(vif) ? { bridge_name: hybridBridgeName(vif) } : bridgeName(vif)
  return new VIFPortProfileFPOpenVSwitch({
    interface_id: interfaceId(vif),
    datapath_type: datapathType(vif),
    hybrid_plug: isHybrid(vif),
    ...bridge,
  })
}

function hostDevice(vif: Vif, plugin: string, profile: VIFPortProfileBase): VIFHostDevice {
  return new VIFHostDevice({
    ...common(vif, plugin),
    port_profile: offloaded(vif, profile),
    dev_address: pciSlot(vif),
    dev_type: 'ethernet',
  })
}

/** What every interface has. @throws NovaError `NovaException` for one that is on no network */
function common(vif: Vif, plugin: string) {
  if (vif.network === null) throw novaError('NovaException', {}, `VIF ${vif.id} is on no network`)
  return {
    id: idOf(vif),
    address: vif.address,
    network: osVifNetwork(vif.network),
    has_traffic_filtering: Boolean(vif.details['port_filter']),
    preserve_on_delete: vif.preserve_on_delete,
    active: vif.active,
    plugin,
  }
}

const ovsProfile = (vif: Vif) => new VIFPortProfileOpenVSwitch({ interface_id: interfaceId(vif), datapath_type: datapathType(vif) })

const representorProfile = (vif: Vif) =>
  new VIFPortProfileOVSRepresentor({ interface_id: interfaceId(vif), representor_name: vifName(vif), representor_address: pciSlot(vif) })

/** `profile`, with the representor once more where newer plugs look for it. */
function offloaded<P extends VIFPortProfileBase>(vif: Vif, profile: P): P {
  profile.datapath_offload = new DatapathOffloadRepresentor({ representor_name: vifName(vif), representor_address: pciSlot(vif) })
  return profile
}

function vhostUserSocket(vif: Vif) {
  const { vhostuser_mode: mode = 'server', vhostuser_socket: path } = vif.details
  if (!path) throw novaError('VifDetailsMissingVhostuserSockPath', { vif_id: vif.id })
  return { mode: mode as 'client' | 'server', path: String(path) }
}

function pciSlot(vif: Vif): string {
  const slot = vif.profile?.['pci_slot']
  if (typeof slot !== 'string') throw novaError('NovaException', {}, `VIF ${vif.id} has no pci_slot in its binding profile`)
  return slot
}

const idOf = (vif: Vif) => vif.id ?? ''
const cut = (prefix: string, vif: Vif) => (prefix + idOf(vif)).slice(0, nameLength)
const vifName = (vif: Vif) => vif.devname ?? cut('nic', vif)
const hybridBridgeName = (vif: Vif) => cut('qbr', vif)
const isHybrid = (vif: Vif) => Boolean(vif.details['ovs_hybrid_plug'])
const interfaceId = (vif: Vif) => vif.ovs_interfaceid || idOf(vif)
const datapathType = (vif: Vif) => (vif.details['datapath_type'] as string | undefined) ?? null
const bridgeName = (vif: Vif) => (vif.network?.bridge ? { bridge_name: vif.network.bridge } : {})
