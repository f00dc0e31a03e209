import { syncSchema } from '@micronova/db'
import { CELL0_UUID, isNovaError } from '@micronova/model'
import type { Command } from 'commander'
import { errorText, isMendable } from '../../error-text.js'
import type { Manage, ManageCommand } from '../command.js'

/** Brings the schema of `[database]` to Zed's, and before that the one of cell0 if there is a mapping of it. */
export const dbSync: ManageCommand = {
  name: 'sync',
  summary: 'Make the schema of the cell database and of cell0, or bring it forward.',
  declare(command: Command) {
    command
      .argument('[VERSION]', 'Alembic revision to bring an older schema to; a new one is always made in its latest form')
      .option('--local_cell', 'leave cell0 alone, and the API database that says where it is')
  },
  async run(manage: Manage, { local_cell }: { readonly local_cell?: true }, version?: string) {
    if (!local_cell && !(await syncCell0(manage, version))) return 1
    await syncSchema((await manage.databases.main()).database, version)
    return 0
  },
}

/** @returns whether there was nothing that failed */
async function syncCell0({ databases, ctx, print }: Manage, version?: string): Promise<boolean> {
  try {
    const { stores } = await databases.api()
    const cell0 = await stores.cellMappings.getByUuid(ctx, CELL0_UUID)
    await syncSchema((await databases.cell(cell0)).database, version)
  } catch (err) {
    if (isNovaError(err, 'CellMappingNotFound')) {
      print('WARNING: cell0 mapping not found - not syncing cell0.')
      return true
    }
    if (!isMendable(err)) throw err
    print(`ERROR: Could not access cell0: ${errorText(err)}`)
    print('It needs [api_database] connection, the API schema ("nova-manage api_db sync"), a mapping of cell0')
    print('("nova-manage cell_v2 map_cell0") and the database that this names. --local_cell does without.')
    return false
  }
  return true
}
