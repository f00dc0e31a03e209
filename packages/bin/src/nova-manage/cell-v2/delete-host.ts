import { isNovaError } from '@micronova/model'
import type { Command } from 'commander'
import type { Manage, ManageCommand } from '../command.js'
import { findCell } from './find-cell.js'
import { unmapNodes } from './unmap-nodes.js'

/** Takes a host out of its cell: its mapping goes, its compute nodes can be discovered again. */
export const deleteHost: ManageCommand = {
  name: 'delete_host',
  summary: 'Delete the mapping of a host that has no instances.',
  statuses: '0 done, 1 there is no such cell, 2 no such host, 3 the host is in another cell, 4 it has instances.',
  declare(command: Command) {
    command.requiredOption('--cell_uuid <cell_uuid>', 'cell of the host').requiredOption('--host <host>', 'the host')
  },
  async run(manage: Manage, { cell_uuid, host }: { readonly cell_uuid: string; readonly host: string }) {
    const { databases, ctx, print } = manage
    const cell = await findCell(manage, cell_uuid)
    if (cell === null) return 1
    const { stores } = await databases.api()
    const mapping = await stores.hostMappings.getByHost(ctx, host).catch((err) => {
      if (isNovaError(err, 'HostMappingNotFound')) return null
      throw err
    })
    if (mapping === null) {
      print(`The host ${host} was not found.`)
      return 2
    }
    if (mapping.cell_mapping.uuid !== cell.uuid) {
      print(`The host ${host} was not found in the cell ${cell_uuid}.`)
      return 3
    }
    const { stores: inCell } = await databases.cell(cell)
    if ((await inCell.instances.listUuidsByHost(ctx, host)).length > 0) {
      print(`There are instances on the host ${host}.`)
      return 4
    }
    await unmapNodes(manage, inCell, await inCell.computeNodes.listByHosts(ctx, [host]))
    await stores.hostMappings.destroy(ctx, mapping)
    return 0
  },
}
