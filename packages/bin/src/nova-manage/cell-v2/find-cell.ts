import { type CellMapping, isNovaError } from '@micronova/model'
import type { Manage } from '../command.js'

/** The cell of a uuid; null if there is none, which is said. */
export async function findCell({ databases, ctx, print }: Manage, uuid: string): Promise<CellMapping | null> {
  const { stores } = await databases.api()
  try {
    return await stores.cellMappings.getByUuid(ctx, uuid)
  } catch (err) {
    if (!isNovaError(err, 'CellMappingNotFound')) throw err
    print(`Cell with uuid ${uuid} was not found.`)
    return null
  }
}
