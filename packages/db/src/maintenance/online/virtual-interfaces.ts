import { sql } from 'kysely'
import type { Database } from '../../database.js'
import type { Rows } from '../../rows.js'
import { instanceInfoCaches, instances, virtualInterfaces } from '../../schema/cell-tables.js'
import type { OnlineMigration } from './online-migration.js'

/** Uuid of the instance whose interface marks how far the search has come; its `tag` is the last instance that was looked at. */
export const nobody = '00000000-0000-0000-0000-000000000000'

/**
 * Instances of before Newton get records of their interfaces, in the order that their info cache has. Each run goes on where the last
 * one ended, upstream's or ours; `found` is what was looked at.
 *
 * @see nova 26.2.2, `objects/virtual_interface.py`, `fill_virtual_interface_list`
 */
export const interfaceRecords: OnlineMigration = {
  name: 'fill_virtual_interface_list',
  async run({ cells }, limit) {
    let [found, done] = [0, 0]
    for (const { open } of cells) {
      if (found >= limit) break
      const cell = await open()
      const some = await nextInstances(cell, limit - found)
      for (const uuid of some) {
        const outcome = await cell.write((rows) => fill(rows, uuid))
        found += outcome === 'no cache' ? 0 : 1
        done += outcome === 'filled' ? 1 : 0
      }
      const last = some.at(-1)
      if (last !== undefined) await cell.write((rows) => mark(rows, last))
    }
    return { found, done }
  },
}

/** Oldest first, from behind the mark on; from the beginning if the marked one is gone. */
function nextInstances(cell: Database, limit: number): Promise<string[]> {
  return cell.read(async (rows) => {
    const marker = (await rows.first(virtualInterfaces, { instance_uuid: nobody }))?.tag ?? null
    const last = marker === null ? undefined : await rows.first(instances, { uuid: marker })
    let query = rows
      .selectColumns(instances, ['uuid'], { deleted: 0 })
      .where(sql<boolean>`(hidden = ${false} or hidden is null)`)
      .where(sql<boolean>`(vm_state <> 'soft-delete' or vm_state is null)`)
    if (last !== undefined) {
      const { created_at, id } = last
      query = query.where(sql<boolean>`(created_at > ${created_at} or (created_at = ${created_at} and id > ${id}))`)
    }
    const found = await query.orderBy('created_at').orderBy('id').limit(limit).execute()
    return found.map(({ uuid }) => uuid)
  })
}

interface CachedInterface {
  readonly id: string
  readonly address: string
}

async function fill(rows: Rows, instance_uuid: string): Promise<'no cache' | 'right' | 'filled'> {
  const cache = await rows.first(instanceInfoCaches, { instance_uuid, deleted: 0 })
  const cached = JSON.parse(cache?.network_info || '[]') as readonly CachedInterface[]
  if (cached.length === 0) return 'no cache'
  const stored = await rows.select(virtualInterfaces, { instance_uuid, deleted: 0 }).orderBy('created_at').orderBy('id').execute()
  // More records than interfaces: one is being attached.
  if (stored.length > cached.length || cached.every(({ id }, at) => stored[at]?.uuid === id)) return 'right'
  await rows.softDelete(virtualInterfaces, { instance_uuid })
  for (const { id, address } of cached) {
    const tag = stored.find(({ uuid }) => uuid === id)?.tag ?? null
    await rows.insert(virtualInterfaces, { uuid: id, address: `${address}/${id}`, instance_uuid, tag })
  }
  return 'filled'
}

/** The mark is an interface, which must have an instance: a deleted one. */
async function mark(rows: Rows, last: string): Promise<void> {
  await rows.delete(virtualInterfaces, { instance_uuid: nobody })
  if ((await rows.first(instances, { uuid: nobody })) === undefined) {
    const id = await rows.insert(instances, { uuid: nobody, project_id: nobody, user_id: nobody })
    await rows.softDelete(instances, { id })
  }
  await rows.insert(virtualInterfaces, { instance_uuid: nobody, uuid: nobody, tag: last, address: `ff:ff:ff:ff:ff:ff/${nobody}` })
}
