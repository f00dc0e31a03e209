import { sql } from 'kysely'
import { computeNodes } from '../../schema/cell-tables.js'
import type { OnlineMigration } from './online-migration.js'

const columns = ['cpu_allocation_ratio', 'ram_allocation_ratio', 'disk_allocation_ratio'] as const

/** Compute nodes of before Stein get allocation ratios. @see nova 26.2.2, `objects/compute_node.py`, `migrate_empty_ratio` */
export const emptyRatios: OnlineMigration = {
  name: 'migrate_empty_ratio',
  async run({ main, ratios }, limit) {
    const isEmpty = sql.join(
      columns.map((column) => sql`${sql.ref(column)} is null or ${sql.ref(column)} = 0`),
      sql` or `,
    )
    const found = await main.read((rows) =>
      rows.select(computeNodes, { deleted: 0 }).where(sql<boolean>`(${isEmpty})`).orderBy('id').limit(limit).execute(),
    )
    for (const { id, cpu_allocation_ratio: cpu, ram_allocation_ratio: ram, disk_allocation_ratio: disk } of found)
      await main.write((rows) =>
        rows.update(
          computeNodes,
          { id },
          {
            cpu_allocation_ratio: cpu || ratios.cpu,
            ram_allocation_ratio: ram || ratios.ram,
            disk_allocation_ratio: disk || ratios.disk,
          },
        ),
      )
    return { found: found.length, done: found.length }
  },
}
