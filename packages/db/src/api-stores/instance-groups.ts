import {
  InstanceGroup,
  type InstanceGroupStore,
  novaError,
  pythonJson,
  type RequestContext,
  type ServerGroupCounts,
} from '@micronova/model'
import { isDatabaseError } from '../errors.js'
import type { Rows, StoredRow, Where } from '../rows.js'
import { instanceGroupMember, instanceGroupPolicy, instanceGroups } from '../schema/api-tables.js'
import { columnValues, objectOf } from '../stores/object-rows.js'
import type { ApiStoreDeps } from './deps.js'
import { grouped } from './grouped.js'

type GroupRow = StoredRow<typeof instanceGroups>
type PolicyRow = StoredRow<typeof instanceGroupPolicy>

/** Server groups with their policy and members. */
export class DatabaseInstanceGroupStore implements InstanceGroupStore {
  readonly #deps: ApiStoreDeps

  constructor(deps: ApiStoreDeps) {
    this.#deps = deps
  }

  async getByUuid(ctx: RequestContext, uuid: string): Promise<InstanceGroup> {
    return found(await this.#list(ctx, { uuid }), uuid)
  }

  async getByName(ctx: RequestContext, name: string): Promise<InstanceGroup> {
    return found(await this.#list(ctx, { name }), name)
  }

  async getByInstanceUuid(ctx: RequestContext, instanceUuid: string): Promise<InstanceGroup> {
    const member = await this.#deps.database.read((rows) => rows.first(instanceGroupMember, { instance_uuid: instanceUuid }))
    if (member === undefined) throw novaError('InstanceGroupNotFound', { group_uuid: '' })
    return found(await this.#list(ctx, { id: member.group_id }), member.group_id)
  }

  list(ctx: RequestContext, { projectId }: { readonly projectId?: string } = {}): Promise<InstanceGroup[]> {
    return this.#list(ctx, projectId === undefined ? {} : { project_id: projectId })
  }

  counts(_ctx: RequestContext, projectId: string, userId: string | null = null): Promise<ServerGroupCounts> {
    return this.#deps.database.read(async (rows) => {
      const project = { server_groups: await rows.count(instanceGroups, { project_id: projectId }) }
      if (userId === null) return { project }
      return { project, user: { server_groups: await rows.count(instanceGroups, { project_id: projectId, user_id: userId }) } }
    })
  }

  /** @throws NovaError `InstanceGroupIdExists` */
  async create(ctx: RequestContext, group: InstanceGroup): Promise<void> {
    if (group.objIsSet('id')) throw novaError('ObjectActionError', { action: 'create', reason: 'already created' })
    const changes = group.objGetChanges()
    const { uuid = this.#deps.random.uuid(), ...values } = columnValues(instanceGroups, changes)
    const policy = policyOf(group)
    await this.#deps.database
      .write(async (rows) => {
        const group_id = await rows.insert(instanceGroups, { ...values, uuid })
        if (policy !== null) await rows.insert(instanceGroupPolicy, { group_id, ...policy })
        await addMembers(rows, group_id, group.objIsSet('members') ? (group.members ?? []) : [])
      })
      .catch((err) => {
        throw isDatabaseError(err, 'unique_violation') ? novaError('InstanceGroupIdExists', { group_uuid: uuid }, { cause: err }) : err
      })
    await this.#refresh(ctx, group, uuid)
  }

  /** @throws NovaError `InstanceGroupSaveException` if hosts or policies were set, which are not kept so */
  async save(ctx: RequestContext, group: InstanceGroup): Promise<void> {
    const changes = group.objGetChanges()
    for (const field of ['hosts', 'policies']) if (field in changes) throw novaError('InstanceGroupSaveException', { field })
    const { uuid } = group
    await this.#deps.database.write(async (rows) => {
      const row = await rows.first(instanceGroups, { uuid, ...ofProject(ctx) })
      if (row === undefined) throw novaError('InstanceGroupNotFound', { group_uuid: uuid })
      const values = columnValues(instanceGroups, changes)
      if (Object.keys(values).length > 0) await rows.update(instanceGroups, { id: row.id }, values)
      if ('members' in changes) await addMembers(rows, row.id, group.members ?? [])
    })
    await this.#refresh(ctx, group, uuid)
  }

  /** @throws NovaError `InstanceGroupNotFound` */
  async destroy(ctx: RequestContext, { uuid }: InstanceGroup): Promise<void> {
    await this.#deps.database.write(async (rows) => {
      const row = await rows.first(instanceGroups, { uuid, ...ofProject(ctx) })
      if (row === undefined) throw novaError('InstanceGroupNotFound', { group_uuid: uuid })
      await rows.delete(instanceGroupPolicy, { group_id: row.id })
      await rows.delete(instanceGroupMember, { group_id: row.id })
      await rows.delete(instanceGroups, { id: row.id })
    })
  }

  addMembers(_ctx: RequestContext, groupUuid: string, instanceUuids: readonly string[]): Promise<string[]> {
    return this.#deps.database.write(async (rows) => {
      const row = await rows.first(instanceGroups, { uuid: groupUuid })
      if (row === undefined) throw novaError('InstanceGroupNotFound', { group_uuid: groupUuid })
      return addMembers(rows, row.id, instanceUuids)
    })
  }

  async removeMembers(_ctx: RequestContext, instanceUuids: readonly string[]): Promise<void> {
    if (instanceUuids.length === 0) return
    await this.#deps.database.write((rows) => rows.delete(instanceGroupMember, { instance_uuid: instanceUuids }))
  }

  #list(ctx: RequestContext, where: Where<typeof instanceGroups>): Promise<InstanceGroup[]> {
    return this.#deps.database.read(async (rows) => {
      const groups = await rows
        .select(instanceGroups, { ...where, ...ofProject(ctx) })
        .orderBy('id')
        .execute()
      if (groups.length === 0) return []
      const of = { group_id: groups.map(({ id }) => id) }
      const policies = await rows.select(instanceGroupPolicy, of).orderBy('id').execute()
      const members = await rows.select(instanceGroupMember, of).orderBy('id').execute()
      const membersOf = grouped(members, (row) => row.group_id)
      return groups.map((row) =>
        groupOf(
          row,
          policies.find(({ group_id }) => group_id === row.id),
          (membersOf.get(row.id) ?? []).flatMap(({ instance_uuid }) => instance_uuid ?? []),
        ),
      )
    })
  }

  async #refresh(ctx: RequestContext, group: InstanceGroup, uuid: string): Promise<void> {
    const stored = await this.getByUuid({ ...ctx, isAdmin: true }, uuid)
    group.objSetStored(stored.objGetSet())
    group.objResetChanges()
  }
}

/** A user sees the groups of the project. */
function ofProject({ isAdmin, projectId }: RequestContext): Where<typeof instanceGroups> {
  return isAdmin ? {} : { project_id: projectId }
}

function groupOf(row: GroupRow, policy: PolicyRow | undefined, members: readonly string[]): InstanceGroup {
  const name = policy?.policy ?? null
  return objectOf(InstanceGroup, row, {
    policy: name,
    policies: name === null ? [] : [name],
    _rules: policy?.rules ? JSON.parse(policy.rules) : {},
    members,
    deleted: false,
    deleted_at: null,
  })
}

function found([group]: readonly InstanceGroup[], named: number | string): InstanceGroup {
  if (group === undefined) throw novaError('InstanceGroupNotFound', { group_uuid: named })
  return group
}

/** The list `policies` is the form of before Rocky. */
function policyOf(group: InstanceGroup): { readonly policy: string; readonly rules: string | null } | null {
  if (group.objIsSet('policies') && group.policies?.[0] !== undefined) return { policy: group.policies[0], rules: null }
  if (!group.objIsSet('policy') || !group.policy) return null
  return { policy: group.policy, rules: pythonJson(group.objIsSet('_rules') ? group._rules : {}) }
}

/** @returns those that were members before, then those that are new */
async function addMembers(rows: Rows, group_id: number, wanted: readonly string[]): Promise<string[]> {
  if (wanted.length === 0) return []
  const present = await rows.select(instanceGroupMember, { group_id, instance_uuid: wanted }).execute()
  const already = present.flatMap(({ instance_uuid }) => instance_uuid ?? [])
  const fresh = wanted.filter((uuid) => !already.includes(uuid))
  await rows.insertAll(
    instanceGroupMember,
    fresh.map((instance_uuid) => ({ group_id, instance_uuid })),
  )
  return [...already, ...fresh]
}
