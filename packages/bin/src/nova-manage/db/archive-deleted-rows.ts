import { archiveDeletedRows, forgetInstances, isDatabaseError } from '@micronova/db'
import type { CellMapping } from '@micronova/model'
import type { Command } from 'commander'
import { errorText, isMendable } from '../../error-text.js'
import type { Manage, ManageCommand } from '../command.js'
import { maxInteger, wholeNumber } from '../numbers.js'
import { prettyTable } from '../pretty-table.js'
import { readDate } from '../read-date.js'
import { purge } from './purge.js'

interface ArchiveFlags {
  readonly max_rows: number
  readonly before?: string
  readonly verbose?: true
  readonly untilComplete?: true
  readonly purge?: true
  readonly allCells?: true
  readonly taskLog?: true
  readonly sleep: number
}

/** Moves deleted rows to the shadow tables, and takes away what the API database has of deleted instances. */
export const dbArchiveDeletedRows: ManageCommand = {
  name: 'archive_deleted_rows',
  summary: 'Move rows that are marked as deleted into the shadow tables.',
  statuses:
    '0 nothing to archive, 1 something was archived, 2 --max_rows is wrong, 3 the API database cannot be reached, 4 --before is no time, 255 it failed.',
  failureStatus: 255,
  declare(command: Command) {
    command
      .option('--max_rows <number>', 'most rows of a run, those of the API database not counted', wholeNumber, 1000)
      .option(
        '--before <date>',
        'only what was deleted before: YYYY-MM-DD [HH:mm[:ss]], or as date prints it; UTC unless it says otherwise',
      )
      .option('--verbose', 'print how many rows of each table were archived')
      .option('--until-complete', 'go on, --max_rows at a time, until nothing is left')
      .option('--purge', 'empty the shadow tables afterwards')
      .option('--all-cells', 'all cells, not only [database]')
      .option('--task-log', 'task_log too, of which nothing is ever deleted: all of it, or what is older than --before')
      .option('--sleep <seconds>', 'rest between portions with --until-complete', wholeNumber, 0)
  },
  async run(manage: Manage, flags: ArchiveFlags) {
    const { print, write } = manage
    const { max_rows: maxRows, verbose = false, untilComplete = false } = flags
    if (maxRows < 0 || maxRows > maxInteger) {
      print(maxRows < 0 ? 'Must supply a positive value for max_rows' : `max rows must be <= ${maxInteger}`)
      return 2
    }
    const cells = await cellsOf(manage)
    if (cells === null) return 3
    const before = flags.before === undefined ? null : readDate(flags.before)
    if (flags.before !== undefined && before === null) {
      print(`Invalid value for --before: ${flags.before} is no time`)
      return 4
    }
    if (untilComplete && verbose) write('Archiving..')
    const counts = new Map<string, number>()
    let left = maxRows
    for (const cell of flags.allCells ? cells : [null]) {
      if (manage.interrupted.aborted || (!untilComplete && left <= 0)) break
      left -= await archiveCell(manage, cell, { ...flags, maxRows: untilComplete ? maxRows : left, before }, counts)
    }
    if (untilComplete && verbose) print(manage.interrupted.aborted ? '.stopped' : '.complete')
    if (verbose) report(manage, counts)
    if (counts.size === 0) return 0
    if (flags.purge) {
      if (verbose) print('Rows were archived, running purge...')
      await purge(manage, { before: null, verbose, allCells: flags.allCells ?? false })
    }
    return 1
  },
}

/** Without them nothing could be taken out of the API database. */
async function cellsOf({ databases, ctx, print }: Manage): Promise<readonly CellMapping[] | null> {
  try {
    return await (await databases.api()).stores.cellMappings.list(ctx)
  } catch (err) {
    if (!isMendable(err) || isDatabaseError(err, 'query')) throw err
    print(`Failed to connect to the API database, so nothing is archived: ${errorText(err)}`)
    return null
  }
}

type Portion = Omit<ArchiveFlags, 'before'> & { readonly maxRows: number; readonly before: Date | null }

/** @returns the rows of the cell's last portion, as upstream counts them against the limit of all cells */
async function archiveCell(
  manage: Manage,
  cell: CellMapping | null,
  { maxRows, before, taskLog, untilComplete, verbose, sleep }: Portion,
  counts: Map<string, number>,
): Promise<number> {
  const { databases, log, clock, interrupted } = manage
  const { database } = await (cell === null ? databases.main() : databases.cell(cell))
  const prefix = cell?.name ? `${cell.name}.` : ''
  const add = (name: string, count: number) => counts.set(name, (counts.get(name) ?? 0) + count)
  const onKept = (table: string, err: Error) => log.warning(`rows of ${table} stay where they are, others refer to them: ${err.message}`)
  for (;;) {
    const { tables, total, instanceUuids } = await archiveDeletedRows(database, { maxRows, before, taskLog: taskLog === true, onKept })
    for (const [name, count] of tables) add(prefix + name, count)
    if (instanceUuids.length > 0) {
      const forgotten = await forgetInstances((await databases.api()).database, instanceUuids)
      for (const [name, count] of Object.entries(forgotten)) add(`API_DB.${name}`, count)
    }
    if (!untilComplete || tables.size === 0 || interrupted.aborted) return total
    if (verbose) manage.write('.')
    if (sleep > 0) await clock.sleep(sleep * 1000, interrupted).catch(() => {})
    if (interrupted.aborted) return total
  }
}

function report({ write, print }: Manage, counts: ReadonlyMap<string, number>): void {
  if (counts.size === 0) {
    print('Nothing was archived.')
    return
  }
  const rows = [...counts].sort(([a], [b]) => (a < b ? -1 : 1))
  write(prettyTable(['Table', 'Number of Rows Archived'], rows, 'left'))
}
