import { Flavor, type FlavorStore, novaError, type RequestContext } from '@micronova/model'
import { sql } from 'kysely'
import { isDatabaseError } from '../errors.js'
import type { Rows, StoredRow, Where } from '../rows.js'
import { flavorExtraSpecs, flavorProjects, flavors } from '../schema/api-tables.js'
import { columnValues, objectOf } from '../stores/object-rows.js'
import type { ApiStoreDeps } from './deps.js'

type FlavorRow = StoredRow<typeof flavors>

/** Sizes of servers, with their extra specs. */
export class DatabaseFlavorStore implements FlavorStore {
  readonly #deps: ApiStoreDeps

  constructor(deps: ApiStoreDeps) {
    this.#deps = deps
  }

  async getById(ctx: RequestContext, id: number): Promise<Flavor> {
    const [found] = await this.#list(ctx, { id })
    if (found === undefined) throw novaError('FlavorNotFound', { flavor_id: id })
    return found
  }

  async getByFlavorId(ctx: RequestContext, flavorId: string): Promise<Flavor> {
    const [found] = await this.#list(ctx, { flavorid: flavorId })
    if (found === undefined) throw novaError('FlavorNotFound', { flavor_id: flavorId })
    return found
  }

  async getByName(ctx: RequestContext, name: string): Promise<Flavor> {
    const [found] = await this.#list(ctx, { name })
    if (found === undefined) throw novaError('FlavorNotFoundByName', { flavor_name: name })
    return found
  }

  list(ctx: RequestContext): Promise<Flavor[]> {
    return this.#list(ctx, {})
  }

  /** @throws NovaError `FlavorNotFound` */
  async loadProjects(_ctx: RequestContext, flavor: Flavor): Promise<void> {
    const projects = await this.#deps.database.read(async (rows) => {
      const row = await rows.first(flavors, { flavorid: flavor.flavorid })
      if (row === undefined) throw novaError('FlavorNotFound', { flavor_id: flavor.flavorid })
      const found = await rows.select(flavorProjects, { flavor_id: row.id }).orderBy('id').execute()
      return found.map(({ project_id }) => project_id)
    })
    flavor.objSetStored({ projects })
    flavor.objResetChanges(['projects'])
  }

  async create(_ctx: RequestContext, flavor: Flavor): Promise<void> {
    if (flavor.objIsSet('id')) throw novaError('ObjectActionError', { action: 'create', reason: 'already created' })
    const specs = flavor.objIsSet('extra_specs') ? flavor.extra_specs : {}
    const projects = flavor.objIsSet('projects') ? [...new Set(flavor.projects)] : []
    const values = columnValues(flavors, flavor.objGetChanges())
    const row = await this.#deps.database
      .write(async (rows) => {
        const id = await rows.insert(flavors, values)
        await rows.insertAll(
          flavorExtraSpecs,
          Object.entries(specs).map(([key, value]) => ({ flavor_id: id, key, value })),
        )
        await rows.insertAll(
          flavorProjects,
          projects.map((project_id) => ({ flavor_id: id, project_id })),
        )
        return rows.select(flavors, { id }).executeTakeFirstOrThrow()
      })
      .catch((err) => {
        if (!isDatabaseError(err, 'unique_violation')) throw err
        throw err.constraint.includes('flavorid')
          ? novaError('FlavorIdExists', { flavor_id: values.flavorid }, { cause: err })
          : novaError('FlavorExists', { name: values.name }, { cause: err })
      })
    flavor.objSetStored(flavorOf(row, specs, projects).objGetSet())
    flavor.objResetChanges()
  }

  /** @throws NovaError `FlavorNotFound` */
  async destroy(_ctx: RequestContext, flavor: Flavor): Promise<void> {
    const where = flavor.objIsSet('id') ? { id: flavor.id } : { flavorid: flavor.flavorid }
    await this.#deps.database.write(async (rows) => {
      const row = await rows.first(flavors, where)
      if (row === undefined) throw novaError('FlavorNotFound', { flavor_id: where.id ?? where.flavorid })
      await rows.delete(flavorProjects, { flavor_id: row.id })
      await rows.delete(flavorExtraSpecs, { flavor_id: row.id })
      await rows.delete(flavors, { id: row.id })
    })
  }

  /** A user sees what is public, or open to the project. */
  #list({ isAdmin, projectId }: RequestContext, where: Where<typeof flavors>): Promise<Flavor[]> {
    return this.#deps.database.read(async (rows) => {
      let query = rows.select(flavors, where)
      if (!isAdmin)
        query = query.where(
          sql<boolean>`(is_public = ${true} or exists (select 1 from flavor_projects where flavor_projects.flavor_id = flavors.id and flavor_projects.project_id = ${projectId}))`,
        )
      const found = await query.orderBy('id').execute()
      const specs = await extraSpecs(rows, found)
      return found.map((row) => flavorOf(row, specs.get(row.id) ?? {}))
    })
  }
}

/** Of all of these with one query. */
async function extraSpecs(rows: Rows, found: readonly FlavorRow[]): Promise<Map<number, Record<string, string>>> {
  const byFlavor = new Map<number, Record<string, string>>(found.map(({ id }) => [id, {}]))
  if (found.length === 0) return byFlavor
  const items = await rows
    .select(flavorExtraSpecs, { flavor_id: [...byFlavor.keys()] })
    .orderBy('id')
    .execute()
  for (const { flavor_id, key, value } of items) byFlavor.get(flavor_id)![key] = value ?? ''
  return byFlavor
}

/** No number of a flavor is null. */
function flavorOf(row: FlavorRow, extra_specs: Record<string, string>, projects?: string[]): Flavor {
  const numbers = { root_gb: row.root_gb ?? 0, ephemeral_gb: row.ephemeral_gb ?? 0, vcpu_weight: row.vcpu_weight ?? 0 }
  const flags = { disabled: row.disabled ?? false, is_public: row.is_public ?? true }
  return objectOf(Flavor, row, { ...numbers, ...flags, extra_specs, ...(projects ? { projects } : {}), deleted: false, deleted_at: null })
}
