import { type Instance, type InstanceAttribute, isNovaError } from '@micronova/model'
import type { Manage } from './command.js'
import type { OpenCell } from './managed-databases.js'

/** The cell of an instance by its mapping; null if there is none, which is said. */
export async function cellOfInstance({ databases, ctx, print }: Manage, uuid: string): Promise<OpenCell | null> {
  const { stores } = await databases.api()
  const [mapping] = await stores.instanceMappings.listByInstanceUuids(ctx, [uuid])
  if (mapping?.cell_mapping) return databases.cell(mapping.cell_mapping)
  print(mapping === undefined ? `Instance ${uuid} has no mapping to a cell.` : `Instance ${uuid} is not mapped to a cell yet.`)
  return null
}

/** An instance that is not deleted, in its cell; null if there is none, which is said. */
export async function mappedInstance(
  manage: Manage,
  uuid: string,
  attributes: readonly InstanceAttribute[],
): Promise<{ readonly cell: OpenCell; readonly instance: Instance } | null> {
  const cell = await cellOfInstance(manage, uuid)
  if (cell === null) return null
  try {
    return { cell, instance: await cell.stores.instances.getByUuid(manage.ctx, uuid, attributes) }
  } catch (err) {
    if (!isNovaError(err, 'InstanceNotFound')) throw err
    manage.print(`Instance ${uuid} could not be found.`)
    return null
  }
}
