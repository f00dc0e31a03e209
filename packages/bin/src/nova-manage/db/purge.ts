import { purgeShadowTables } from '@micronova/db'
import type { CellMapping } from '@micronova/model'
import type { Command } from 'commander'
import { errorText, isMendable } from '../../error-text.js'
import { cellIdentity } from '../cell-identity.js'
import type { Manage, ManageCommand } from '../command.js'
import { readDate } from '../read-date.js'

interface PurgeFlags {
  readonly before?: string
  readonly all?: true
  readonly verbose?: true
  readonly allCells?: true
}

/** Empties the shadow tables. */
export const dbPurge: ManageCommand = {
  name: 'purge',
  summary: 'Delete rows of the shadow tables for good.',
  statuses:
    '0 rows were deleted, 1 neither --before nor --all, 2 --before is no time, 3 there was nothing, 4 the cells cannot be listed, 255 it failed.',
  failureStatus: 255,
  declare(command: Command) {
    command
      .option(
        '--before <date>',
        'rows that were deleted before: YYYY-MM-DD [HH:mm[:ss]], or as date prints it; UTC unless it says otherwise',
      )
      .option('--all', 'all rows')
      .option('--verbose', 'print what is deleted from which table')
      .option('--all-cells', 'all cells, not only [database]')
  },
  async run(manage: Manage, { before: given, all, verbose, allCells }: PurgeFlags) {
    if (given === undefined && !all) {
      manage.print('Either --before or --all is required')
      return 1
    }
    const before = given === undefined ? null : readDate(given)
    if (given !== undefined && before === null) {
      manage.print(`Invalid value for --before: ${given} is no time`)
      return 2
    }
    return purge(manage, { before, verbose: verbose === true, allCells: allCells === true })
  },
}

/** @returns the status of `db purge` */
export async function purge(
  manage: Manage,
  { before, verbose, allCells }: { readonly before: Date | null; readonly verbose: boolean; readonly allCells: boolean },
): Promise<0 | 3 | 4> {
  const { databases, print } = manage
  const cells = allCells ? await cellsOf(manage) : [null]
  if (cells === null) return 4
  let deleted = 0
  for (const cell of cells) {
    const say = (what: string) => verbose && print(`${cell === null ? 'DB' : `Cell ${cellIdentity(cell)}`}: ${what}`)
    const { database } = await (cell === null ? databases.main() : databases.cell(cell))
    deleted += await purgeShadowTables(database, {
      before,
      onPurged: (table, rows, column) => say(`Deleted ${rows} rows from ${table} based on timestamp column ${column ?? '(n/a)'}`),
      onSkipped: (table) => say(`Unable to purge table ${table} because it has no timestamp column`),
    })
  }
  return deleted > 0 ? 0 : 3
}

async function cellsOf({ databases, ctx, print }: Manage): Promise<readonly CellMapping[] | null> {
  try {
    return await (await databases.api()).stores.cellMappings.list(ctx)
  } catch (err) {
    if (!isMendable(err)) throw err
    print(`Unable to get the list of cells from the API database: ${errorText(err)}`)
    return null
  }
}
