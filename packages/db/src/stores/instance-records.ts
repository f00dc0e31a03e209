import { type InstanceRecordStore, type InstanceRecords, novaError, type RequestContext } from '@micronova/model'
import { isDatabaseError } from '../errors.js'
import type { ColumnValues, Rows } from '../rows.js'
import {
  blockDeviceMapping,
  consoleAuthTokens,
  instanceActions,
  instanceActionsEvents,
  instanceExtra,
  instanceFaults,
  instanceIdMappings,
  instanceInfoCaches,
  instanceMetadata,
  instanceSystemMetadata,
  instances,
  migrations,
  securityGroupInstanceAssociation,
  securityGroups,
  tags,
  virtualInterfaces,
} from '../schema/cell-tables.js'
import type { Table } from '../schema/table.js'
import type { StoreDeps } from './deps.js'

/**
 * What goes along with an instance. PCI devices and the service are of its host, console tokens and faults of its life there; groups and
 * actions are copied by what they mean, as their ids are others in each cell.
 */
const copied = [
  instanceInfoCaches,
  instanceExtra,
  instanceMetadata,
  instanceSystemMetadata,
  blockDeviceMapping,
  virtualInterfaces,
  migrations,
] as const

/** What goes with an instance that is erased, those that refer to others first. */
const erased = [...copied, securityGroupInstanceAssociation, instanceFaults, consoleAuthTokens, instanceActions] as const

type Row = Readonly<Record<string, unknown>>

interface ActionRecord {
  readonly action: Row
  readonly events: readonly Row[]
}

/** Rows as the database keeps them: a copy is equal to the last column, whatever the fields of objects make of it. */
interface StoredRecords extends InstanceRecords {
  readonly instance: Row
  readonly satellites: ReadonlyMap<string, readonly Row[]>
  readonly groups: readonly Row[]
  readonly tags: readonly Row[]
  readonly actions: readonly ActionRecord[]
}

/** Instances as wholes, on their way from one cell to another. */
export class DatabaseInstanceRecordStore implements InstanceRecordStore {
  readonly #deps: Pick<StoreDeps, 'database'>

  constructor(deps: Pick<StoreDeps, 'database'>) {
    this.#deps = deps
  }

  read(_ctx: RequestContext, instanceUuid: string): Promise<InstanceRecords> {
    return this.#deps.database.read(async (rows): Promise<StoredRecords> => {
      const instance = await rows.first(instances, { uuid: instanceUuid, deleted: 0 })
      if (instance === undefined) throw novaError('InstanceNotFound', { instance_id: instanceUuid })
      const satellites = new Map<string, readonly Row[]>()
      for (const table of copied) satellites.set(table.name, await ofInstance(rows, table, { instance_uuid: instanceUuid, deleted: 0 }))
      const groups = await groupsOf(rows, instanceUuid)
      const tagged = await rows.select(tags, { resource_id: instanceUuid }).execute()
      return { instanceUuid, instance, satellites, groups, tags: tagged, actions: await actionsOf(rows, instanceUuid) }
    })
  }

  async createHidden(_ctx: RequestContext, records: InstanceRecords): Promise<void> {
    const { instanceUuid, instance, satellites, groups, tags: tagged, actions } = records as StoredRecords
    await this.#deps.database.write(async (rows) => {
      await rows.insert(instances, { ...withoutId(instance), hidden: true }).catch((err) => {
        throw isDatabaseError(err, 'unique_violation') ? novaError('InstanceExists', { name: instanceUuid }, { cause: err }) : err
      })
      for (const table of copied) await rows.insertAll<Table>(table, (satellites.get(table.name) ?? []).map(withoutId))
      for (const group of groups) {
        const values = { instance_uuid: instanceUuid, security_group_id: await groupId(rows, group) }
        await rows.insert(securityGroupInstanceAssociation, values)
      }
      await rows.insertAll<Table>(tags, tagged)
      for (const record of actions) await insertAction(rows, record)
      await rows.insert(instanceIdMappings, { uuid: instanceUuid })
    })
  }

  async addActions(_ctx: RequestContext, records: InstanceRecords): Promise<void> {
    const { instanceUuid, actions } = records as StoredRecords
    await this.#deps.database.write(async (rows) => {
      const present = await rows.selectColumns(instanceActions, ['request_id'], { instance_uuid: instanceUuid }).execute()
      const known = new Set<unknown>(present.map(({ request_id: id }) => id))
      for (const record of actions) if (!known.has(record.action.request_id)) await insertAction(rows, record)
    })
  }

  /** @see nova 26.2.2, `db/main/api.py`, `instance_destroy` with `hard_delete` */
  async erase(_ctx: RequestContext, instanceUuid: string): Promise<void> {
    await this.#deps.database.write(async (rows) => {
      const actions = await rows.selectColumns(instanceActions, ['id'], { instance_uuid: instanceUuid }).execute()
      if (actions.length > 0) await rows.delete(instanceActionsEvents, { action_id: actions.map(({ id }) => id) })
      for (const table of erased) await rows.delete<(typeof erased)[number]>(table, { instance_uuid: instanceUuid })
      await rows.delete(instanceIdMappings, { uuid: instanceUuid })
      await rows.delete(tags, { resource_id: instanceUuid })
      await rows.delete(instances, { uuid: instanceUuid })
    })
  }
}

function ofInstance(rows: Rows, table: (typeof copied)[number], where: { readonly instance_uuid: string; readonly deleted: number }) {
  return rows.select<(typeof copied)[number]>(table, where).orderBy('id').execute()
}

function groupsOf(rows: Rows, instanceUuid: string): Promise<Row[]> {
  return rows.db
    .selectFrom('security_groups')
    .innerJoin('security_group_instance_association as association', 'association.security_group_id', 'security_groups.id')
    .selectAll('security_groups')
    .where('association.instance_uuid', '=', instanceUuid)
    .where('association.deleted', '=', 0)
    .where('security_groups.deleted', '=', 0)
    .execute()
}

async function actionsOf(rows: Rows, instanceUuid: string): Promise<ActionRecord[]> {
  const actions = await rows.select(instanceActions, { instance_uuid: instanceUuid, deleted: 0 }).orderBy('id').execute()
  if (actions.length === 0) return []
  const ids = actions.map(({ id }) => id)
  const events = await rows.select(instanceActionsEvents, { action_id: ids, deleted: 0 }).orderBy('id').execute()
  return actions.map((action) => ({ action, events: events.filter(({ action_id: id }) => id === action.id) }))
}

async function insertAction(rows: Rows, { action, events }: ActionRecord): Promise<void> {
  const id = await rows.insert(instanceActions, withoutId(action))
  await rows.insertAll<Table>(
    instanceActionsEvents,
    events.map((event) => ({ ...withoutId(event), action_id: id })),
  )
}

/** That of the same project and name, which is made where there is none. */
async function groupId(rows: Rows, group: Row): Promise<number> {
  const { project_id, name } = group as { project_id: string | null; name: string | null }
  const present = await rows.first(securityGroups, { project_id, name, deleted: 0 })
  return present?.id ?? (await rows.insert(securityGroups, withoutId(group)))
}

/** The other database gives it another one. */
function withoutId({ id: _, ...values }: Row): ColumnValues<Table> {
  return values as ColumnValues<Table>
}
