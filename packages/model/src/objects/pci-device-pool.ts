import { f } from '../fields.js'
import { defineList, defineObject } from './base.js'

/** PCI devices of a host that are alike, and how many are free. */
export class PciDevicePool extends defineObject({
  name: 'PciDevicePool',
  version: '1.1',
  fields: {
    count: f.integer(),
    numa_node: f.integer({ nullable: true }),
    product_id: f.string(),
    tags: f.dict(f.string({ nullable: true })),
    vendor_id: f.string(),
  },
  compat: [{ below: '1.1', removes: ['numa_node'] }],
}) {}

export class PciDevicePoolList extends defineList({
  name: 'PciDevicePoolList',
  version: '1.1',
  of: PciDevicePool,
}) {}
