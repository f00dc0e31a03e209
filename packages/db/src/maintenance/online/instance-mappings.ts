import { sql } from 'kysely'
import type { Database } from '../../database.js'
import { oneOf } from '../../rows.js'
import { instanceMappings } from '../../schema/api-tables.js'
import { instances } from '../../schema/cell-tables.js'
import type { OnlineMigration } from './online-migration.js'
import { nobody } from './virtual-interfaces.js'

/**
 * A mapping says whether its instance is deleted, or soft-deleted.
 *
 * @see nova 26.2.2, `objects/instance_mapping.py`, `populate_queued_for_delete`
 */
export const queuedForDelete: OnlineMigration = {
  name: 'populate_queued_for_delete',
  async run({ api, cells }, limit) {
    let left = limit
    for (const { id: cell_id, open } of cells) {
      if (left <= 0) break
      const found = await api.read((rows) =>
        rows.select(instanceMappings, { queued_for_delete: null, cell_id }).orderBy('id').limit(left).execute(),
      )
      if (found.length === 0) continue
      const deleted = await deletedOf(
        await open(),
        found.map(({ instance_uuid }) => instance_uuid),
      )
      for (const { id, instance_uuid } of found)
        await api.write((rows) => rows.update(instanceMappings, { id }, { queued_for_delete: deleted.has(instance_uuid) }))
      left -= found.length
    }
    return { found: limit - left, done: limit - left }
  },
}

/**
 * A mapping says whose instance it is. One whose instance is in no cell, or not in its cell any more, cannot.
 *
 * @see nova 26.2.2, `objects/instance_mapping.py`, `populate_user_id`
 */
export const mappingUsers: OnlineMigration = {
  name: 'populate_user_id',
  async run({ api, cells }, limit) {
    const found = await api.read((rows) =>
      rows
        .select(instanceMappings, { user_id: null, project_id: { not: nobody } })
        .orderBy('id')
        .limit(limit)
        .execute(),
    )
    let done = 0
    for (const { id: cellId, open } of cells) {
      const inCell = found.filter(({ cell_id }) => cell_id === cellId)
      if (inCell.length === 0) continue
      const uuid = inCell.map(({ instance_uuid }) => instance_uuid)
      const owners = await (await open()).read((rows) => rows.selectColumns(instances, ['uuid', 'user_id'], { uuid }).execute())
      for (const { uuid: instance_uuid, user_id } of owners)
        if (user_id !== null) done += await api.write((rows) => rows.update(instanceMappings, { instance_uuid }, { user_id }))
    }
    return { found: found.length, done }
  },
}

async function deletedOf(cell: Database, uuids: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await cell.read((unit) =>
    unit
      .selectColumns(instances, ['uuid'], {})
      .where(oneOf('uuid', uuids))
      .where(sql<boolean>`(deleted = id or vm_state = 'soft-delete')`)
      .execute(),
  )
  return new Set(rows.map(({ uuid }) => uuid))
}
