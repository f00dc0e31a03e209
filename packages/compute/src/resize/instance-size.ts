import { type Flavor, type Instance, isNovaError, type RequestContext, type Stores, type TaskState } from '@micronova/model'

/** The instance has this size now, in memory; the caller saves. */
export function setSize(instance: Instance, flavor: Flavor): void {
  instance.instance_type_id = flavor.id
  instance.memory_mb = flavor.memory_mb
  instance.vcpus = flavor.vcpus
  instance.root_gb = flavor.root_gb
  instance.ephemeral_gb = flavor.ephemeral_gb
  instance.flavor = flavor
}

/**
 * The move is over, either way. Last of all, as the resource tracker counts by these. An instance that is gone is fine.
 *
 * @param expectedTaskState default: any. @throws NovaError `UnexpectedTaskStateError`
 */
export async function forgetOtherSize(
  { instances }: Pick<Stores, 'instances'>,
  ctx: RequestContext,
  instance: Instance,
  expectedTaskState?: readonly (TaskState | null)[],
): Promise<void> {
  const { old_vm_state: _, ...metadata } = instance.system_metadata
  instance.old_flavor = null
  instance.new_flavor = null
  instance.system_metadata = metadata
  try {
    await instances.save(ctx, instance, expectedTaskState === undefined ? {} : { expectedTaskState })
  } catch (err) {
    if (!isNovaError(err, 'InstanceNotFound')) throw err
  }
}

/** Did the guest run, or rather not stand still, before the move? */
export function ranBefore({ system_metadata: metadata }: Instance): boolean {
  return metadata.old_vm_state !== 'stopped'
}
