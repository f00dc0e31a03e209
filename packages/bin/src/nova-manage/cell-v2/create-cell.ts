import { CellMapping } from '@micronova/model'
import type { Command } from 'commander'
import type { Manage, ManageCommand } from '../command.js'
import { databaseUrlOf, isTaken, transportUrlOf } from './cell-urls.js'

interface CreateCellFlags {
  readonly name?: string
  readonly database_connection?: string
  readonly transportUrl?: string
  readonly verbose?: true
  readonly disabled?: true
}

/** Writes the mapping of a cell. Its database and broker are not looked at. */
export const createCell: ManageCommand = {
  name: 'create_cell',
  summary: 'Add a cell to the API database.',
  statuses: '0 done, 1 a URL is missing or wrong, 2 another cell has one of the URLs.',
  declare(command: Command) {
    command
      .option('--name <cell_name>', 'name of the cell')
      .option('--database_connection <database_connection>', "URL of the cell's database; default: [database] connection")
      .option('--transport-url <transport_url>', "URL of the cell's broker; default: transport_url")
      .option('--verbose', 'print the uuid of the cell')
      .option('--disabled', 'make it a disabled one')
  },
  async run(manage: Manage, { name, database_connection, transportUrl: givenTransport, verbose, disabled }: CreateCellFlags) {
    const transportUrl = transportUrlOf(manage, givenTransport)
    const databaseUrl = transportUrl === null ? null : databaseUrlOf(manage, database_connection)
    if (transportUrl === null || databaseUrl === null) return 1
    if (await isTaken(manage, { transportUrl, databaseUrl })) return 2
    const cell = await addCell(manage, { name: name ?? null, transportUrl, databaseUrl, disabled: disabled === true })
    if (verbose) manage.print(cell.uuid)
    return 0
  },
}

/** @returns the stored mapping, with a uuid of its own unless one is given */
export async function addCell(
  { databases, ctx, random }: Manage,
  parts: {
    readonly uuid?: string
    readonly name: string | null
    readonly transportUrl: string
    readonly databaseUrl: string
    readonly disabled?: boolean
  },
): Promise<CellMapping> {
  const { uuid = random.uuid(), name, transportUrl, databaseUrl, disabled = false } = parts
  const cell = new CellMapping({ uuid, name, transport_url: transportUrl, database_connection: databaseUrl, disabled })
  await (await databases.api()).stores.cellMappings.create(ctx, cell)
  return cell
}
