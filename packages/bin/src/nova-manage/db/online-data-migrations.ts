import { type Migrated, type OnlineMigration, type OnlineMigrationDeps, onlineMigrations } from '@micronova/db'
import type { Command } from 'commander'
import { errorText } from '../../error-text.js'
import type { Manage, ManageCommand } from '../command.js'
import { countOf } from '../numbers.js'
import { prettyTable } from '../pretty-table.js'

/** Records of one batch, where no `--max-count` says otherwise. */
const batch = 50

/** Brings data of older releases into the form that newer ones write. */
export const dbOnlineDataMigrations: ManageCommand = {
  name: 'online_data_migrations',
  summary: 'Bring data of older releases into the present form; services may run meanwhile.',
  statuses: '0 nothing is left that can be migrated, 1 run it again, 2 a migration failed, 127 --max-count is wrong, 255 it failed.',
  failureStatus: 255,
  declare(command: Command) {
    command.option('--max-count <number>', 'most records of a run. Default: all, in batches of 50')
  },
  async run(manage: Manage, { maxCount }: { readonly maxCount?: string }) {
    const { print, write } = manage
    const count = maxCount === undefined ? batch : countOf(maxCount)
    if (count === null) {
      print('Must supply a positive value for max_number')
      return 127
    }
    const isUnlimited = maxCount === undefined
    if (isUnlimited) print(`Running batches of ${count} until complete`)
    const deps = await migrationDeps(manage)
    const totals = new Map<string, Migrated>()
    let round: Round
    do {
      round = await runAll(manage, deps, count)
      for (const [name, { found, done }] of round.migrated) {
        const before = totals.get(name) ?? { found: 0, done: 0 }
        totals.set(name, { found: before.found + found, done: before.done + done })
      }
    } while (isUnlimited && round.done > 0 && !manage.interrupted.aborted)
    const rows = [...totals].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, { found, done }]) => [name, found, done])
    write(prettyTable(['Migration', 'Total Needed', 'Completed'], rows))
    if (round.failed && (isUnlimited || round.done === 0)) {
      print('Some migrations failed.')
      return 2
    }
    return round.done > 0 ? 1 : 0
  },
}

interface Round {
  readonly migrated: ReadonlyMap<string, Migrated>
  readonly done: number
  readonly failed: boolean
}

async function runAll(manage: Manage, deps: OnlineMigrationDeps, limit: number): Promise<Round> {
  const migrated = new Map<string, Migrated>()
  let [done, failed] = [0, false]
  for (const migration of onlineMigrations) {
    const outcome = await runOne(manage, deps, migration, limit - done)
    failed ||= outcome === null
    const { found, done: finished } = outcome ?? { found: 0, done: 0 }
    if (found > 0) manage.print(`${found} rows matched query ${migration.name}, ${finished} migrated`)
    migrated.set(migration.name, { found, done: finished })
    done += finished
    if (done >= limit) break
  }
  return { migrated, done, failed }
}

/** @returns null if it failed, which is said: the others run all the same */
async function runOne(
  { print }: Manage,
  deps: OnlineMigrationDeps,
  { name, run }: OnlineMigration,
  limit: number,
): Promise<Migrated | null> {
  try {
    return await run(deps, limit)
  } catch (err) {
    print(`Error attempting to run ${name}: ${errorText(err)}`)
    return null
  }
}

async function migrationDeps({ databases, ctx, random, settings }: Manage): Promise<OnlineMigrationDeps> {
  const { database: main } = await databases.main()
  const { database: api, stores } = await databases.api()
  const cells = (await stores.cellMappings.list(ctx)).map((cell) => ({
    id: cell.id,
    open: async () => (await databases.cell(cell)).database,
  }))
  const zoneOf = async (host: string) => {
    const [aggregate] = await stores.aggregates.listByHost(ctx, host, 'availability_zone')
    return aggregate?.metadata?.['availability_zone'] ?? settings.defaultZone
  }
  return { main, api, cells, random, ratios: settings.ratios, zoneOf }
}
