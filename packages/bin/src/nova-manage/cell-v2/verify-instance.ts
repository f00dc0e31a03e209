import { isNovaError } from '@micronova/model'
import type { Command } from 'commander'
import type { Manage, ManageCommand } from '../command.js'

/** Says in which cell an instance is, and whether it is still there. */
export const verifyInstance: ManageCommand = {
  name: 'verify_instance',
  summary: 'Say in which cell an instance is.',
  statuses: '0 it is in a cell, 1 it is not mapped, 2 it is mapped to no cell yet, 3 it is deleted, 4 it is archived, 255 it failed.',
  failureStatus: 255,
  declare(command: Command) {
    command.requiredOption('--uuid <instance_uuid>', 'the instance').option('--quiet', 'print nothing')
  },
  async run({ databases, ctx, print }: Manage, { uuid, quiet }: { readonly uuid: string; readonly quiet?: true }) {
    const answer = (status: number, ...lines: readonly string[]) => {
      if (!quiet) for (const line of lines) print(line)
      return status
    }
    const { stores } = await databases.api()
    const [mapping] = await stores.instanceMappings.listByInstanceUuids(ctx, [uuid])
    if (mapping === undefined)
      return answer(1, `Instance ${uuid} is not mapped to a cell (upgrade is incomplete) or instance does not exist`)
    const { cell_mapping: cell } = mapping
    if (cell === null) return answer(2, `Instance ${uuid} is not mapped to a cell`)
    const { stores: inCell } = await databases.cell(cell)
    const instance = await inCell.instances.getByUuid({ ...ctx, readDeleted: 'yes' }, uuid, []).catch((err) => {
      if (isNovaError(err, 'InstanceNotFound')) return null
      throw err
    })
    if (instance === null) return answer(4, `The instance with uuid ${uuid} has been archived.`, 'However its instance_mapping remains.')
    if (instance.deleted)
      return answer(
        3,
        `The instance with uuid ${uuid} has been deleted.`,
        '"nova-manage db archive_deleted_rows" archives it and takes its instance_mapping away.',
      )
    return answer(0, `Instance ${uuid} is in cell: ${cell.name} (${cell.uuid})`)
  },
}
