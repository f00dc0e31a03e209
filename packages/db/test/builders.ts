import { Flavor, Instance, InstanceInfoCache } from '@micronova/model'
import type { VersionedObject } from '@micronova/versionedobjects'

type InstanceValues = NonNullable<ConstructorParameters<typeof Instance>[0]>

let count = 0

/** A uuid of its own for each call, readable in a failure: the last digits count. */
export function aUuid(): string {
  count += 1
  return `00000000-0000-4000-8000-${count.toString(16).padStart(12, '0')}`
}

export function aFlavor(values: NonNullable<ConstructorParameters<typeof Flavor>[0]> = {}): Flavor {
  const flavor = new Flavor({
    id: 1,
    name: 'm1.tiny',
    memory_mb: 512,
    vcpus: 1,
    root_gb: 1,
    ephemeral_gb: 0,
    flavorid: '1',
    swap: 0,
    rxtx_factor: 1.0,
    vcpu_weight: 0,
    disabled: false,
    is_public: true,
    extra_specs: {},
    description: 'the smallest',
    ...values,
  })
  flavor.objResetChanges()
  return flavor
}

/** An instance as the API makes one, before it is stored. */
export function anInstance(values: InstanceValues = {}): Instance {
  return new Instance({
    uuid: aUuid(),
    user_id: 'user',
    project_id: 'project',
    image_ref: '97d9b9d6-eba8-4620-8519-e2cfea0144d0',
    kernel_id: '',
    ramdisk_id: '',
    vm_state: 'building',
    task_state: 'scheduling',
    display_name: 'vm1',
    hostname: 'vm1',
    memory_mb: 512,
    vcpus: 1,
    root_gb: 1,
    ephemeral_gb: 0,
    instance_type_id: 1,
    power_state: 0,
    system_metadata: { boot_roles: 'admin', image_min_disk: '1' },
    metadata: { role: 'db' },
    flavor: aFlavor(),
    old_flavor: null,
    new_flavor: null,
    ...values,
  })
}

type NetworkInfo = InstanceInfoCache['network_info']

export function aNetworkInfo(address: string): NonNullable<NetworkInfo> {
  const cache = InstanceInfoCache.objStored({ network_info: JSON.stringify([{ id: aUuid(), address, type: 'ovs' }]) as never })
  return cache.network_info!
}

/** The fields of an object that somebody could have assigned. */
export function valuesOf(object: VersionedObject): Record<string, unknown> {
  const { id, created_at, updated_at, deleted_at, deleted, uuid, instance_uuid, last_seen_up, ec2_ids, tags, ...values } =
    object.objGetSet()
  return values
}
