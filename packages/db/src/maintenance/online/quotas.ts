import type { Database } from '../../database.js'
import * as api from '../../schema/api-tables.js'
import * as cell from '../../schema/cell-tables.js'
import type { OnlineMigration } from './online-migration.js'

/**
 * Limits of projects and users move to the API database. One that is there already is what counts.
 *
 * @see nova 26.2.2, `objects/quotas.py`, `migrate_quota_limits_to_api_db`
 */
export const quotaLimits: OnlineMigration = {
  name: 'migrate_quota_limits_to_api_db',
  async run({ main, api: above }, limit) {
    const ofProjects = await moveProjectLimits(main, above, limit)
    const ofUsers = ofProjects < limit ? await moveUserLimits(main, above, limit - ofProjects) : 0
    return { found: ofProjects + ofUsers, done: ofProjects + ofUsers }
  },
}

/** The same of the limits of classes. @see nova 26.2.2, `objects/quotas.py`, `migrate_quota_classes_to_api_db` */
export const quotaClasses: OnlineMigration = {
  name: 'migrate_quota_classes_to_api_db',
  async run({ main, api: above }, limit) {
    const found = await main.read((rows) => rows.select(cell.quotaClasses, { deleted: 0 }).orderBy('id').limit(limit).execute())
    await above.write(async (rows) => {
      for (const { class_name, resource, hard_limit } of found)
        if ((await rows.first(api.quotaClasses, { class_name, resource })) === undefined)
          await rows.insert(api.quotaClasses, { class_name, resource, hard_limit })
    })
    await main.write((rows) => rows.softDelete(cell.quotaClasses, { id: found.map(({ id }) => id) }))
    return { found: found.length, done: found.length }
  },
}

async function moveProjectLimits(main: Database, above: Database, limit: number): Promise<number> {
  const found = await main.read((rows) => rows.select(cell.quotas, { deleted: 0 }).orderBy('id').limit(limit).execute())
  await above.write(async (rows) => {
    for (const { project_id, resource, hard_limit } of found)
      if ((await rows.first(api.quotas, { project_id, resource })) === undefined)
        await rows.insert(api.quotas, { project_id, resource, hard_limit })
  })
  await main.write((rows) => rows.softDelete(cell.quotas, { id: found.map(({ id }) => id) }))
  return found.length
}

async function moveUserLimits(main: Database, above: Database, limit: number): Promise<number> {
  const found = await main.read((rows) => rows.select(cell.projectUserQuotas, { deleted: 0 }).orderBy('id').limit(limit).execute())
  await above.write(async (rows) => {
    for (const { user_id, project_id, resource, hard_limit } of found)
      if ((await rows.first(api.projectUserQuotas, { user_id, project_id, resource })) === undefined)
        await rows.insert(api.projectUserQuotas, { user_id, project_id, resource, hard_limit })
  })
  await main.write((rows) => rows.softDelete(cell.projectUserQuotas, { id: found.map(({ id }) => id) }))
  return found.length
}
