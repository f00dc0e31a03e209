import { Aggregate, type AggregateStore, novaError, type RequestContext } from '@micronova/model'
import { isDatabaseError } from '../errors.js'
import type { Rows, StoredRow, Where } from '../rows.js'
import { aggregateHosts, aggregateMetadata, aggregates } from '../schema/api-tables.js'
import { columnValues, objectOf } from '../stores/object-rows.js'
import type { ApiStoreDeps } from './deps.js'
import { grouped } from './grouped.js'

type AggregateRow = StoredRow<typeof aggregates>
type Metadata = Readonly<Record<string, string | null>>

/** Groups of hosts, with their hosts and metadata: three queries for any number of them. */
export class DatabaseAggregateStore implements AggregateStore {
  readonly #deps: ApiStoreDeps

  constructor(deps: ApiStoreDeps) {
    this.#deps = deps
  }

  async getById(_ctx: RequestContext, id: number): Promise<Aggregate> {
    return found(await this.#list({ id }), id)
  }

  async getByUuid(_ctx: RequestContext, uuid: string): Promise<Aggregate> {
    return found(await this.#list({ uuid }), uuid)
  }

  list(_ctx: RequestContext): Promise<Aggregate[]> {
    return this.#list({})
  }

  async listByHost(_ctx: RequestContext, host: string, key: string | null = null): Promise<Aggregate[]> {
    const inHost = await this.#listWhere(async (rows) =>
      (await rows.select(aggregateHosts, { host }).execute()).map((row) => row.aggregate_id),
    )
    return key === null ? inHost : inHost.filter(({ metadata }) => metadata !== null && key in metadata)
  }

  async listByMetadataKey(_ctx: RequestContext, key: string, hosts: readonly string[] | null = null): Promise<Aggregate[]> {
    const withKey = await this.#listWhere((rows) => idsByMetadata(rows, { key }))
    return hosts === null ? withKey : withKey.filter((aggregate) => aggregate.hosts?.some((host) => hosts.includes(host)))
  }

  listByMetadata(_ctx: RequestContext, key: string | null, value: string | null): Promise<Aggregate[]> {
    return this.#listWhere((rows) => idsByMetadata(rows, { ...(key === null ? {} : { key }), ...(value === null ? {} : { value }) }))
  }

  async create(_ctx: RequestContext, aggregate: Aggregate): Promise<void> {
    if (aggregate.objIsSet('id')) throw novaError('ObjectActionError', { action: 'create', reason: 'already created' })
    refuseHosts(aggregate, 'create')
    const { uuid = this.#deps.random.uuid(), ...values } = columnValues(aggregates, aggregate.objGetChanges())
    const metadata = aggregate.objIsSet('metadata') ? (aggregate.metadata ?? {}) : {}
    const row = await this.#deps.database
      .write(async (rows) => {
        const id = await rows.insert(aggregates, { ...values, uuid })
        await writeMetadata(rows, id, metadata)
        return rows.select(aggregates, { id }).executeTakeFirstOrThrow()
      })
      .catch(nameTaken(values.name))
    this.#replace(aggregate, aggregateOf(row, [], metadata))
  }

  /** @throws NovaError `AggregateNotFound`, `AggregateNameExists` */
  async save(ctx: RequestContext, aggregate: Aggregate): Promise<void> {
    refuseHosts(aggregate, 'save')
    const { id } = aggregate
    const changes = aggregate.objGetChanges()
    const values = columnValues(aggregates, changes)
    await this.#deps.database
      .write(async (rows) => {
        if ((await rows.update(aggregates, { id }, values)) === 0) throw novaError('AggregateNotFound', { aggregate_id: id })
        if (!('metadata' in changes)) return
        await rows.delete(aggregateMetadata, { aggregate_id: id })
        await writeMetadata(rows, id, aggregate.metadata ?? {})
      })
      .catch(nameTaken(values.name))
    this.#replace(aggregate, await this.getById(ctx, id))
  }

  /** @throws NovaError `AggregateNotFound`, `AggregateMetadataNotFound` for a key that is to go and is not there */
  async updateMetadata(ctx: RequestContext, aggregate: Aggregate, updates: Metadata): Promise<void> {
    const { id } = aggregate
    await this.#deps.database.write(async (rows) => {
      await ensureThere(rows, id)
      for (const [key, value] of Object.entries(updates)) {
        const count = await rows.delete(aggregateMetadata, { aggregate_id: id, key })
        if (value === null && count === 0) throw novaError('AggregateMetadataNotFound', { aggregate_id: id, metadata_key: key })
      }
      await writeMetadata(rows, id, updates)
    })
    this.#replace(aggregate, await this.getById(ctx, id))
  }

  /** @throws NovaError `AggregateNotFound` */
  async destroy(_ctx: RequestContext, { id }: Aggregate): Promise<void> {
    await this.#deps.database.write(async (rows) => {
      await rows.delete(aggregateMetadata, { aggregate_id: id })
      if ((await rows.delete(aggregates, { id })) === 0) throw novaError('AggregateNotFound', { aggregate_id: id })
    })
  }

  async addHost(_ctx: RequestContext, aggregate: Aggregate, host: string): Promise<void> {
    const { id } = aggregate
    await this.#deps.database
      .write(async (rows) => {
        await ensureThere(rows, id)
        await rows.insert(aggregateHosts, { host, aggregate_id: id })
      })
      .catch((err) => {
        throw isDatabaseError(err, 'unique_violation') ? novaError('AggregateHostExists', { host, aggregate_id: id }, { cause: err }) : err
      })
    aggregate.objSetStored({ hosts: [...(aggregate.hosts ?? []), host] })
    aggregate.objResetChanges(['hosts'])
  }

  async deleteHost(_ctx: RequestContext, aggregate: Aggregate, host: string): Promise<void> {
    const { id } = aggregate
    await this.#deps.database.write(async (rows) => {
      await ensureThere(rows, id)
      if ((await rows.delete(aggregateHosts, { host, aggregate_id: id })) === 0)
        throw novaError('AggregateHostNotFound', { aggregate_id: id, host })
    })
    aggregate.objSetStored({ hosts: (aggregate.hosts ?? []).filter((other) => other !== host) })
    aggregate.objResetChanges(['hosts'])
  }

  #list(where: Where<typeof aggregates>): Promise<Aggregate[]> {
    return this.#deps.database.read((rows) => readAggregates(rows, where))
  }

  #listWhere(ids: (rows: Rows) => Promise<readonly number[]>): Promise<Aggregate[]> {
    return this.#deps.database.read(async (rows) => {
      const id = [...new Set(await ids(rows))]
      return id.length === 0 ? [] : readAggregates(rows, { id })
    })
  }

  #replace(aggregate: Aggregate, stored: Aggregate): void {
    aggregate.objSetStored(stored.objGetSet())
    aggregate.objResetChanges()
  }
}

async function readAggregates(rows: Rows, where: Where<typeof aggregates>): Promise<Aggregate[]> {
  const all = await rows.select(aggregates, where).orderBy('id').execute()
  if (all.length === 0) return []
  const of = { aggregate_id: all.map(({ id }) => id) }
  const hosts = await rows.select(aggregateHosts, of).orderBy('id').execute()
  const metadata = await rows.select(aggregateMetadata, of).orderBy('id').execute()
  const hostsOf = grouped(hosts, (row) => row.aggregate_id)
  const metadataOf = grouped(metadata, (row) => row.aggregate_id)
  return all.map((row) =>
    aggregateOf(
      row,
      (hostsOf.get(row.id) ?? []).flatMap(({ host }) => host ?? []),
      Object.fromEntries((metadataOf.get(row.id) ?? []).map(({ key, value }) => [key, value])),
    ),
  )
}

function aggregateOf(row: AggregateRow, hosts: readonly string[], metadata: Readonly<Record<string, string>>): Aggregate {
  return objectOf(Aggregate, row, { hosts, metadata, deleted: false, deleted_at: null })
}

function found([aggregate]: readonly Aggregate[], named: number | string): Aggregate {
  if (aggregate === undefined) throw novaError('AggregateNotFound', { aggregate_id: named })
  return aggregate
}

async function ensureThere(rows: Rows, id: number): Promise<void> {
  if ((await rows.first(aggregates, { id })) === undefined) throw novaError('AggregateNotFound', { aggregate_id: id })
}

async function idsByMetadata(rows: Rows, where: Where<typeof aggregateMetadata>): Promise<number[]> {
  return (await rows.select(aggregateMetadata, where).execute()).map(({ aggregate_id }) => aggregate_id)
}

async function writeMetadata(rows: Rows, aggregate_id: number, metadata: Metadata): Promise<void> {
  const items = Object.entries(metadata).flatMap(([key, value]) => (value === null ? [] : [{ aggregate_id, key, value }]))
  await rows.insertAll(aggregateMetadata, items)
}

function refuseHosts(aggregate: Aggregate, action: string): void {
  if (aggregate.objWhatChanged().has('hosts')) throw novaError('ObjectActionError', { action, reason: 'hosts updated inline' })
}

function nameTaken(name: string | null | undefined): (err: unknown) => never {
  return (err) => {
    throw isDatabaseError(err, 'unique_violation') ? novaError('AggregateNameExists', { aggregate_name: name }, { cause: err }) : err
  }
}
