import { countedUsage, type RequestContext, VolumeUsage, type VolumeUsageStore } from '@micronova/model'
import { volumeUsageCache } from '../schema/cell-tables.js'
import type { StoreDeps } from './deps.js'
import { columnValues, fieldValues } from './object-rows.js'

/** What has been read from volumes and written to them, for accounting; one row for each. */
export class DatabaseVolumeUsageStore implements VolumeUsageStore {
  readonly #deps: StoreDeps

  constructor(deps: StoreDeps) {
    this.#deps = deps
  }

  async save(_ctx: RequestContext, usage: VolumeUsage, { ends = false }: { readonly ends?: boolean } = {}): Promise<void> {
    const { volume_id, instance_uuid, project_id, user_id, availability_zone } = usage
    const row = await this.#deps.database.write(async (rows) => {
      const stored = await rows.first(volumeUsageCache, { volume_id })
      const counted = countedUsage((stored ?? null) as Readonly<Record<string, number | null>> | null, usage, rows.now, ends)
      const values = columnValues(volumeUsageCache, { volume_id, instance_uuid, project_id, user_id, availability_zone, ...counted })
      if (stored === undefined) await rows.insert(volumeUsageCache, values)
      else await rows.update(volumeUsageCache, { id: stored.id }, values)
      return rows.select(volumeUsageCache, { volume_id }).executeTakeFirstOrThrow()
    })
    usage.objSetStored(fieldValues(VolumeUsage.fields, row))
    usage.objResetChanges()
  }
}
