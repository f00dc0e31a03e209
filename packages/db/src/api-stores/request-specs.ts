import { isNovaError, novaError, pythonJson, type RequestContext, RequestSpec, type RequestSpecStore } from '@micronova/model'
import type { StoredRow } from '../rows.js'
import { requestSpecs } from '../schema/api-tables.js'
import type { ApiStoreDeps } from './deps.js'
import type { DatabaseInstanceGroupStore } from './instance-groups.js'

type SpecRow = StoredRow<typeof requestSpecs>

/** Fields that hold for one request: they are kept as null, an empty list as that. */
const perRequest = ['retry', 'requested_destination', 'requested_resources', 'ignore_hosts'] as const

/** Fields that nobody needs after the scheduling: they are left out, an empty list of networks apart. */
const unneeded = ['network_metadata', 'requested_networks', 'request_level_params'] as const

/** Read from their columns, or not kept: the object that is read into may have them already. */
const notTaken: ReadonlySet<string> = new Set(['id', 'instance_uuid', ...perRequest, ...unneeded])

/** What each instance was asked for, for the next time it is scheduled. */
export class DatabaseRequestSpecStore implements RequestSpecStore {
  readonly #deps: ApiStoreDeps
  readonly #groups: DatabaseInstanceGroupStore

  constructor(deps: ApiStoreDeps, groups: DatabaseInstanceGroupStore) {
    this.#deps = deps
    this.#groups = groups
  }

  async getByInstanceUuid(ctx: RequestContext, instanceUuid: string): Promise<RequestSpec> {
    const row = await this.#deps.database.read((rows) => rows.first(requestSpecs, { instance_uuid: instanceUuid }))
    if (row === undefined) throw novaError('RequestSpecNotFound', { instance_uuid: instanceUuid })
    const spec = new RequestSpec()
    await this.#take(ctx, spec, row)
    return spec
  }

  async create(ctx: RequestContext, spec: RequestSpec): Promise<void> {
    if (spec.objIsSet('id')) throw novaError('ObjectActionError', { action: 'create', reason: 'already created' })
    if (!spec.objHasChanges()) throw novaError('ObjectActionError', { action: 'create', reason: 'no fields are set' })
    const values = { instance_uuid: spec.instance_uuid, spec: storedForm(spec) }
    const row = await this.#deps.database.write(async (rows) => {
      const id = await rows.insert(requestSpecs, values)
      return rows.select(requestSpecs, { id }).executeTakeFirstOrThrow()
    })
    await this.#take(ctx, spec, row)
  }

  /** @throws NovaError `RequestSpecNotFound` */
  async save(ctx: RequestContext, spec: RequestSpec): Promise<void> {
    if (!spec.objHasChanges()) return
    const { instance_uuid } = spec
    const text = storedForm(spec)
    const row = await this.#deps.database.write(async (rows) => {
      await rows.update(requestSpecs, { instance_uuid }, { spec: text })
      return rows.first(requestSpecs, { instance_uuid })
    })
    if (row === undefined) throw novaError('RequestSpecNotFound', { instance_uuid })
    await this.#take(ctx, spec, row)
  }

  async destroy(_ctx: RequestContext, instanceUuid: string): Promise<void> {
    const count = await this.#deps.database.write((rows) => rows.delete(requestSpecs, { instance_uuid: instanceUuid }))
    if (count === 0) throw novaError('RequestSpecNotFound', { instance_uuid: instanceUuid })
  }

  /** @see nova 26.2.2, `objects/request_spec.py`, `_from_db_object` */
  async #take(ctx: RequestContext, spec: RequestSpec, row: SpecRow): Promise<void> {
    const stored = this.#deps.registry.fromPrimitive(JSON.parse(row.spec)) as RequestSpec
    const taken = Object.entries(stored.objGetSet()).filter(([name]) => !notTaken.has(name))
    spec.objSetStored({ ...Object.fromEntries(taken), id: row.id, instance_uuid: row.instance_uuid } as Parameters<
      typeof spec.objSetStored
    >[0])
    for (const name of ['retry', 'ignore_hosts'] as const) if (!spec.objIsSet(name)) spec.objSetStored({ [name]: null })
    await this.#renewGroup(ctx, spec)
    spec.objResetChanges()
  }

  /** The group may have other members by now, or be gone. */
  async #renewGroup(ctx: RequestContext, spec: RequestSpec): Promise<void> {
    if (!spec.objIsSet('instance_group') || spec.instance_group === null) return
    const group = spec.instance_group
    const uuid = group.objIsSet('uuid') ? group.uuid : (spec.scheduler_hints?.group?.[0] ?? '')
    try {
      spec.objSetStored({ instance_group: await this.#groups.getByUuid(ctx, uuid) })
    } catch (err) {
      if (!isNovaError(err, 'InstanceGroupNotFound')) throw err
      spec.objSetStored({ instance_group: null })
      const { group: _gone, ...hints } = spec.scheduler_hints ?? {}
      if (spec.scheduler_hints) spec.objSetStored({ scheduler_hints: hints })
    }
  }
}

function storedForm(spec: RequestSpec): string {
  const kept: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(spec.objGetSet())) {
    if (isOneOf(perRequest, name)) kept[name] = Array.isArray(value) && value.length === 0 ? value : null
    else if (!isOneOf(unneeded, name) || isEmptyList(value)) kept[name] = value
  }
  if (spec.objIsSet('instance_group') && spec.instance_group) {
    const group = spec.instance_group.objClone()
    group.members = null
    group.hosts = null
    kept.instance_group = group
  }
  const stored = new RequestSpec(kept as ConstructorParameters<typeof RequestSpec>[0])
  stored.objResetChanges()
  for (const name of spec.objWhatChanged()) if (name in kept) stored.objChanged.add(name)
  return pythonJson(stored.objToPrimitive())
}

function isOneOf(names: readonly string[], name: string): boolean {
  return names.includes(name)
}

function isEmptyList(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'objects' in value && Array.isArray(value.objects) && value.objects.length === 0
}
