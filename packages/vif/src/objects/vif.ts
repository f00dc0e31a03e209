import { enumType, f } from '@micronova/versionedobjects'
import { defineDerived, defineObject } from './base.js'
import { Network } from './network.js'
import { VIFPortProfileBase } from './port-profiles.js'

const directMode = enumType('VIFDirectMode', ['vepa', 'passthrough', 'bridge'])
const vhostUserMode = enumType('VIFVHostUserMode', ['client', 'server'])
const hostDeviceType = enumType('VIFHostDeviceDevType', ['ethernet', 'generic'])

/** A virtual interface of an instance, of whatever kind. */
export class VIFBase extends defineObject({
  name: 'VIFBase',
  version: '1.0',
  fields: {
    id: f.uuid(),
    address: f.macAddress({ nullable: true }),
    network: f.object(Network, { nullable: true }),
    plugin: f.string(),
    active: f.boolean({ default: true }),
    preserve_on_delete: f.boolean({ default: false }),
    has_traffic_filtering: f.boolean({ default: false }),
    port_profile: f.object(VIFPortProfileBase, { subclasses: true }),
  },
}) {}

/** A device that the hypervisor makes, and something outside of the host connects. */
export class VIFGeneric extends defineDerived({ name: 'VIFGeneric', version: '1.0', parent: VIFBase, fields: { vif_name: f.string() } }) {}

/** A device on a Linux bridge. */
export class VIFBridge extends defineDerived({
  name: 'VIFBridge',
  version: '1.0',
  parent: VIFBase,
  fields: { vif_name: f.string(), bridge_name: f.string() },
}) {}

/** A device on a bridge of Open vSwitch. */
export class VIFOpenVSwitch extends defineDerived({
  name: 'VIFOpenVSwitch',
  version: '1.0',
  parent: VIFBase,
  fields: { vif_name: f.string(), bridge_name: f.string() },
}) {}

/** A device on top of a physical one. */
export class VIFDirect extends defineDerived({
  name: 'VIFDirect',
  version: '1.0',
  parent: VIFBase,
  fields: { vif_name: f.string(), dev_address: f.pciAddress(), mode: f.enum(directMode), vlan_name: f.string() },
}) {}

/** A socket shared with a switch in user space. */
export class VIFVHostUser extends defineDerived({
  name: 'VIFVHostUser',
  version: '1.1',
  parent: VIFBase,
  fields: { vif_name: f.string(), path: f.string(), mode: f.enum(vhostUserMode) },
  compat: [{ below: '1.1', removes: ['vif_name'] }],
}) {}

/** A physical device given to the guest. */
export class VIFHostDevice extends defineDerived({
  name: 'VIFHostDevice',
  version: '1.0',
  parent: VIFBase,
  fields: { dev_type: f.enum(hostDeviceType), dev_address: f.pciAddress() },
}) {}

/** A DPDK device inside a guest. */
export class VIFNestedDPDK extends defineDerived({
  name: 'VIFNestedDPDK',
  version: '1.0',
  parent: VIFBase,
  fields: { pci_address: f.string(), dev_driver: f.string() },
}) {}
