import { isDatabaseError, listOldestInstances } from '@micronova/db'
import { type CellMapping, InstanceMapping } from '@micronova/model'
import type { Command } from 'commander'
import type { Manage, ManageCommand } from '../command.js'
import { countOf } from '../numbers.js'

/** Instances of one look at the cell, where no `--max-count` says otherwise. */
const portion = 50

/** Where the next run goes on: a mapping of this project whose uuid has spaces in place of hyphens, so that it is nobody else's. */
const markerProject = 'INSTANCE_MIGRATION_MARKER'

interface MapInstancesFlags {
  readonly cell_uuid: string
  readonly maxCount?: string
  readonly reset?: true
}

/** Maps the instances of a cell that are in none, oldest first; deleted ones too. */
export const mapInstances: ManageCommand = {
  name: 'map_instances',
  summary: 'Map the instances of a cell that are not mapped.',
  statuses: '0 all are mapped, 1 there may be more: run it again, 127 --max-count is wrong, 255 it failed.',
  failureStatus: 255,
  declare(command: Command) {
    command
      .requiredOption('--cell_uuid <cell_uuid>', 'the cell')
      .option('--max-count <max_count>', 'most instances of a run; the next run goes on behind them. Default: all')
      .option('--reset', 'begin with the oldest, not where the last run ended')
  },
  async run(manage: Manage, { cell_uuid, maxCount, reset }: MapInstancesFlags) {
    const count = maxCount === undefined ? portion : countOf(maxCount)
    if (count === null) {
      manage.print('Must supply a positive value for max-count')
      return 127
    }
    const { stores } = await manage.databases.api()
    const cell = await stores.cellMappings.getByUuid(manage.ctx, cell_uuid)
    return mapAll(manage, cell, { count, once: maxCount !== undefined, reset: reset === true })
  },
}

/** @returns the status of `map_instances` */
export async function mapAll(
  manage: Manage,
  cell: CellMapping,
  { count = portion, once = false, reset = false }: { readonly count?: number; readonly once?: boolean; readonly reset?: boolean } = {},
): Promise<0 | 1> {
  const { databases, ctx } = manage
  const { stores } = await databases.api()
  const [kept] = await stores.instanceMappings.listByProject(ctx, markerProject)
  if (kept !== undefined) await stores.instanceMappings.destroy(ctx, kept.instance_uuid)
  let marker = kept === undefined || reset ? null : kept.instance_uuid.replaceAll(' ', '-')
  do marker = await mapPortion(manage, cell, count, marker)
  while (marker !== null && !once)
  if (marker === null) return 0
  const place = new InstanceMapping({ instance_uuid: marker.replaceAll('-', ' '), project_id: markerProject, user_id: markerProject })
  await stores.instanceMappings.create(ctx, place)
  return 1
}

/** @returns the last instance that was looked at; null if there are no more */
async function mapPortion(manage: Manage, cell: CellMapping, limit: number, marker: string | null): Promise<string | null> {
  const { databases, ctx } = manage
  const { stores } = await databases.api()
  const instances = await listOldestInstances((await databases.cell(cell)).database, { limit, after: marker })
  for (const { uuid: instance_uuid, project_id, user_id } of instances) {
    const mapping = new InstanceMapping({ instance_uuid, cell_mapping: cell, project_id: project_id ?? '', user_id: user_id ?? '' })
    await stores.instanceMappings.create(ctx, mapping).catch((err) => {
      if (!isDatabaseError(err, 'unique_violation')) throw err
    })
  }
  return instances.length < limit ? null : instances.at(-1)!.uuid
}
