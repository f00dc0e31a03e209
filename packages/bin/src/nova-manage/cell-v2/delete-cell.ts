import { hasInstances } from '@micronova/db'
import type { Command } from 'commander'
import type { Manage, ManageCommand } from '../command.js'
import { findCell } from './find-cell.js'
import { unmapNodes } from './unmap-nodes.js'

/** Takes the mapping of a cell away; with `--force` also those of its hosts and of its deleted instances. */
export const deleteCell: ManageCommand = {
  name: 'delete_cell',
  summary: 'Delete the mapping of an empty cell.',
  statuses:
    '0 done, 1 there is no such cell, 2 it has hosts, 3 it has instances, 4 it has mappings of instances that are deleted. --force does without 2 and 4.',
  declare(command: Command) {
    command
      .option('--force', 'delete the mappings of its hosts and of its deleted instances too')
      .requiredOption('--cell_uuid <cell_uuid>', 'the cell')
  },
  async run(manage: Manage, { cell_uuid, force }: { readonly cell_uuid: string; readonly force?: true }) {
    const { databases, ctx, print } = manage
    const cell = await findCell(manage, cell_uuid)
    if (cell === null) return 1
    const { stores } = await databases.api()
    const hosts = await stores.hostMappings.list(ctx, { cellId: cell.id })
    if (hosts.length > 0 && !force) {
      print(`There are existing hosts mapped to cell with uuid ${cell_uuid}.`)
      return 2
    }
    const instances = await stores.instanceMappings.listByCellId(ctx, cell.id)
    if (instances.length > 0) {
      if (await hasInstances((await databases.cell(cell)).database)) {
        print(`There are existing instances mapped to cell with uuid ${cell_uuid}.`)
        return 3
      }
      if (!force) {
        print(`There are instance mappings to cell with uuid ${cell_uuid}, but all instances have been deleted in the cell.`)
        print('"nova-manage db archive_deleted_rows" takes the mappings away.')
        return 4
      }
    }
    for (const mapping of instances) await stores.instanceMappings.destroy(ctx, mapping.instance_uuid)
    if (hosts.length > 0) {
      const { stores: inCell } = await databases.cell(cell)
      await unmapNodes(manage, inCell, await inCell.computeNodes.listAll(ctx))
    }
    for (const mapping of hosts) await stores.hostMappings.destroy(ctx, mapping)
    await stores.cellMappings.destroy(ctx, cell)
    return 0
  },
}
