import type { CellMapping } from '@micronova/model'
import type { Command } from 'commander'
import { errorText, isMendable } from '../../error-text.js'
import { isCell0 } from '../cell-identity.js'
import type { Manage, ManageCommand } from '../command.js'
import { databaseUrlOf, isTaken, transportUrlOf } from './cell-urls.js'
import { findCell } from './find-cell.js'

interface UpdateCellFlags {
  readonly cell_uuid: string
  readonly name?: string
  readonly transportUrl?: string
  readonly database_connection?: string
  readonly disable?: true
  readonly enable?: true
}

/** Changes the mapping of a cell. A URL that is not given becomes that of the configuration, as upstream has it. */
export const updateCell: ManageCommand = {
  name: 'update_cell',
  summary: 'Change the name, the URLs or the state of a cell; services see it after a restart or SIGHUP.',
  statuses:
    '0 done, 1 there is no such cell, 2 it could not be written, 3 another cell has one of the URLs, 4 --enable with --disable, 5 cell0 cannot be disabled.',
  declare(command: Command) {
    command
      .requiredOption('--cell_uuid <cell_uuid>', 'the cell')
      .option('--name <cell_name>', 'its name')
      .option('--transport-url <transport_url>', 'URL of its broker; default: transport_url')
      .option('--database_connection <database_connection>', 'URL of its database; default: [database] connection')
      .option('--disable', 'no more servers are scheduled to it')
      .option('--enable', 'servers are scheduled to it again')
  },
  async run(manage: Manage, flags: UpdateCellFlags) {
    const { databases, ctx, print } = manage
    const cell = await findCell(manage, flags.cell_uuid)
    if (cell === null) return 1
    if (flags.name) cell.name = flags.name
    const transportUrl = transportUrlOf(manage, flags.transportUrl)
    const databaseUrl = databaseUrlOf(manage, flags.database_connection, false)
    if (await isTaken(manage, { transportUrl, databaseUrl }, cell)) return 3
    if (transportUrl) cell.transport_url = transportUrl
    if (databaseUrl) cell.database_connection = databaseUrl
    const refused = changeState(manage, cell, flags)
    if (refused !== null) return refused
    try {
      await (await databases.api()).stores.cellMappings.save(ctx, cell)
    } catch (err) {
      if (!isMendable(err)) throw err
      print(`Unable to update CellMapping: ${errorText(err)}`)
      return 2
    }
    return 0
  },
}

/** @returns a status if it must not be changed so */
function changeState({ print }: Manage, cell: CellMapping, { disable, enable }: UpdateCellFlags): 4 | 5 | null {
  if (!disable && !enable) return null
  if (disable && enable) {
    print('Cell cannot be disabled and enabled at the same time.')
    return 4
  }
  if (isCell0(cell)) {
    print('Cell0 cannot be disabled.')
    return 5
  }
  const disabled = disable === true
  if (cell.disabled === disabled) print(`Cell ${cell.uuid} is already ${disabled ? 'disabled' : 'enabled'}`)
  else cell.disabled = disabled
  return null
}
