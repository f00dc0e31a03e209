import type { Random } from '@micronova/lifecycle'
import type { Database } from '../database.js'
import type { blockDeviceMapping, migrations, pciDevices } from '../schema/cell-tables.js'

/** Tables whose rows got a uuid only later; those from before get theirs when they are read. */
type LateUuidTable = typeof blockDeviceMapping | typeof migrations | typeof pciDevices

interface LateUuidRow {
  readonly id: number
  readonly uuid: string | null
}

/** The rows, each with a uuid that is stored. Of two readers at once one gives it, and both have the same. */
export async function withUuids<R extends LateUuidRow>(
  database: Database,
  random: Random,
  table: LateUuidTable,
  found: readonly R[],
): Promise<R[]> {
  const complete: R[] = []
  for (const row of found) complete.push(row.uuid === null ? { ...row, uuid: await giveUuid(database, random, table, row.id) } : row)
  return complete
}

function giveUuid(database: Database, random: Random, table: LateUuidTable, id: number): Promise<string | null> {
  return database.write(async (rows) => {
    const uuid = random.uuid()
    if ((await rows.update(table, { id, uuid: null }, { uuid })) > 0) return uuid
    return (await rows.first(table, { id }))?.uuid ?? null
  })
}
