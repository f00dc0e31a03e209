import type { BlockDeviceMapping, Instance, RequestContext } from '@micronova/model'
import { volumesOf } from '../guest-devices.js'
import { notImplemented } from '../not-implemented.js'
import type { ComputeParts } from '../parts.js'
import { connectionAnew } from '../volume/connection.js'

/** The volumes of a guest are attached to both hosts while it moves. */
export interface DestinationVolumes {
  /** Their attachments at the source, by volume id. */
  readonly before: Readonly<Record<string, string>>
  /** The destination is ready: Cinder is told that the new attachments are in use. */
  complete(): Promise<void>
  /** The guest does not come: give the new attachments back, and have the mappings name the source's again. */
  undo(): Promise<void>
}

/**
 * A second attachment for each volume, to this host; its mapping names it from now on.
 *
 * @see nova 26.2.2, `compute/manager.py`, `pre_live_migration`
 */
export async function attachAtDestination(
  parts: ComputeParts,
  ctx: RequestContext,
  instance: Instance,
  mappings: readonly BlockDeviceMapping[],
): Promise<DestinationVolumes> {
  const { driver, volumes, stores } = parts
  const before: Record<string, string> = {}
  const attached = new Map<BlockDeviceMapping, Attached>()
  const undo = async () => {
    for (const [mapping, atSource] of attached) await restoreAttachment(parts, ctx, mapping, atSource)
  }
  try {
    for (const mapping of volumesOf(mappings)) {
      if (mapping.volume_id === null || !mapping.objIsSet('attachment_id') || mapping.attachment_id === null) continue
      const connector = await (driver.volumes ?? notImplemented()).connector(instance)
      const made = await volumes.attach(ctx, mapping.volume_id, instance.uuid, connector, mapping.device_name)
      before[mapping.volume_id] = mapping.attachment_id
      attached.set(mapping, attachedAs(mapping))
      mapping.attachment_id = made.id
      mapping.connection_info = JSON.stringify(connectionAnew(mapping, made.connection))
      await stores.blockDeviceMappings.save(ctx, mapping)
    }
  } catch (err) {
    await undo()
    throw err
  }
  const complete = async () => {
    for (const { attachment_id } of attached.keys()) if (attachment_id !== null) await volumes.complete(ctx, attachment_id)
  }
  return { before, complete, undo }
}

/** How a host is attached to a volume. */
export type Attached = Pick<BlockDeviceMapping, 'attachment_id' | 'connection_info'>

export function attachedAs(mapping: BlockDeviceMapping): Attached {
  const given = (field: 'attachment_id' | 'connection_info') => (mapping.objIsSet(field) ? mapping[field] : null)
  return { attachment_id: given('attachment_id'), connection_info: given('connection_info') }
}

/** The mapping is as it was `before`; the attachment that it named is given back. A failure is logged: others shall go on. */
export async function restoreAttachment(
  { volumes, stores, log }: Pick<ComputeParts, 'volumes' | 'stores' | 'log'>,
  ctx: RequestContext,
  mapping: BlockDeviceMapping,
  before: Attached,
): Promise<void> {
  const abandoned = mapping.attachment_id
  if (before.attachment_id === null) return
  try {
    if (abandoned !== null && abandoned !== before.attachment_id) await volumes.release(ctx, abandoned)
    mapping.attachment_id = before.attachment_id
    mapping.connection_info = before.connection_info
    await stores.blockDeviceMappings.save(ctx, mapping)
  } catch (err) {
    log.error(`The volume ${mapping.volume_id} keeps an attachment to the host that the guest did not come to`, {
      err,
      ...(mapping.instance_uuid === null ? {} : { instanceUuid: mapping.instance_uuid }),
    })
  }
}

/** The guest has left: the attachments to this host are given back. A failure is logged. */
export async function releaseSourceVolumes(
  { volumes, log }: Pick<ComputeParts, 'volumes' | 'log'>,
  ctx: RequestContext,
  instance: Instance,
  sourceMappings: readonly BlockDeviceMapping[],
): Promise<void> {
  for (const mapping of volumesOf(sourceMappings)) {
    if (!mapping.objIsSet('attachment_id') || mapping.attachment_id === null) continue
    try {
      await volumes.release(ctx, mapping.attachment_id)
    } catch (err) {
      log.error(`The attachment of volume ${mapping.volume_id} to this host stays`, { err, instanceUuid: instance.uuid })
    }
  }
}
