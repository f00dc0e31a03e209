import { isDatabaseError } from '@micronova/db'
import { CELL0_UUID, type CellMapping } from '@micronova/model'
import type { Command } from 'commander'
import { CommandFailed } from '../../usage-error.js'
import type { Manage, ManageCommand } from '../command.js'
import { addCell } from './create-cell.js'

/** Writes the mapping of cell0, which has a database and no broker. The database itself is not made. */
export const mapCell0: ManageCommand = {
  name: 'map_cell0',
  summary: 'Add cell0, which keeps the servers that could not be scheduled.',
  declare(command: Command) {
    command.option(
      '--database_connection <database_connection>',
      'URL of its database; default: [database] connection with _cell0 behind the name of the database',
    )
  },
  async run(manage: Manage, { database_connection }: { readonly database_connection?: string }) {
    await addCell0(manage, database_connection)
    return 0
  },
}

/** @returns the mapping, new or there before; the latter is said */
export async function addCell0(manage: Manage, databaseUrl?: string): Promise<CellMapping> {
  const url = databaseUrl || standardCell0Url(manage.settings.databaseUrl)
  try {
    return await addCell(manage, { uuid: CELL0_UUID, name: 'cell0', transportUrl: 'none:///', databaseUrl: url })
  } catch (err) {
    if (!isDatabaseError(err, 'unique_violation')) throw err
    manage.print('Cell0 is already setup')
    return (await manage.databases.api()).stores.cellMappings.getByUuid(manage.ctx, CELL0_UUID)
  }
}

/**
 * `[database] connection` with `_cell0` behind the name of the database, percent signs decoded and parameters sorted: what SQLAlchemy
 * and Python's `unquote` make of it.
 *
 * @see nova 26.2.2, `cmd/manage.py`, `_map_cell0`
 */
export function standardCell0Url(connection: string | null): string {
  const parts = connection === null ? null : /^([^:]+:\/\/[^/]*\/)([^?]+)(?:\?(.*))?$/s.exec(connection)
  if (parts === null) throw new CommandFailed('without --database_connection, [database] connection must be set and name a database')
  const [, server, database, query] = parts
  const parameters = query === undefined ? '' : `?${query.split('&').sort().join('&')}`
  return unquoted(`${server}${database}_cell0${parameters}`)
}

/** What is no escape stays. */
function unquoted(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => Buffer.from(escapes.replaceAll('%', ''), 'hex').toString('utf8'))
}
