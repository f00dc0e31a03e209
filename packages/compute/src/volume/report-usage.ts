import { type BlockDeviceMapping, type Instance, type RequestContext, VolumeUsage } from '@micronova/model'
import type { VolumeUse } from '@micronova/virt'
import type { ComputeParts } from '../parts.js'

export interface ReportUsageOptions {
  /** The volume is being detached: what was counted joins the totals. */
  readonly ends: boolean
}

/** Write down, and tell, what has been read from a volume of a guest and written to it. */
export async function reportVolumeUsage(
  { stores, notifications }: ComputeParts,
  ctx: RequestContext,
  instance: Instance,
  volumeId: string,
  use: VolumeUse,
  { ends }: ReportUsageOptions,
): Promise<void> {
  const { uuid: instance_uuid, project_id, user_id, availability_zone } = instance
  const usage = new VolumeUsage({
    volume_id: volumeId,
    instance_uuid,
    project_id,
    user_id,
    availability_zone,
    curr_reads: use.reads,
    curr_read_bytes: use.readBytes,
    curr_writes: use.writes,
    curr_write_bytes: use.writeBytes,
  })
  await stores.volumeUsages.save(ctx, usage, { ends })
  await notifications.volumeUsage(ctx, usage)
}

/** The last report of a volume that is about to be detached, where usage is counted at all. */
export async function reportLastUsage(
  parts: ComputeParts,
  ctx: RequestContext,
  instance: Instance,
  mapping: BlockDeviceMapping,
): Promise<void> {
  const statistics = parts.driver.volumeStatistics
  if (parts.settings.volumes.usagePollSeconds <= 0 || statistics === undefined) return
  const use = await statistics.deviceUse(instance, (mapping.device_name ?? '').replace(/^\/dev\//, ''))
  if (use !== null) await reportVolumeUsage(parts, ctx, instance, mapping.volume_id ?? '', use, { ends: true })
}
