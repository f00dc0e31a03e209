import type { Database } from '../database.js'
import { instanceGroupMember, instanceMappings, requestSpecs } from '../schema/api-tables.js'

/** Rows by table of the API database. */
export interface Forgotten {
  readonly instance_mappings: number
  readonly request_specs: number
  readonly instance_group_member: number
}

/** Instances of one statement: SQLite takes 32,766 parameters. */
const portion = 4096

/** Take away what the API database has of instances that a cell has archived. One transaction for some thousands of them. */
export async function forgetInstances(api: Database, uuids: readonly string[]): Promise<Forgotten> {
  const gone = { instance_mappings: 0, request_specs: 0, instance_group_member: 0 }
  for (let at = 0; at < uuids.length; at += portion) {
    const some = { instance_uuid: uuids.slice(at, at + portion) }
    const [mappings, specs, members] = await api.write(async (rows) => [
      await rows.delete(instanceMappings, some),
      await rows.delete(requestSpecs, some),
      await rows.delete(instanceGroupMember, some),
    ])
    gone.instance_mappings += mappings!
    gone.request_specs += specs!
    gone.instance_group_member += members!
  }
  return gone
}
