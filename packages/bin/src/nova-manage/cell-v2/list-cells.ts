import type { Command } from 'commander'
import type { Manage, ManageCommand } from '../command.js'
import { maskUrl } from '../mask-url.js'
import { prettyTable } from '../pretty-table.js'

/** The cells by name. Passwords only with `--verbose`. */
export const listCells: ManageCommand = {
  name: 'list_cells',
  summary: 'List the cells.',
  declare(command: Command) {
    command.option('--verbose', 'show the URLs with their passwords')
  },
  async run({ databases, ctx, write }: Manage, { verbose }: { readonly verbose?: true }) {
    const { stores } = await databases.api()
    const shown = verbose ? (url: string) => url : maskUrl
    const cells = [...(await stores.cellMappings.list(ctx))].sort((a, b) => byText(a.name ?? '', b.name ?? ''))
    const rows = cells.map((cell) => [
      cell.name ?? '',
      cell.uuid,
      shown(cell.transport_url),
      shown(cell.database_connection),
      cell.disabled,
    ])
    write(prettyTable(['Name', 'UUID', 'Transport URL', 'Database Connection', 'Disabled'], rows))
    return 0
  },
}

/** By code, as Python sorts. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
