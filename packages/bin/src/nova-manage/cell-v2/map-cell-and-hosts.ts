import { type CellMapping, HostMapping } from '@micronova/model'
import type { Command } from 'commander'
import { CommandFailed } from '../../usage-error.js'
import type { Manage, ManageCommand } from '../command.js'
import { transportUrlOf } from './cell-urls.js'
import { addCell } from './create-cell.js'

/** Makes a cell of `[database]` and puts the hosts of its compute nodes in it. */
export const mapCellAndHosts: ManageCommand = {
  name: 'map_cell_and_hosts',
  summary: 'Make [database] a cell, unless it is one, and map its hosts.',
  statuses: '0 done, also if there are no hosts; 1 the transport URL is wrong.',
  declare(command: Command) {
    command
      .option('--transport-url <transport_url>', "URL of the cell's broker; default: transport_url")
      .option('--name <cell_name>', 'name of the cell')
      .option('--verbose', 'print the uuid of the cell, and which hosts were mapped before')
  },
  async run(manage: Manage, flags: { readonly transportUrl?: string; readonly name?: string; readonly verbose?: true }) {
    const transportUrl = transportUrlOf(manage, flags.transportUrl)
    if (transportUrl === null) return 1
    await mapMainCell(manage, transportUrl, { name: flags.name ?? null, verbose: flags.verbose === true })
    return 0
  },
}

/** @returns the cell of the hosts of `[database]`; null if there are none */
export async function mapMainCell(
  manage: Manage,
  transportUrl: string,
  { name = null, verbose = false }: { readonly name?: string | null; readonly verbose?: boolean } = {},
): Promise<CellMapping | null> {
  const { databases, ctx, print, settings } = manage
  const { stores: inCell } = await databases.main()
  const { stores } = await databases.api()
  const hosts = [...new Set((await inCell.computeNodes.listAll(ctx)).flatMap(({ host }) => host ?? []))]
  if (hosts.length === 0) {
    print('No hosts found to map to cell, exiting.')
    return null
  }
  const mapped = new Map((await stores.hostMappings.listByHosts(ctx, hosts)).map((mapping) => [mapping.host, mapping.cell_mapping]))
  if (verbose) for (const [host, { uuid }] of mapped) print(`Host ${host} is already mapped to cell ${uuid}`)
  const missing = hosts.filter((host) => !mapped.has(host))
  const present = [...mapped.values()].at(-1)
  if (missing.length === 0) {
    print('All hosts are already mapped to cell(s).')
    return present ?? null
  }
  if (settings.databaseUrl === null) throw new CommandFailed('the option connection of the group database is required and not set')
  const cell = present ?? (await addCell(manage, { name, transportUrl, databaseUrl: settings.databaseUrl }))
  for (const host of missing) await stores.hostMappings.create(ctx, new HostMapping({ host, cell_mapping: cell }))
  if (verbose) print(cell.uuid)
  return cell
}
