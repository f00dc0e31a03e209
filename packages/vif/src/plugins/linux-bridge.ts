import type { Privileged } from '@micronova/privsep'
import { VifError } from '../errors.js'
import { HostPluginInfo } from '../objects/host-info.js'
import type { Network } from '../objects/network.js'
import { type VIFBase, VIFBridge } from '../objects/vif.js'
import type { LinuxBridgeSettings } from '../options.js'
import type { linuxBridgeContext } from '../privileged/index.js'
import { supports, type VifPlugin } from './plugin.js'

export interface LinuxBridgePluginDeps {
  readonly privileged: Privileged<typeof linuxBridgeContext.modules>
}

/**
 * Sees to the Linux bridge of a network; the hypervisor puts the device of the interface on it. There is nothing to unplug: the device goes
 * with the instance, and others may be on the bridge.
 *
 * @see os-vif 3.0, `vif_plug_linux_bridge`
 */
export class LinuxBridgePlugin implements VifPlugin {
  readonly name = 'linux_bridge'
  readonly #deps: LinuxBridgePluginDeps
  readonly #settings: LinuxBridgeSettings

  constructor(deps: LinuxBridgePluginDeps, settings: LinuxBridgeSettings) {
    this.#deps = deps
    this.#settings = settings
  }

  describe(): HostPluginInfo {
    return new HostPluginInfo({ plugin_name: this.name, vif_info: [supports(VIFBridge)] })
  }

  async plug(vif: VIFBase): Promise<void> {
    if (!(vif instanceof VIFBridge)) throw new VifError('unsupported_vif', `plugin ${this.name} does not take a ${vif.objName}`)
    const { network } = vif
    if (network === null || network.multi_host || !network.should_provide_bridge) return
    const mtu = network.mtu || this.#settings.network_device_mtu
    if (network.should_provide_vlan) await this.#plugVlan(vif.bridge_name, network, mtu)
    else await this.#plugFlat(vif, network, mtu)
  }

  async unplug(): Promise<void> {}

  async #plugVlan(bridge: string, network: Network, mtu: number): Promise<void> {
    const { networkBridges, filters } = this.#deps.privileged
    const parent = this.#settings.vlan_interface ?? interfaceOf(network)
    if (parent === null || network.vlan === null)
      throw new VifError(
        'missing_bridge_interface',
        `network ${network.id} has no VLAN or no device for it, and [os_vif_linux_bridge] vlan_interface is not set`,
      )
    const device = await networkBridges.ensureVlan({ vlan: network.vlan, parent, mtu })
    await networkBridges.ensure({ bridge, device, mtu })
    await filters.ensure({ bridge, interfaces: [], dropAction: this.#settings.iptables_drop_action })
  }

  async #plugFlat(vif: VIFBridge, network: Network, mtu: number): Promise<void> {
    const { networkBridges, filters } = this.#deps.privileged
    const device = this.#settings.flat_interface ?? interfaceOf(network)
    await networkBridges.ensure({ bridge: vif.bridge_name, mtu, ...(device !== null && { device }) })
    if (vif.has_traffic_filtering) return
    const interfaces = this.#settings.forward_bridge_interface.filter((name) => name !== '')
    await filters.ensure({
      bridge: vif.bridge_name,
      dropAction: this.#settings.iptables_drop_action,
      ...(!interfaces.includes('all') && { interfaces }),
    })
  }
}

const interfaceOf = (network: Network) => (network.objIsSet('bridge_interface') ? network.bridge_interface : null)
