import {
  EC2Ids,
  Instance,
  InstanceInfoCache,
  InstancePCIRequests,
  instanceAttributes,
  KeyPairList,
  PciDeviceList,
  SecurityGroupList,
  ServiceList,
  TagList,
} from '@micronova/model'
import type { Tables } from './tables.js'

/** Fields of an instance that are read only where they are asked for. */
const optional: ReadonlySet<string> = new Set([...instanceAttributes, 'old_flavor', 'new_flavor'])

/** A copy of `row` with those optional fields that are in `attributes`. `flavor` brings the other two flavors. */
export function withAttributes(tables: Tables, row: Instance, attributes: readonly string[]): Instance {
  const wanted = new Set(attributes)
  if (wanted.has('flavor')) for (const name of ['old_flavor', 'new_flavor']) wanted.add(name)
  const stored = { ...absent(tables, row), ...row.objGetSet() }
  const shown = Object.entries(stored).filter(([name]) => !optional.has(name) || wanted.has(name))
  return Instance.objStored(Object.fromEntries(shown))
}

/** Satellites that the database reads together with the row of the instance. */
export const joinedAttributes = ['info_cache', 'security_groups', 'tags', 'services'] as const

/** The info cache that every instance has from its creation on. */
export function newInfoCache(instance: Instance, uuid: string, now: Date): InstanceInfoCache {
  const networks = instance.objIsSet('info_cache') ? (instance.info_cache?.network_info ?? null) : null
  const times = { created_at: now, updated_at: null, deleted_at: null, deleted: false }
  return InstanceInfoCache.objStored({ instance_uuid: uuid, network_info: networks, ...times })
}

/** What is read for satellites of which nothing is stored. */
function absent(tables: Tables, row: Instance) {
  const number = row.id.toString(16).padStart(8, '0')
  return {
    metadata: {},
    system_metadata: {},
    security_groups: SecurityGroupList.objStored({ objects: [] }),
    pci_devices: PciDeviceList.objStored({ objects: [] }),
    tags: TagList.objStored({ objects: [] }),
    services: ServiceList.objStored({ objects: [] }),
    keypairs: KeyPairList.objStored({ objects: [] }),
    pci_requests: InstancePCIRequests.objStored({ instance_uuid: row.uuid, requests: [] }),
    ec2_ids: EC2Ids.objStored({ instance_id: `i-${number}`, ami_id: `ami-${number}`, kernel_id: null, ramdisk_id: null }),
    fault: tables.faults.filter((fault) => fault.instance_uuid === row.uuid).at(-1) ?? null,
    numa_topology: null,
    old_flavor: null,
    new_flavor: null,
    vcpu_model: null,
    migration_context: null,
    device_metadata: null,
    trusted_certs: null,
    resources: null,
  }
}
