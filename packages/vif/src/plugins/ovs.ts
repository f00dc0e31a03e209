import type { Privileged } from '@micronova/privsep'
import { VifError } from '../errors.js'
import { HostPluginInfo } from '../objects/host-info.js'
import type { InstanceInfo } from '../objects/instance-info.js'
import type { Network } from '../objects/network.js'
import { VIFPortProfileOpenVSwitch, VIFPortProfileOVSRepresentor } from '../objects/port-profiles.js'
import { type VIFBase, VIFBridge, VIFHostDevice, VIFOpenVSwitch, VIFVHostUser } from '../objects/vif.js'
import type { OvsSettings } from '../options.js'
import type { ovsContext } from '../privileged/index.js'
import { Representors } from '../sriov/representors.js'
import { supports, type VifPlugin } from './plugin.js'

export interface OvsPluginDeps {
  readonly privileged: Privileged<typeof ovsContext.modules>
  /** Default: what sysfs tells of this host. */
  readonly representors?: Pick<Representors, keyof Representors>
}

/** Nothing is forwarded in it: Neutron's agent takes a port out when it has wired it. */
const deadVlan = 4095
/** Neutron's bridge of a trunk goes with its last port. */
const trunkBridgePrefix = 'tbr-'
/** The longest that a timer of Node can wait: 24 days. */
const maxTimerMs = 2 ** 31 - 1
/** Names of devices end here, one less than the kernel allows: Neutron's own cut them so. */
const nameLength = 14

const cut = (prefix: string, id: string, length = nameLength) => (prefix + id).slice(0, length)
const hybridBridgeName = (id: string) => cut('qbr', id)
/** The ends of the cable between the Linux bridge of an interface and Open vSwitch. */
const vethNames = (id: string) => ({ device: cut('qvb', id), peer: cut('qvo', id) })

/** An interface with a network and a profile for Open vSwitch. */
interface Port<V extends VIFBase> {
  readonly vif: V
  readonly network: Network
  readonly profile: VIFPortProfileOpenVSwitch
  readonly instance: InstanceInfo
}

interface PortOptions {
  readonly bridge?: string
  /** Default: the interface is the owner, by which an agent finds the port. */
  readonly owned?: boolean
  /** Default: as `isolate_vif` says. */
  readonly isolate?: boolean
  readonly datapathType?: 'system' | 'netdev'
  readonly type?: 'dpdkvhostuser' | 'dpdkvhostuserclient' | 'dpdk'
  readonly vhostServerPath?: string
  readonly dpdkDevargs?: string
}

/**
 * Connects interfaces to Open vSwitch: straight (the hypervisor makes the port), by a Linux bridge of their own (`hybrid`), by a bridge of Open vSwitch of their
 * own, by a socket in user space, or by the representor of a function of a network card.
 *
 * @see os-vif 3.0, `vif_plug_ovs`
 */
export class OvsPlugin implements VifPlugin {
  readonly name = 'ovs'
  readonly #privileged: OvsPluginDeps['privileged']
  readonly #settings: OvsSettings
  readonly #representors: NonNullable<OvsPluginDeps['representors']>

  constructor({ privileged, representors = new Representors() }: OvsPluginDeps, settings: OvsSettings) {
    this.#privileged = privileged
    this.#representors = representors
    this.#settings = settings
  }

  describe(): HostPluginInfo {
    return new HostPluginInfo({
      plugin_name: this.name,
      vif_info: [
        supports(VIFBridge, VIFPortProfileOpenVSwitch),
        supports(VIFOpenVSwitch, VIFPortProfileOpenVSwitch),
        supports(VIFVHostUser, VIFPortProfileOpenVSwitch, VIFPortProfileOVSRepresentor),
        supports(VIFHostDevice, VIFPortProfileOpenVSwitch, VIFPortProfileOVSRepresentor),
      ],
    })
  }

  async plug(vif: VIFBase, instance: InstanceInfo): Promise<void> {
    if (vif instanceof VIFOpenVSwitch) {
      const port = portOf(vif, instance)
      if (this.#settings.per_port_bridge) await this.#plugPortBridge(port)
      else await this.#plugStraight(port)
    } else if (vif instanceof VIFBridge) await this.#plugHybrid(portOf(vif, instance))
    else if (vif instanceof VIFVHostUser) await this.#plugVhostUser(portOf(vif, instance))
    else if (vif instanceof VIFHostDevice) await this.#plugHostDevice(portOf(vif, instance))
    else throw unsupported(vif)
  }

  async unplug(vif: VIFBase, instance: InstanceInfo): Promise<void> {
    if (vif instanceof VIFOpenVSwitch) await this.#unplugOpenVSwitch(portOf(vif, instance))
    else if (vif instanceof VIFBridge) await this.#unplugHybrid(portOf(vif, instance), vif.bridge_name)
    else if (vif instanceof VIFVHostUser) await this.#removePort(portOf(vif, instance).network.bridge, cut('vhu', vif.id))
    else if (vif instanceof VIFHostDevice) await this.#unplugHostDevice(portOf(vif, instance))
    else throw unsupported(vif)
    const { network } = vif
    if (network?.bridge.startsWith(trunkBridgePrefix))
      await this.#privileged.ovsdb.removeBridge({ ...this.#database, bridge: network.bridge }, this.#patience)
  }

  /** libvirt makes the port, and would make it anew if it were there; `create_port` is for hypervisors that do not. */
  async #plugStraight(port: Port<VIFOpenVSwitch>): Promise<void> {
    await this.#ensureBridge(port, port.network.bridge)
    if (port.profile.objIsSet('create_port') && port.profile.create_port) await this.#addPort(port, port.vif.vif_name)
  }

  async #plugHybrid(port: Port<VIFBridge>): Promise<void> {
    const { links, hybridBridges } = this.#privileged
    const { vif, network } = port
    const mtu = this.#mtuOf(network)
    const cable = vethNames(vif.id)
    await hybridBridges.ensure({ bridge: vif.bridge_name })
    const plugged = await links.exists({ device: cable.peer })
    if (!plugged) await links.addVethPair({ ...cable, mtu })
    else for (const device of [cable.device, cable.peer]) await links.setMtu({ device, mtu })
    // Beyond upstream, which trusts in the rest if the cable is there: each step may be repeated, so a plug that was cut short is made whole.
    // Not so the isolation: Neutron's agent has taken a port out of it that is in use.
    await hybridBridges.addPort({ bridge: vif.bridge_name, device: cable.device })
    await this.#ensureBridge(port, network.bridge)
    await this.#addPort(port, cable.peer, { isolate: !plugged })
  }

  async #plugPortBridge(port: Port<VIFOpenVSwitch>): Promise<void> {
    const { vif, network, instance } = port
    const names = portBridgeNames(vif.id)
    await this.#ensureBridge(port, network.bridge)
    await this.#ensureBridge(port, names.portBridge)
    await this.#addPort(port, vif.vif_name, { bridge: names.portBridge, owned: false })
    await this.#privileged.ovsdb.addPatchPair(
      {
        ...this.#database,
        ...names,
        integrationBridge: network.bridge,
        interfaceId: vif.id,
        address: addressOf(vif),
        instanceUuid: instance.uuid,
        ...this.#tag,
      },
      this.#patience,
    )
  }

  /** The mode is that of the hypervisor: where it is the client, Open vSwitch serves the socket. */
  async #plugVhostUser(port: Port<VIFVHostUser>): Promise<void> {
    const { vif, profile } = port
    const server =
      vif.mode === 'client' ? { type: 'dpdkvhostuser' as const } : { type: 'dpdkvhostuserclient' as const, vhostServerPath: vif.path }
    await this.#addPort(port, cut('vhu', vif.id), { ...server, datapathType: datapathOf(profile, 'netdev') })
  }

  /** The guest has the function, the bridge its representor: a device of the kernel, or a port of DPDK. */
  async #plugHostDevice(port: Port<VIFHostDevice>): Promise<void> {
    const { vif, network, profile } = port
    const datapath = datapathOf(profile, 'system')
    if (datapath === 'system') {
      const representor = this.#representors.representorOf(vif.dev_address)
      await this.#ensureBridge(port, network.bridge)
      await this.#privileged.links.setState({ device: representor, state: 'up' })
      await this.#addPort(port, representor)
    } else {
      const dpdkDevargs = `${this.#representors.pfAddress(vif.dev_address)},representor=[${this.#representors.vfNumber(vif.dev_address)}]`
      await this.#ensureBridge(port, network.bridge)
      await this.#addPort(port, cut('vfr', vif.id), { type: 'dpdk', dpdkDevargs })
    }
  }

  /** The representor stays, for it is the card's. */
  async #unplugHostDevice({ vif, network, profile }: Port<VIFHostDevice>): Promise<void> {
    const isKernels = datapathOf(profile, 'system') === 'system'
    const port = isKernels ? this.#representors.representorOf(vif.dev_address) : cut('vfr', vif.id)
    await this.#privileged.ovsdb.removePort({ ...this.#database, bridge: network.bridge, port }, this.#patience)
    if (isKernels) await this.#privileged.links.setState({ device: port, state: 'down' })
  }

  async #unplugOpenVSwitch({ vif, network }: Port<VIFOpenVSwitch>): Promise<void> {
    const bridge = hybridBridgeName(vif.id)
    if (this.#settings.per_port_bridge) await this.#unplugPortBridge(network.bridge, vif)
    // Plugged before Neutron's firewall driver was changed.
    else if (await this.#privileged.links.exists({ device: bridge })) await this.#unplugHybrid({ vif, network }, bridge)
    else await this.#removePort(network.bridge, vif.vif_name)
  }

  async #unplugHybrid({ vif, network }: Pick<Port<VIFBase>, 'vif' | 'network'>, bridge: string): Promise<void> {
    const { device, peer } = vethNames(vif.id)
    await this.#privileged.hybridBridges.remove({ bridge, device })
    await this.#removePort(network.bridge, peer)
  }

  async #unplugPortBridge(integrationBridge: string, vif: VIFOpenVSwitch): Promise<void> {
    const { portBridge, portPatch, integrationPatch } = portBridgeNames(vif.id)
    const { ovsdb } = this.#privileged
    await ovsdb.removePort({ ...this.#database, bridge: integrationBridge, port: integrationPatch }, this.#patience)
    await ovsdb.removePort({ ...this.#database, bridge: portBridge, port: portPatch }, this.#patience)
    await this.#removePort(portBridge, vif.vif_name)
    await ovsdb.removeBridge({ ...this.#database, bridge: portBridge }, this.#patience)
  }

  async #ensureBridge({ profile }: Port<VIFBase>, bridge: string): Promise<void> {
    const datapathType = datapathOf(profile, 'system')
    await this.#privileged.ovsdb.ensureBridge({ ...this.#database, bridge, datapathType }, this.#patience)
  }

  async #addPort({ vif, network, profile, instance }: Port<VIFBase>, name: string, options: PortOptions = {}): Promise<void> {
    const { bridge = network.bridge, owned = true, isolate = true, ...more } = options
    const { ovsdb, links } = this.#privileged
    const owner = owned ? { interfaceId: profile.interface_id, address: addressOf(vif), instanceUuid: instance.uuid } : {}
    await ovsdb.addPort({ ...this.#database, bridge, port: name, ...owner, ...(isolate && this.#tag), ...more }, this.#patience)
    const mtu = this.#mtuOf(network)
    if (options.type === undefined || options.type === 'dpdk') await links.setMtu({ device: name, mtu })
    else await ovsdb.requestMtu({ ...this.#database, port: name, mtu }, this.#patience)
  }

  /** The port, and its device if it is one. */
  async #removePort(bridge: string, port: string): Promise<void> {
    await this.#privileged.ovsdb.removePort({ ...this.#database, bridge, port }, this.#patience)
    await this.#privileged.links.remove({ device: port })
  }

  #mtuOf(network: Network): number {
    return network.mtu || this.#settings.network_device_mtu
  }

  /** A call outlasts ovs-vsctl's own limit, which says more about what is wrong. */
  get #patience() {
    const seconds = this.#settings.ovs_vsctl_timeout
    return { timeoutMs: seconds === 0 ? maxTimerMs : (seconds + 30) * 1000 }
  }

  get #database() {
    return { connection: this.#settings.ovsdb_connection, timeoutSeconds: this.#settings.ovs_vsctl_timeout }
  }

  get #tag() {
    return this.#settings.isolate_vif ? { tag: deadVlan } : {}
  }
}

const portBridgeNames = (id: string) => ({ portBridge: cut('pb', id), portPatch: cut('pbp', id, 64), integrationPatch: cut('ibp', id, 64) })

/** @throws VifError missing_port_profile, wrong_port_profile, unsupported_vif */
function portOf<V extends VIFBase>(vif: V, instance: InstanceInfo): Port<V> {
  if (!vif.objIsSet('port_profile')) throw new VifError('missing_port_profile', 'A port profile is mandatory for the OpenVSwitch plugin')
  const profile = vif.port_profile
  if (!(profile instanceof VIFPortProfileOpenVSwitch))
    throw new VifError('wrong_port_profile', `Port profile ${profile.objName} is not a subclass of VIFPortProfileOpenVSwitch`)
  if (vif.network === null) throw new VifError('unsupported_vif', `interface ${vif.id} has no network`)
  return { vif, network: vif.network, profile, instance }
}

function addressOf(vif: VIFBase): string {
  if (vif.address === null) throw new VifError('unsupported_vif', `interface ${vif.id} has no MAC address`)
  return vif.address
}

/** @throws VifError unsupported_vif for a word that is no datapath of Open vSwitch */
function datapathOf(profile: VIFPortProfileOpenVSwitch, fallback: 'system' | 'netdev'): 'system' | 'netdev' {
  const type = profile.objIsSet('datapath_type') ? profile.datapath_type : null
  if (!type) return fallback
  if (type !== 'system' && type !== 'netdev') throw new VifError('unsupported_vif', `Open vSwitch has no datapath ${type}`)
  return type
}

const unsupported = (vif: VIFBase) => new VifError('unsupported_vif', `plugin ovs does not take a ${vif.objName}`)
