import { f } from '../fields.js'
import { defineObject } from './base.js'
import { NetworkMetadata } from './network-metadata.js'

/** Memory pages of one size in a NUMA node. */
export class NUMAPagesTopology extends defineObject({
  name: 'NUMAPagesTopology',
  version: '1.1',
  fields: {
    reserved: f.integer({ default: 0 }),
    size_kb: f.integer(),
    total: f.integer(),
    used: f.integer({ default: 0 }),
  },
  compat: [{ below: '1.1', removes: ['reserved'] }],
}) {}

/** A NUMA node of a host. */
export class NUMACell extends defineObject({
  name: 'NUMACell',
  version: '1.5',
  fields: {
    cpu_usage: f.integer({ default: 0 }),
    cpuset: f.set(f.integer()),
    id: f.integer({ readOnly: true }),
    memory: f.integer(),
    memory_usage: f.integer({ default: 0 }),
    mempages: f.list(f.object(NUMAPagesTopology)),
    network_metadata: f.object(NetworkMetadata),
    pcpuset: f.set(f.integer()),
    pinned_cpus: f.set(f.integer()),
    siblings: f.list(f.set(f.integer())),
    socket: f.integer({ nullable: true }),
  },
  compat: [
    { below: '1.5', removes: ['socket'] },
    { below: '1.4', removes: ['pcpuset'] },
    { below: '1.3', removes: ['network_metadata'] },
  ],
}) {}

/** The NUMA nodes of a host. */
export class NUMATopology extends defineObject({
  name: 'NUMATopology',
  version: '1.2',
  fields: {
    cells: f.list(f.object(NUMACell)),
  },
}) {}

/** How far a NUMA node may be overcommitted. */
export class NUMATopologyLimits extends defineObject({
  name: 'NUMATopologyLimits',
  version: '1.1',
  fields: {
    cpu_allocation_ratio: f.float(),
    network_metadata: f.object(NetworkMetadata),
    ram_allocation_ratio: f.float(),
  },
  compat: [{ below: '1.1', removes: ['network_metadata'] }],
}) {}
