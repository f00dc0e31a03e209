import {
  EC2Ids,
  Instance,
  type InstanceAttribute,
  InstanceDeviceMetadata,
  InstanceFault,
  InstanceNUMATopology,
  InstancePCIRequests,
  MigrationContext,
  NovaError,
  PciDeviceList,
  type RequestContext,
  ResourceList,
  SecurityGroupList,
  TagList,
  TrustedCerts,
  VirtCPUModel,
} from '@micronova/model'
import type { AnyObjectClass } from '@micronova/versionedobjects'
import type { RemoteObjects } from './remote-objects.js'

/** How an attribute with a method of its own is read. */
interface Loader {
  readonly objectClass: AnyObjectClass
  readonly method: string
  /** Default: the uuid of the instance. */
  readonly args?: (instance: Instance) => readonly unknown[]
  /** Nova's error that means null. */
  readonly absent?: string
}

const byUuid = (objectClass: AnyObjectClass, absent?: string): Loader => ({
  objectClass,
  method: 'get_by_instance_uuid',
  ...(absent === undefined ? {} : { absent }),
})

/** @see nova 26.2.2, `objects/instance.py`, `_obj_load_attr` */
const loaders: Partial<Readonly<Record<InstanceAttribute, Loader>>> = {
  fault: { objectClass: InstanceFault, method: 'get_latest_for_instance' },
  numa_topology: byUuid(InstanceNUMATopology, 'NumaTopologyNotFound'),
  device_metadata: byUuid(InstanceDeviceMetadata),
  pci_requests: byUuid(InstancePCIRequests),
  pci_devices: byUuid(PciDeviceList),
  vcpu_model: byUuid(VirtCPUModel),
  ec2_ids: { objectClass: EC2Ids, method: 'get_by_instance', args: (instance) => [instance] },
  security_groups: { objectClass: SecurityGroupList, method: 'get_by_instance', args: (instance) => [instance] },
  migration_context: byUuid(MigrationContext, 'MigrationContextNotFound'),
  trusted_certs: byUuid(TrustedCerts),
  resources: byUuid(ResourceList),
  tags: { objectClass: TagList, method: 'get_by_resource_id' },
}

/**
 * Load `attributes` into `instance`, deleted or not. Those without a method of their own come in one call together.
 * A loaded attribute is not a change; upstream marks `old_flavor` and `new_flavor` as changed when it loads `flavor`.
 */
export async function loadInstanceAttributes(
  remote: RemoteObjects,
  ctx: RequestContext,
  instance: Instance,
  attributes: readonly InstanceAttribute[],
): Promise<void> {
  const deletedToo: RequestContext = { ...ctx, readDeleted: 'yes' }
  const joined = attributes.filter((name) => loaders[name] === undefined)
  if (joined.length > 0) await loadJoined(remote, deletedToo, instance, joined)
  for (const name of attributes) {
    const loader = loaders[name]
    if (loader) instance.objSetStored({ [name]: await loadOne(remote, deletedToo, instance, loader) })
  }
}

async function loadOne(remote: RemoteObjects, ctx: RequestContext, instance: Instance, loader: Loader): Promise<unknown> {
  try {
    return await remote.classMethod(ctx, loader.objectClass, loader.method, loader.args?.(instance) ?? [instance.uuid])
  } catch (err) {
    if (err instanceof NovaError && err.kind === loader.absent) return null
    throw err
  }
}

/** Of the instance that comes back, what the present one has not yet; `flavor` brings its two companions. */
async function loadJoined(remote: RemoteObjects, ctx: RequestContext, instance: Instance, attributes: readonly InstanceAttribute[]) {
  const kwargs = { uuid: instance.uuid, expected_attrs: attributes }
  const current = await remote.classMethod<Instance>(ctx, Instance, 'get_by_uuid', [], kwargs)
  const loaded = instance.objGetSet()
  instance.objSetStored(Object.fromEntries(Object.entries(current.objGetSet()).filter(([name]) => !(name in loaded))))
}
