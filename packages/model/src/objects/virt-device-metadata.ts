import { classMethod } from '@micronova/versionedobjects'
import { f } from '../fields.js'
import { defineDerived, defineObject } from './base.js'

/** Where a device is plugged in; each bus derives its own. */
export class DeviceBus extends defineObject({
  name: 'DeviceBus',
  version: '1.0',
  fields: {},
}) {}

/** A device of a guest, as the metadata service tells it; disks and interfaces are derived. */
export class DeviceMetadata extends defineObject({
  name: 'DeviceMetadata',
  version: '1.0',
  fields: {
    bus: f.object(DeviceBus, { subclasses: true }),
    tags: f.list(f.string()),
  },
}) {}

/** A disk of a guest. */
export class DiskMetadata extends defineDerived({
  name: 'DiskMetadata',
  version: '1.0',
  parent: DeviceMetadata,
  fields: {
    path: f.string({ nullable: true }),
    serial: f.string({ nullable: true }),
  },
}) {}

/** A place on an IDE bus. */
export class IDEDeviceBus extends defineDerived({
  name: 'IDEDeviceBus',
  version: '1.0',
  parent: DeviceBus,
  fields: {
    address: f.ideAddress(),
  },
}) {}

/** All tagged devices of a guest. */
export class InstanceDeviceMetadata extends defineObject({
  name: 'InstanceDeviceMetadata',
  version: '1.0',
  fields: {
    devices: f.list(f.object(DeviceMetadata, { subclasses: true })),
  },
  remotable: {
    get_by_instance_uuid: classMethod('instance_uuid'),
  },
}) {}

/** A network interface of a guest. */
export class NetworkInterfaceMetadata extends defineDerived({
  name: 'NetworkInterfaceMetadata',
  version: '1.2',
  parent: DeviceMetadata,
  fields: {
    mac: f.macAddress(),
    vf_trusted: f.boolean({ default: false }),
    vlan: f.integer(),
  },
  compatChildren: false,
  compat: [
    { below: '1.1', removes: ['vlan'] },
    { below: '1.2', removes: ['vf_trusted'] },
  ],
}) {}

/** A place on a PCI bus. */
export class PCIDeviceBus extends defineDerived({
  name: 'PCIDeviceBus',
  version: '1.0',
  parent: DeviceBus,
  fields: {
    address: f.pciAddress(),
  },
}) {}

/** A place on a SCSI bus. */
export class SCSIDeviceBus extends defineDerived({
  name: 'SCSIDeviceBus',
  version: '1.0',
  parent: DeviceBus,
  fields: {
    address: f.scsiAddress(),
  },
}) {}

/** A place on a USB bus. */
export class USBDeviceBus extends defineDerived({
  name: 'USBDeviceBus',
  version: '1.0',
  parent: DeviceBus,
  fields: {
    address: f.usbAddress(),
  },
}) {}

/** A place on the bus of Xen. */
export class XenDeviceBus extends defineDerived({
  name: 'XenDeviceBus',
  version: '1.0',
  parent: DeviceBus,
  fields: {
    address: f.xenAddress(),
  },
}) {}
