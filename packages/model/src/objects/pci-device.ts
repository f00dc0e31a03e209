import { type CompatStep, classMethod, instanceMethod, type Primitive } from '@micronova/versionedobjects'
import { PciDeviceStatus, PciDeviceType } from '../enums.js'
import { f } from '../fields.js'
import { defineList, defineObject, persistentFields } from './base.js'
import { loadDefaultOf } from './load.js'
import { refuses } from './unsupported-value.js'

const refusesStatus = refuses('1.5', 'status', ['unclaimable', 'unavailable'])

/** The two statuses came together with `parent_addr`; a device without it is let through. */
const refusesNewStatus: CompatStep = {
  below: '1.5',
  change: (data, target) => {
    if (data.parent_addr !== undefined) refusesStatus.change?.(data, target)
  },
}

/** A PCI device of a host. */
export class PciDevice extends defineObject({
  name: 'PciDevice',
  version: '1.7',
  fields: {
    ...persistentFields,
    address: f.string(),
    compute_node_id: f.integer({ nullable: true }),
    dev_id: f.string({ nullable: true }),
    dev_type: f.enum(PciDeviceType),
    extra_info: f.dict(f.string(), { default: () => ({}) }),
    id: f.integer(),
    instance_uuid: f.string({ nullable: true }),
    label: f.string({ nullable: true }),
    numa_node: f.integer({ nullable: true }),
    parent_addr: f.string({ nullable: true }),
    product_id: f.string(),
    request_id: f.string({ nullable: true }),
    status: f.enum(PciDeviceStatus),
    uuid: f.uuid(),
    vendor_id: f.string(),
  },
  remotable: {
    get_by_dev_addr: classMethod('compute_node_id', 'dev_addr'),
    get_by_dev_id: classMethod('id'),
    save: instanceMethod(),
  },
  compat: [
    { below: '1.2', removes: ['request_id'] },
    { below: '1.4', change: hideParentAddress },
    refusesNewStatus,
    { below: '1.6', removes: ['uuid'] },
    refuses('1.7', 'dev_type', ['vdpa']),
  ],
  load: loadDefaultOf('extra_info'),
}) {}

export class PciDeviceList extends defineList({
  name: 'PciDeviceList',
  version: '1.3',
  of: PciDevice,
  remotable: {
    get_by_compute_node: classMethod('node_id'),
    get_by_instance_uuid: classMethod('uuid'),
    get_by_parent_address: classMethod('node_id', 'parent_addr'),
  },
}) {}

/** Before 1.4 the address of the physical function was among the extra info. */
function hideParentAddress(data: Primitive): void {
  const { parent_addr: parentAddress, extra_info: extraInfo } = data
  if (typeof parentAddress === 'string') data.extra_info = { ...(extraInfo as Primitive | undefined), phys_function: parentAddress }
  delete data.parent_addr
}
