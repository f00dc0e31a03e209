import { f } from '@micronova/versionedobjects'
import { defineDerived, defineObject } from './base.js'

/** How the packets of an interface leave the processor for the network card. */
export class DatapathOffloadBase extends defineObject({ name: 'DatapathOffloadBase', version: '1.0', fields: {} }) {}

export class DatapathOffloadRepresentor extends defineDerived({
  name: 'DatapathOffloadRepresentor',
  version: '1.0',
  parent: DatapathOffloadBase,
  fields: { representor_name: f.string({ nullable: true }), representor_address: f.string({ nullable: true }) },
}) {}

/** A profile has its offload since this version of its own. */
const offloadSince = (version: string) => ({ relationships: { datapath_offload: [[version, '1.0']] as const } })

/** What the network needs to know of a port, for each kind of network. */
export class VIFPortProfileBase extends defineObject({
  name: 'VIFPortProfileBase',
  version: '1.1',
  fields: { datapath_offload: f.object(DatapathOffloadBase, { nullable: true, subclasses: true }) },
  ...offloadSince('1.1'),
}) {}

const openVSwitchCompat = [
  { below: '1.3', removes: ['create_port'] },
  { below: '1.1', removes: ['datapath_type'] },
] as const

export class VIFPortProfileOpenVSwitch extends defineDerived({
  name: 'VIFPortProfileOpenVSwitch',
  version: '1.3',
  parent: VIFPortProfileBase,
  fields: {
    interface_id: f.uuid(),
    profile_id: f.string(),
    datapath_type: f.string({ nullable: true }),
    create_port: f.boolean({ default: false }),
  },
  compat: openVSwitchCompat,
  ...offloadSince('1.2'),
}) {}

export class VIFPortProfileFPOpenVSwitch extends defineDerived({
  name: 'VIFPortProfileFPOpenVSwitch',
  version: '1.3',
  parent: VIFPortProfileOpenVSwitch,
  fields: { bridge_name: f.string(), hybrid_plug: f.boolean({ default: false }) },
  compat: openVSwitchCompat,
  ...offloadSince('1.2'),
}) {}

export class VIFPortProfileOVSRepresentor extends defineDerived({
  name: 'VIFPortProfileOVSRepresentor',
  version: '1.3',
  parent: VIFPortProfileOpenVSwitch,
  fields: { representor_name: f.string({ nullable: true }), representor_address: f.pciAddress({ nullable: true }) },
  compat: openVSwitchCompat,
  ...offloadSince('1.2'),
}) {}

export class VIFPortProfileFPBridge extends defineDerived({
  name: 'VIFPortProfileFPBridge',
  version: '1.1',
  parent: VIFPortProfileBase,
  fields: { bridge_name: f.string() },
  ...offloadSince('1.1'),
}) {}

export class VIFPortProfileFPTap extends defineDerived({
  name: 'VIFPortProfileFPTap',
  version: '1.1',
  parent: VIFPortProfileBase,
  fields: { mac_address: f.macAddress({ nullable: true }) },
  ...offloadSince('1.1'),
}) {}

export class VIFPortProfile8021Qbg extends defineDerived({
  name: 'VIFPortProfile8021Qbg',
  version: '1.1',
  parent: VIFPortProfileBase,
  fields: { manager_id: f.integer(), type_id: f.integer(), type_id_version: f.integer(), instance_id: f.uuid() },
  ...offloadSince('1.1'),
}) {}

export class VIFPortProfile8021Qbh extends defineDerived({
  name: 'VIFPortProfile8021Qbh',
  version: '1.1',
  parent: VIFPortProfileBase,
  fields: { profile_id: f.string() },
  ...offloadSince('1.1'),
}) {}

export class VIFPortProfileK8sDPDK extends defineDerived({
  name: 'VIFPortProfileK8sDPDK',
  version: '1.1',
  parent: VIFPortProfileBase,
  fields: { l3_setup: f.boolean(), selflink: f.string(), resourceversion: f.string() },
  ...offloadSince('1.1'),
}) {}
