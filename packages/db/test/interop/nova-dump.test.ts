import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adminContext, instanceAttributes, type RequestContext } from '@micronova/model'
import { readFixtureJson, readFixtureText } from '@micronova/testing'
import type { VersionedObject } from '@micronova/versionedobjects'
import { createStores, type DatabaseStores, migrate } from '../../src/index.js'
import { dialect, openTestDatabase, testDeps } from '../databases.js'
import { linesOf, runScript } from '../sql-script.js'

type Primitive = { readonly [key: string]: unknown }

interface InstanceAnswer {
  readonly instance: Primitive
  readonly bdms: readonly Primitive[]
  readonly vifs: readonly Primitive[]
  readonly actions: readonly { readonly action: Primitive; readonly events: readonly Primitive[] }[]
  readonly faults: readonly Primitive[]
}

interface CellAnswer {
  readonly services: readonly Primitive[]
  readonly compute_nodes: readonly Primitive[]
  readonly migrations: readonly Primitive[]
  readonly by_host: Readonly<Record<string, readonly string[]>>
  readonly in_progress: Readonly<Record<string, readonly number[]>>
}

/** What Nova answers of a dump. */
interface NovaAnswers {
  readonly instances: Readonly<Record<string, InstanceAnswer>>
  readonly all: CellAnswer
  readonly live: CellAnswer
  readonly filters: readonly (readonly [Readonly<Record<string, unknown>>, readonly string[]])[]
}

const mysql = dialect('mysql')

for (const cell of ['nova', 'nova_cell0']) {
  test(`${cell}: what our stores read of a database that Nova filled is what Nova reads of it`, { skip: mysql.skip }, async (t) => {
    const database = await openTestDatabase(t, await mysql.create(t))
    await runScript(database, readFixtureText(`db/${cell}.sql`))
    await migrate(database)
    assert.equal((await linesOf(database, 'show tables')).length, 110, 'the database is taken as it is')
    const stores = createStores(database, testDeps)
    const nova = readFixtureJson<NovaAnswers>(`db/${cell}-objects.json`)
    const live = adminContext(testDeps)
    const all: RequestContext = { ...live, readDeleted: 'yes' }

    const uuids = (await stores.instances.listByFilters(all, {})).map(({ uuid }) => uuid)
    assert.deepEqual([...uuids].sort(), Object.keys(nova.instances).sort())
    for (const uuid of uuids) assertSame(await instanceAnswer(stores, all, uuid), nova.instances[uuid], uuid)
    assertSame(await cellAnswer(stores, all), nova.all, 'with deleted records')
    assertSame(await cellAnswer(stores, live), nova.live, 'without deleted records')
    for (const [filters, expected] of nova.filters) {
      const found = await stores.instances.listByFilters(live, filters)
      assert.deepEqual(
        found.map(({ uuid }) => uuid),
        expected,
        JSON.stringify(filters),
      )
    }
  })
}

async function instanceAnswer(stores: DatabaseStores, ctx: RequestContext, uuid: string): Promise<InstanceAnswer> {
  const actions = await stores.actions.listByInstanceUuid(ctx, uuid)
  return {
    instance: primitive(await stores.instances.getByUuid(ctx, uuid, instanceAttributes)),
    bdms: (await stores.blockDeviceMappings.listByInstanceUuid(ctx, uuid)).map(primitive),
    vifs: (await stores.virtualInterfaces.listByInstanceUuid(ctx, uuid)).map(primitive),
    actions: await Promise.all(
      actions.map(async (action) => ({
        action: primitive(action),
        events: (await stores.actions.listEvents(ctx, action.id)).map(primitive),
      })),
    ),
    faults: (await stores.faults.listByInstanceUuids(ctx, [uuid])).map(primitive),
  }
}

async function cellAnswer(stores: DatabaseStores, ctx: RequestContext): Promise<CellAnswer> {
  const hosts = ['compute1', 'compute2']
  const byHost = async <T>(list: (host: string) => Promise<T[]>) =>
    Object.fromEntries(await Promise.all(hosts.map(async (host) => [host, await list(host)] as const)))
  return {
    services: (await stores.services.list(ctx)).map(primitive),
    compute_nodes: (await stores.computeNodes.listAll(ctx)).map(primitive),
    migrations: (await stores.migrations.listByFilters(ctx, {})).map(primitive),
    by_host: await byHost(async (host) => (await stores.instances.listByHost(ctx, host)).map(({ uuid }) => uuid)),
    in_progress: await byHost(async (host) => (await stores.migrations.listInProgressAndError(ctx, host, host)).map(({ id }) => id)),
  }
}

function primitive(object: VersionedObject): Primitive {
  return object.objToPrimitive()
}

/** Equal, whatever the order of keys. Marks of changes do not count: Nova leaves some on what it has just read (`ec2_ids`). */
function assertSame(actual: unknown, expected: unknown, message: string): void {
  assert.deepEqual(normalized(actual), normalized(expected), message)
}

function normalized(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normalized)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'nova_object.changes')
      .map(([key, item]) => [key, isServiceList(value) && key === 'nova_object.data' ? servicesById(item) : normalized(item)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}

function isServiceList(value: object): boolean {
  return (value as Primitive)['nova_object.name'] === 'ServiceList'
}

/** The database gives the services of an instance to Nova in any order. */
function servicesById(data: { readonly objects: readonly { readonly 'nova_object.data': { readonly id: number } }[] }): unknown {
  return [...data.objects].sort((a, b) => a['nova_object.data'].id - b['nova_object.data'].id).map(normalized)
}
