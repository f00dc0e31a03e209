import type { Instance, Vif } from '@micronova/model'
import type { Json, JsonObject } from '@micronova/versionedobjects'

export interface InstanceInfoOptions {
  /** Named in the payload if given; an empty list too. */
  readonly network?: readonly Vif[] | null
  /** Where its image is found: `http://glance:9292/images/<uuid>`. */
  readonly imageUrl: string | null
}

/**
 * An instance as the older notifications tell of it.
 *
 * @see nova 26.2.2, `notifications/base.py`, `info_from_instance`
 */
export function instanceInfo(instance: Instance, { network = null, imageUrl }: InstanceInfoOptions): JsonObject {
  const { flavor } = instance
  return {
    tenant_id: instance.project_id,
    user_id: instance.user_id,
    instance_id: instance.uuid,
    display_name: instance.display_name,
    reservation_id: instance.reservation_id,
    hostname: instance.hostname,
    instance_type: flavor.name,
    instance_type_id: instance.instance_type_id,
    instance_flavor_id: flavor.flavorid,
    architecture: instance.architecture,
    memory_mb: flavor.memory_mb,
    disk_gb: (flavor.root_gb ?? 0) + (flavor.ephemeral_gb ?? 0),
    vcpus: flavor.vcpus,
    root_gb: flavor.root_gb,
    ephemeral_gb: flavor.ephemeral_gb,
    host: instance.host,
    node: instance.node,
    availability_zone: instance.availability_zone,
    cell_name: instance.cell_name || '',
    created_at: pythonTime(instance.created_at),
    terminated_at: microseconds(instance.terminated_at),
    deleted_at: microseconds(instance.deleted_at),
    launched_at: microseconds(instance.launched_at),
    image_ref_url: imageUrl,
    os_type: instance.os_type,
    kernel_id: instance.kernel_id,
    ramdisk_id: instance.ramdisk_id,
    state: instance.vm_state,
    state_description: instance.task_state || '',
    progress: instance.progress || '',
    access_ip_v4: instance.access_ip_v4,
    access_ip_v6: instance.access_ip_v6,
    ...(network === null ? {} : { fixed_ips: network.flatMap(fixedIps) }),
    image_meta: imageMeta(instance.system_metadata),
    metadata: { ...instance.metadata },
  }
}

/** `2026-11-22T12:06:05.693000`, or nothing. */
export function microseconds(time: Date | null): string {
  return time === null ? '' : `${time.toISOString().slice(0, -1)}000`
}

/** As Python prints an aware datetime: `2026-11-22 12:06:01+00:00`. */
function pythonTime(time: Date | null): string {
  if (time === null) return 'None'
  return `${printedTime(time)}+00:00`
}

/** As Python prints a time: `2026-11-01 00:00:00`, or with `.123000` behind it. */
export function printedTime(time: Date): string {
  const [day = '', rest = ''] = time.toISOString().slice(0, -1).split('T')
  return `${day} ${time.getUTCMilliseconds() === 0 ? rest.slice(0, 8) : `${rest}000`}`
}

/** What the system metadata of an instance keeps of the image that it was made from. */
export function imageMeta(systemMetadata: Readonly<Record<string, string | null>>): JsonObject {
  const prefix = 'image_'
  const entries = Object.entries(systemMetadata).filter(([key]) => key.startsWith(prefix))
  return Object.fromEntries(entries.map(([key, value]) => [key.slice(prefix.length), value]))
}

function fixedIps(vif: Vif): Json[] {
  const addresses = (vif.network?.subnets ?? []).flatMap(({ ips }) => ips)
  return addresses.map((ip) => ({ ...(ip as unknown as JsonObject), label: vif.network?.label ?? null, vif_mac: vif.address }))
}
