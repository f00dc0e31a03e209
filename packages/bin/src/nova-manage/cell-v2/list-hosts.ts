import type { Command } from 'commander'
import type { Manage, ManageCommand } from '../command.js'
import { prettyTable } from '../pretty-table.js'
import { findCell } from './find-cell.js'
import { byText } from './list-cells.js'

/** The host mappings by host. */
export const listHosts: ManageCommand = {
  name: 'list_hosts',
  summary: 'List the hosts of all cells, or of one.',
  statuses: '0 done, 1 there is no such cell.',
  declare(command: Command) {
    command.option('--cell_uuid <cell_uuid>', 'this cell alone')
  },
  async run(manage: Manage, { cell_uuid }: { readonly cell_uuid?: string }) {
    const cell = cell_uuid ? await findCell(manage, cell_uuid) : undefined
    if (cell === null) return 1
    const { stores } = await manage.databases.api()
    const hosts = await stores.hostMappings.list(manage.ctx, cell === undefined ? {} : { cellId: cell.id })
    const rows = [...hosts].sort((a, b) => byText(a.host, b.host)).map(({ cell_mapping: { name, uuid }, host }) => [name, uuid, host])
    manage.write(prettyTable(['Cell Name', 'Cell UUID', 'Hostname'], rows))
    return 0
  },
}
