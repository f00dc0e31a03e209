import {
  type Instance,
  InstancePCIRequests,
  type Migration,
  MigrationContext,
  PciDeviceList,
  type RequestContext,
  type Stores,
} from '@micronova/model'
import { ensureLoaded } from '../instance-attributes.js'

/** What of an instance is bound to one host, and so differs between the two ends of a move. */
const boundToHost = ['numa_topology', 'pci_requests', 'pci_devices', 'resources'] as const

/** Which end of a move: where the guest was, or where it goes. */
export type MoveEnd = 'old' | 'new'

/**
 * What the instance holds at both ends of `migration`. The new end has neither NUMA cells, nor PCI devices, nor resources
 * that are numbered: no driver has any to give.
 */
export async function newMigrationContext(
  stores: Pick<Stores, 'instances'>,
  ctx: RequestContext,
  instance: Instance,
  migration: Migration,
): Promise<MigrationContext> {
  await ensureLoaded(stores, ctx, instance, ['pci_requests', 'resources', 'pci_devices', 'numa_topology'])
  return new MigrationContext({
    instance_uuid: instance.uuid,
    migration_id: migration.id,
    old_numa_topology: instance.numa_topology,
    new_numa_topology: null,
    // A copy: the list of the instance changes while it moves.
    old_pci_devices: instance.pci_devices?.objClone() ?? null,
    new_pci_devices: new PciDeviceList({ objects: [] }),
    old_pci_requests: instance.pci_requests,
    new_pci_requests: new InstancePCIRequests({ instance_uuid: instance.uuid, requests: [] }),
    old_resources: instance.resources,
    new_resources: null,
  })
}

/** Give the instance, in memory, what its migration context says of that end. Without a context it stays as it is. */
export function applyMigrationContext(instance: Instance, end: MoveEnd): void {
  const context = instance.objIsSet('migration_context') ? instance.migration_context : null
  if (context === null) return
  for (const name of boundToHost) {
    const held = `${end}_${name}` as const
    instance.objSet(name, context.objIsSet(held) ? context.objGet(held) : null)
  }
}

/** The move is over. Nobody is asked if the instance is known to have no context. */
export async function dropMigrationContext(
  { instances }: Pick<Stores, 'instances'>,
  ctx: RequestContext,
  instance: Instance,
): Promise<void> {
  if (instance.objIsSet('migration_context') && instance.migration_context === null) return
  await instances.dropMigrationContext(ctx, instance)
}
