import {
  type Instance,
  type InstanceAttribute,
  InstancePCIRequests,
  isNovaError,
  type NovaErrorKind,
  novaError,
  PciDeviceList,
  type Stores,
} from '@micronova/model'
import type { MethodArguments } from '../dispatch/arguments.js'
import { type MethodTable, onClass } from '../dispatch/method-table.js'

/** Satellites of an instance that a service without a database loads later. Each is read as an attribute of its instance. */
export function instanceAttributeMethods({ instances }: Pick<Stores, 'instances'>): MethodTable {
  const attribute = (name: InstanceAttribute, uuidOf: (args: MethodArguments) => string) =>
    onClass(async (ctx, args) => (await instances.getByUuid(ctx, uuidOf(args), [name])).objGet(name))
  const byInstance = (name: InstanceAttribute) => attribute(name, (args) => (args.raw('instance') as Instance).uuid)
  /** Where the instance is gone, its satellites are too: that is what callers expect, and not `InstanceNotFound`. */
  const orAbsent = (name: InstanceAttribute, absent: (uuid: string) => unknown, parameter = 'instance_uuid') =>
    onClass(async (ctx, args) => {
      const uuid = args.text(parameter)
      try {
        return (await instances.getByUuid(ctx, uuid, [name])).objGet(name)
      } catch (err) {
        if (!isNovaError(err, 'InstanceNotFound')) throw err
        return absent(uuid)
      }
    })
  const nothing = () => null
  const noRequests = (instance_uuid: string) => InstancePCIRequests.objStored({ instance_uuid, requests: [] })
  return {
    'InstanceFault.get_latest_for_instance': orAbsent('fault', nothing),
    'InstanceNUMATopology.get_by_instance_uuid': orAbsent('numa_topology', notFound('NumaTopologyNotFound')),
    'InstanceDeviceMetadata.get_by_instance_uuid': orAbsent('device_metadata', nothing),
    'InstancePCIRequests.get_by_instance_uuid': orAbsent('pci_requests', noRequests),
    'PciDeviceList.get_by_instance_uuid': orAbsent('pci_devices', () => PciDeviceList.objStored({ objects: [] }), 'uuid'),
    'VirtCPUModel.get_by_instance_uuid': orAbsent('vcpu_model', nothing),
    'EC2Ids.get_by_instance': byInstance('ec2_ids'),
    'SecurityGroupList.get_by_instance': byInstance('security_groups'),
    'MigrationContext.get_by_instance_uuid': orAbsent('migration_context', notFound('MigrationContextNotFound')),
    'TrustedCerts.get_by_instance_uuid': orAbsent('trusted_certs', nothing),
    'ResourceList.get_by_instance_uuid': orAbsent('resources', nothing),
    'TagList.get_by_resource_id': attribute('tags', (args) => args.text('resource_id')),
  }
}

function notFound(kind: NovaErrorKind): (uuid: string) => never {
  return (instance_uuid) => {
    throw novaError(kind, { instance_uuid })
  }
}
