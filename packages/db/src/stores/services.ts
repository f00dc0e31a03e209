import { novaError, type RequestContext, Service, type ServiceStore } from '@micronova/model'
import { isDatabaseError } from '../errors.js'
import type { Rows, StoredRow } from '../rows.js'
import { computeNodes, services } from '../schema/cell-tables.js'
import type { StoreDeps } from './deps.js'
import { changedValues, columnValues, fieldValues, objectOf } from './object-rows.js'
import { visible } from './visibility.js'

type ServiceRow = StoredRow<typeof services>

/** The services of the cell, and which of them are alive. */
export class DatabaseServiceStore implements ServiceStore {
  readonly #deps: StoreDeps

  constructor(deps: StoreDeps) {
    this.#deps = deps
  }

  async getByHostAndBinary(_ctx: RequestContext, host: string, binary: string): Promise<Service | null> {
    const row = await this.#deps.database.read((rows) => rows.first(services, { host, binary, deleted: 0 }))
    return row === undefined ? null : serviceOf(row)
  }

  async getByComputeHost(_ctx: RequestContext, host: string): Promise<Service> {
    const row = await this.#deps.database.read((rows) => rows.first(services, { host, binary: 'nova-compute', deleted: 0 }))
    if (row === undefined) throw novaError('ComputeHostNotFound', { host })
    return serviceOf(row)
  }

  /** @throws NovaError `ServiceNotFound` */
  getById(ctx: RequestContext, id: number): Promise<Service> {
    return this.#get(ctx, { id }, id)
  }

  /** @throws NovaError `ServiceNotFound` */
  getByUuid(ctx: RequestContext, uuid: string): Promise<Service> {
    return this.#get(ctx, { uuid }, uuid)
  }

  getMinimumVersion(_ctx: RequestContext, binary: string): Promise<number> {
    return this.#deps.database.read((rows) => minimumVersion(rows, binary))
  }

  async list(
    ctx: RequestContext,
    filter: { readonly binary?: string; readonly host?: string; readonly topic?: string } = {},
  ): Promise<Service[]> {
    const rows = await this.#deps.database.read((unit) =>
      unit
        .select(services, { ...visible(ctx), ...filter })
        .orderBy('id')
        .execute(),
    )
    return rows.map(serviceOf)
  }

  async create(_ctx: RequestContext, service: Service): Promise<void> {
    if (service.objIsSet('id')) throw novaError('ObjectActionError', { action: 'create', reason: 'already created' })
    const { uuid = this.#deps.random.uuid(), ...changes } = columnValues(services, service.objGetChanges())
    const values = { ...changes, uuid }
    const stored = await this.#deps.database
      .write((rows) => insertService(rows, service, values))
      .catch((err) => {
        throw existing(err, values)
      })
    replace(service, stored)
  }

  /** Whoever raises `report_count` has been seen up now. */
  async save(ctx: RequestContext, service: Service): Promise<void> {
    const values = columnValues(services, service.objGetChanges())
    const stored = await this.#deps.database.write(async (rows) => {
      await refuseTooOld(rows, service)
      const row = await rows.first(services, { ...visible(ctx), id: service.id })
      if (row === undefined) throw novaError('ServiceNotFound', { service_id: service.id })
      const alive = typeof values.report_count === 'number' && values.report_count > row.report_count
      const changed = changedValues(row, alive ? { ...values, last_seen_up: rows.now } : values)
      if (Object.keys(changed).length === 0) return row
      await rows.update(services, { id: row.id }, changed)
      return { ...row, updated_at: rows.now, ...changed }
    })
    replace(service, stored)
  }

  /** A nova-compute takes its compute nodes with it. @throws NovaError `ServiceNotFound` */
  async destroy(ctx: RequestContext, service: Service): Promise<void> {
    const { id } = service
    await this.#deps.database.write(async (rows) => {
      const row = await rows.first(services, { ...visible(ctx), id })
      if (row === undefined) throw novaError('ServiceNotFound', { service_id: id })
      await rows.softDelete(services, { id })
      if (row.binary !== 'nova-compute') return
      // Records of before Kilo are known by the service alone, those since by the host.
      await rows.softDelete(computeNodes, { service_id: id })
      if (row.host !== null) await rows.softDelete(computeNodes, { host: row.host })
    })
    service.objResetChanges()
  }

  async #get(ctx: RequestContext, where: { id: number } | { uuid: string }, named: number | string): Promise<Service> {
    const row = await this.#deps.database.read((rows) => rows.first(services, { ...visible(ctx), ...where }))
    if (row === undefined) throw novaError('ServiceNotFound', { service_id: named })
    return serviceOf(row)
  }
}

function serviceOf(row: ServiceRow): Service {
  return objectOf(Service, row, { uuid: row.uuid ?? undefined })
}

function replace(service: Service, row: object): void {
  service.objSetStored(fieldValues(Service.fields, row))
  service.objResetChanges()
}

async function minimumVersion({ db }: Rows, binary: string): Promise<number> {
  const row = await db
    .selectFrom('services')
    .select(({ fn }) => fn.min('version').as('version'))
    .where('binary', '=', binary)
    .where('deleted', '=', 0)
    .where('forced_down', '=', false)
    .executeTakeFirst()
  return row?.version ?? 0
}

/** A service that was set back to an older release must not write: the others may speak to it as to a newer one. */
async function refuseTooOld(rows: Rows, service: Service): Promise<void> {
  if (!service.objIsSet('version') || !service.objIsSet('binary') || service.binary === null) return
  const minver = await minimumVersion(rows, service.binary)
  if (minver > service.version) throw novaError('ServiceTooOld', { thisver: service.version, minver })
}

async function insertService(rows: Rows, service: Service, values: ReturnType<typeof columnValues<typeof services>>): Promise<ServiceRow> {
  await refuseTooOld(rows, service)
  const id = await rows.insert(services, values)
  return rows.select(services, { id }).executeTakeFirstOrThrow()
}

function existing(err: unknown, { host, binary, topic }: { host?: string | null; binary?: string | null; topic?: string | null }): unknown {
  if (!isDatabaseError(err, 'unique_violation')) return err
  return err.constraint.includes('binary')
    ? novaError('ServiceBinaryExists', { host, binary }, { cause: err })
    : novaError('ServiceTopicExists', { host, topic }, { cause: err })
}
