import {
  BlockDeviceMappingList,
  BuildRequest,
  type BuildRequestStore,
  type Instance,
  isNovaError,
  novaError,
  pythonJson,
  type RequestContext,
  TagList,
} from '@micronova/model'
import { VersionedObject } from '@micronova/versionedobjects'
import type { StoredRow } from '../rows.js'
import { buildRequests } from '../schema/api-tables.js'
import { columnValues } from '../stores/object-rows.js'
import type { ApiStoreDeps } from './deps.js'

type RequestRow = StoredRow<typeof buildRequests>

/** Servers that were asked for and are in no cell yet. */
export class DatabaseBuildRequestStore implements BuildRequestStore {
  readonly #deps: ApiStoreDeps

  constructor(deps: ApiStoreDeps) {
    this.#deps = deps
  }

  async getByInstanceUuid(_ctx: RequestContext, instanceUuid: string): Promise<BuildRequest> {
    const row = await this.#deps.database.read((rows) => rows.first(buildRequests, { instance_uuid: instanceUuid }))
    if (row === undefined) throw novaError('BuildRequestNotFound', { uuid: instanceUuid })
    return this.#requestOf(row)
  }

  async list(_ctx: RequestContext): Promise<BuildRequest[]> {
    const rows = await this.#deps.database.read((unit) => unit.select(buildRequests, {}).orderBy('id').execute())
    return rows.flatMap((row) => {
      try {
        return [this.#requestOf(row)]
      } catch (err) {
        if (isNovaError(err, 'BuildRequestNotFound')) return []
        throw err
      }
    })
  }

  async presentUuids(_ctx: RequestContext, instanceUuids: readonly string[]): Promise<Set<string>> {
    if (instanceUuids.length === 0) return new Set()
    const rows = await this.#deps.database.read((unit) =>
      unit.selectColumns(buildRequests, ['instance_uuid'], { instance_uuid: instanceUuids }).execute(),
    )
    return new Set(rows.flatMap(({ instance_uuid }) => instance_uuid ?? []))
  }

  async create(_ctx: RequestContext, request: BuildRequest): Promise<void> {
    if (request.objIsSet('id')) throw novaError('ObjectActionError', { action: 'create', reason: 'already created' })
    if (!request.objIsSet('instance_uuid')) throw novaError('ObjectActionError', { action: 'create', reason: 'instance_uuid must be set' })
    const values = valuesOf(request)
    const row = await this.#deps.database.write(async (rows) => {
      const id = await rows.insert(buildRequests, values)
      return rows.select(buildRequests, { id }).executeTakeFirstOrThrow()
    })
    this.#replace(request, row)
  }

  /** @throws NovaError `BuildRequestNotFound` */
  async save(_ctx: RequestContext, request: BuildRequest): Promise<void> {
    const { id, instance_uuid } = request
    const values = valuesOf(request)
    const row = await this.#deps.database.write(async (rows) => {
      if (Object.keys(values).length > 0) await rows.update(buildRequests, { id }, values)
      return rows.first(buildRequests, { id })
    })
    if (row === undefined) throw novaError('BuildRequestNotFound', { uuid: instance_uuid })
    this.#replace(request, row)
  }

  async destroy(_ctx: RequestContext, instanceUuid: string): Promise<void> {
    const count = await this.#deps.database.write((rows) => rows.delete(buildRequests, { instance_uuid: instanceUuid }))
    if (count === 0) throw novaError('BuildRequestNotFound', { uuid: instanceUuid })
  }

  #replace(request: BuildRequest, row: RequestRow): void {
    request.objSetStored(this.#requestOf(row).objGetSet())
    request.objResetChanges(undefined, { recursive: true })
  }

  /**
   * What is not set on an instance that never was in a cell, and cannot be loaded, is set as it will be there.
   *
   * @throws NovaError `BuildRequestNotFound` if the instance in it cannot be read
   */
  #requestOf(row: RequestRow): BuildRequest {
    const { created_at, updated_at } = row
    const tags = (this.#object(row.tags) as TagList | null) ?? new TagList()
    const instance = this.#instance(row)
    instance.objSetDefaults('deleted', 'hidden')
    const unbuilt = { host: null, node: null, launched_at: null, launched_on: null, terminated_at: null, cell_name: null }
    instance.objSetStored({ ...unbuilt, disable_terminate: false, created_at, updated_at, tags })
    if (!instance.objIsSet('locked_by')) instance.objSetStored({ locked_by: null })
    const request = BuildRequest.objStored({
      id: row.id,
      project_id: row.project_id,
      instance_uuid: row.instance_uuid!,
      created_at,
      updated_at,
      tags,
      block_device_mappings: (this.#object(row.block_device_mappings) as BlockDeviceMappingList | null) ?? new BlockDeviceMappingList(),
      instance,
    })
    request.objResetChanges(undefined, { recursive: true })
    return request
  }

  #instance({ instance, instance_uuid }: RequestRow): Instance {
    try {
      const found = this.#object(instance)
      if (found !== null) return found as Instance
    } catch (err) {
      this.#deps.log.warning(`The instance ${instance_uuid} of a build request cannot be read: ${err instanceof Error ? err.message : err}`)
    }
    throw novaError('BuildRequestNotFound', { uuid: instance_uuid })
  }

  #object(text: string | null): VersionedObject | null {
    return text === null ? null : this.#deps.registry.fromPrimitive(JSON.parse(text))
  }
}

function valuesOf(request: BuildRequest) {
  const values = Object.entries(request.objGetChanges()).map(([name, value]) => [
    name,
    value instanceof VersionedObject ? pythonJson(value.objToPrimitive()) : value,
  ])
  return columnValues(buildRequests, Object.fromEntries(values))
}
