import { novaError } from '@micronova/model'
import { sql } from 'kysely'
import type { Database } from '../database.js'
import { instances } from '../schema/cell-tables.js'

/** What a mapping wants to know of an instance. */
export interface InstanceOwner {
  readonly uuid: string
  readonly project_id: string | null
  readonly user_id: string | null
}

/**
 * Instances of the cell, oldest first, deleted ones among them; those that a move between cells hides are left out.
 *
 * @param page.after uuid of the last one of the page before
 * @throws NovaError `MarkerNotFound`
 */
export function listOldestInstances(
  cell: Database,
  { limit, after }: { readonly limit: number; readonly after: string | null },
): Promise<InstanceOwner[]> {
  return cell.read(async (rows) => {
    const query = rows
      .selectColumns(instances, ['uuid', 'project_id', 'user_id'], {})
      .where(sql<boolean>`(hidden = ${false} or hidden is null)`)
      .orderBy('created_at')
      .orderBy('id')
      .limit(sql.lit(limit))
    if (after === null) return query.execute()
    const last = await rows.first(instances, { uuid: after })
    if (last === undefined) throw novaError('MarkerNotFound', { marker: after })
    const { created_at, id } = last
    return query.where(sql<boolean>`(created_at > ${created_at} or (created_at = ${created_at} and id > ${id}))`).execute()
  })
}

/** Whether the cell has an instance that is not deleted, hidden ones included. */
export async function hasInstances(cell: Database): Promise<boolean> {
  return (await cell.read((rows) => rows.first(instances, { deleted: 0 }))) !== undefined
}
