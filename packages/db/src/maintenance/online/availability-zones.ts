import { instances } from '../../schema/cell-tables.js'
import type { OnlineMigration } from './online-migration.js'

/**
 * An instance on a host says in which zone it is.
 *
 * @see nova 26.2.2, `objects/instance.py`, `populate_missing_availability_zones`
 */
export const availabilityZones: OnlineMigration = {
  name: 'populate_missing_availability_zones',
  async run({ main, zoneOf }, limit) {
    const found = await main.read((rows) =>
      rows
        .selectColumns(instances, ['id', 'host'], { availability_zone: null, host: { not: '' } })
        .orderBy('id')
        .limit(limit)
        .execute(),
    )
    for (const { id, host } of found) {
      const availability_zone = await zoneOf(host ?? '')
      await main.write((rows) => rows.update(instances, { id }, { availability_zone }))
    }
    return { found: found.length, done: found.length }
  },
}
