import { join } from 'node:path'
import { FakeClients } from '@micronova/clients'
import { createApiStores, createStores, DatabaseCells, migrate, migrateApi, openDatabase } from '@micronova/db'
import { type Clock, systemClock, systemRandom } from '@micronova/lifecycle'
import { nullLogger } from '@micronova/log'
import {
  createTransport,
  type Endpoint,
  type Json,
  type JsonObject,
  MemoryBus,
  type RemoteMethod,
  type Serializer,
  type Transport,
} from '@micronova/messaging'
import {
  type ApiStores,
  adminContext,
  CELL0_UUID,
  CellMapping,
  type CellStores,
  type Cells,
  ComputeNode,
  HostMapping,
  novaErrorCatalogue,
  novaRegistry,
  type RequestContext,
  Service,
} from '@micronova/model'
import { type ComputeTaskApi, createComputeTaskApi, createNovaSerializer, noUpgradeLevels } from '@micronova/rpcapi'
import { temporaryFolder } from '@micronova/testing'
import { createTaskDeps } from '../../src/compute-task/create-task-deps.js'
import { computeTasks } from '../../src/compute-task/endpoint.js'
import {
  type CachingObserver,
  type ComputeTaskSettings,
  ConductorManager,
  defaultComputeTaskSettings,
  type TaskFailure,
} from '../../src/index.js'

export const cell1Uuid = 'eab77a6a-e207-4e6a-a8f8-0ef08fe36b01'
export const cell2Uuid = 'eab77a6a-e207-4e6a-a8f8-0ef08fe36b02'

/** Messages as they are on the wire. */
export const asSent: Serializer<JsonObject> = {
  serializeEntity: (_ctx, value) => value as Json,
  deserializeEntity: (_ctx, value) => value,
  serializeContext: (context) => context,
  deserializeContext: (context) => context,
}

/** A request that the scheduler or a compute got. */
export interface Received {
  readonly to: string
  readonly method: string
  readonly args: Readonly<Record<string, unknown>>
}

/** What a peer answers; a value that is a function is called for each request. */
export type Answers = Readonly<Record<string, unknown>>

export interface DeploymentOptions {
  readonly settings?: Partial<ComputeTaskSettings>
  readonly hosts?: readonly string[]
  /** Of a second cell, which is there if this is given. */
  readonly hostsOfCell2?: readonly string[]
  /** Called before each request to a database or another service; what it throws is what the request fails with. */
  before?(request: string): void | Promise<void>
  /** By method. */
  readonly scheduler?: Answers
  readonly compute?: Answers
}

export interface Cleanup {
  after(fn: () => void | Promise<void>): void
}

export interface TestDeployment {
  readonly api: ApiStores
  readonly cell0: CellStores
  readonly cell1: CellStores
  /** That of `hostsOfCell2`; otherwise empty. */
  readonly cell2: CellStores
  readonly clients: FakeClients
  readonly ctx: RequestContext
  /** A task as a peer asks for it. */
  readonly tasks: ComputeTaskApi
  /** A task by its wire name and arguments, to its end. */
  run(method: string, args: Readonly<Record<string, unknown>>, of?: RequestContext): Promise<unknown>
  readonly transport: Transport
  /** What peers got, in its order. */
  readonly received: Received[]
  readonly failures: TaskFailure[]
  /** What was told of the caching of images. */
  readonly caching: unknown[]
  /** Steps that were told of: `resize_confirm.start cell1`. */
  readonly steps: string[]
  /** The first of the method, once it is there. */
  next(method: string): Promise<Received>
  /** All of the method, once there are so many. */
  all(method: string, count: number): Promise<readonly Received[]>
}

/** A second for each look: what SQLite keeps can be told apart, and messages keep whole seconds. */
function secondsClock(): Clock {
  let now = Date.UTC(2026, 10, 22, 12)
  return { ...systemClock, now: () => (now += 1000) }
}

/**
 * cell0 and two cells, each a database of its own, the API database above them, a conductor for all, and peers that answer what they are
 * told to.
 */
export async function testDeployment(t: Cleanup, options: DeploymentOptions = {}): Promise<TestDeployment> {
  const clock = secondsClock()
  const deps = { clock, random: systemRandom, log: nullLogger }
  const ctx = adminContext(deps, { projectId: 'p1', userId: 'u1' })
  const folder = temporaryFolder(t)
  const url = (name: string) => `sqlite:///${join(folder, name)}`
  const open = async (at: string) => {
    const database = await openDatabase(at, deps)
    await migrate(database)
    return { database, stores: createStores(database, deps) }
  }
  const apiDatabase = await openDatabase(url('api'), deps)
  await migrateApi(apiDatabase)
  const api = createApiStores(apiDatabase, deps)
  const cells = new DatabaseCells({ cellMappings: api.cellMappings, open })
  t.after(async () => {
    await cells.close()
    await apiDatabase.close()
  })
  const [ofCell0, ofCell1] = [cellMapping(CELL0_UUID, 'cell0', url('cell0')), cellMapping(cell1Uuid, 'cell1', url('cell1'))]
  const ofCell2 = cellMapping(cell2Uuid, 'cell2', url('cell2'))
  for (const cell of [ofCell0, ofCell1]) await api.cellMappings.create(ctx, cell)
  const [cell0, cell1] = [await cells.stores(ofCell0), await cells.stores(ofCell1)]
  if (options.hostsOfCell2 !== undefined) await api.cellMappings.create(ctx, ofCell2)
  const cell2 = options.hostsOfCell2 === undefined ? cell0 : await cells.stores(ofCell2)
  const clients = new FakeClients()
  const hosts = options.hosts ?? ['compute1', 'compute2']
  for (const host of hosts) await addHost({ api, stores: cell1, clients }, ctx, ofCell1, host)
  for (const host of options.hostsOfCell2 ?? []) await addHost({ api, stores: cell2, clients }, ctx, ofCell2, host)

  const received: Received[] = []
  const failures: TaskFailure[] = []
  const caching: unknown[] = []
  const cachingObserver: CachingObserver = {
    caching: async (_ctx, _aggregate, phase) => void caching.push(phase),
    progress: async (_ctx, _aggregate, step) => void caching.push(step),
  }
  const { transport, registry, changed } = await startPeers(
    t,
    deps,
    { ...options, hosts: [...hosts, ...(options.hostsOfCell2 ?? [])] },
    received,
  )
  const steps: string[] = []
  const told = <T extends object>(members: T, name: string) => withNotice(members, name, async (request) => options.before?.(request))
  const seenCells: Cells = {
    list: (of) => cells.list(of),
    byUuid: (of, uuid) => cells.byUuid(of, uuid),
    stores: async (cell) => told(await cells.stores(cell), cell.name ?? ''),
    refresh: () => cells.refresh(),
  }
  const taskDeps = createTaskDeps(
    { transport, registry, ...deps, host: 'controller1' },
    {
      stores: cell1,
      above: { api: told(api, 'api'), cells: seenCells },
      clients: told(clients, 'clients'),
      cachingObserver,
      onFailure: async (_ctx, failure) => void failures.push(failure),
      onStep: async (_ctx, { scope }, step, phase) => void steps.push(`${step}.${phase} ${scope.cell?.name}`),
    },
    {
      settings: { ...defaultComputeTaskSettings, serviceDownSeconds: 1e9, ...options.settings },
      upgradeLevels: noUpgradeLevels,
      timeouts: { responseSeconds: 5, longSeconds: 5 },
    },
  )
  const manager = new ConductorManager({ stores: cell1, registry, host: 'controller1', log: nullLogger, api, tasks: taskDeps })
  const serializer = createNovaSerializer({ registry })
  const server = transport.server({ topic: 'conductor', server: 'controller1' }, manager.endpoints, { serializer })
  await server.start(new AbortController().signal)
  t.after(() => server.stop(AbortSignal.timeout(2000)))
  const { methods } = computeTasks(taskDeps.deps)
  const run = (method: string, args: Readonly<Record<string, unknown>>, of = ctx) =>
    methods[method]!.run(of, args, new AbortController().signal)
  const all = async (method: string, count: number) => {
    for (;;) {
      const found = received.filter((request) => request.method === method)
      if (found.length >= count) return found
      await changed()
    }
  }
  const next = async (method: string) => (await all(method, 1))[0]!
  return {
    api,
    cell0,
    cell1,
    cell2,
    clients,
    ctx,
    tasks: createComputeTaskApi({ transport, serializer }),
    run,
    transport,
    received,
    failures,
    caching,
    steps,
    next,
    all,
  }
}

/** `members` (stores, clients) whose methods tell their name, `cell1.instances.save`, before they run. */
function withNotice<T extends object>(members: T, name: string, notice: (request: string) => Promise<void>): T {
  const noticed = (member: object, at: string): object =>
    new Proxy(member, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key, target)
        if (typeof value !== 'function' || typeof key !== 'string') return value
        return async (...args: unknown[]) => {
          await notice(`${at}.${key}`)
          return value.apply(target, args)
        }
      },
    })
  const wrapped = Object.entries(members).map(([key, member]) => [key, noticed(member, `${name}.${key}`)])
  return { ...members, ...Object.fromEntries(wrapped) }
}

function cellMapping(uuid: string, name: string, database_connection: string): CellMapping {
  return new CellMapping({
    uuid,
    name,
    transport_url: uuid === CELL0_UUID ? 'none:///' : 'memory://',
    database_connection,
    disabled: false,
  })
}

async function addHost(
  { api, stores, clients }: Pick<TestDeployment, 'api' | 'clients'> & { readonly stores: CellStores },
  ctx: RequestContext,
  cell: CellMapping,
  host: string,
): Promise<void> {
  await api.hostMappings.create(ctx, new HostMapping({ host, cell_mapping: cell }))
  const service = { host, binary: 'nova-compute', topic: 'compute', report_count: 1, disabled: false, forced_down: false, version: 64 }
  await stores.services.create(ctx, new Service(service))
  const node = new ComputeNode({
    host,
    hypervisor_hostname: host,
    hypervisor_type: 'fake',
    hypervisor_version: 1000,
    memory_mb: 8192,
    memory_mb_used: 512,
    free_ram_mb: 7680,
    local_gb: 1000,
    local_gb_used: 0,
    vcpus: 8,
    vcpus_used: 0,
    cpu_info: '',
    ram_allocation_ratio: 1.5,
  })
  await stores.computeNodes.create(ctx, node)
  const { placement } = clients
  await placement.createResourceProvider(ctx, { uuid: node.uuid, name: host })
  const inventories = { VCPU: { total: 8 }, MEMORY_MB: { total: 8192 }, DISK_GB: { total: 1000 } }
  await placement.putInventories(ctx, node.uuid, { resource_provider_generation: 0, inventories })
}

async function startPeers(
  t: Cleanup,
  deps: { readonly clock: Clock; readonly random: typeof systemRandom; readonly log: typeof nullLogger },
  options: DeploymentOptions,
  received: Received[],
) {
  const bus = new MemoryBus(deps)
  const registry = novaRegistry()
  const transport = createTransport('memory://', { ...deps, bus, errors: novaErrorCatalogue })
  let waiting: (() => void)[] = []
  const note = (request: Received) => {
    received.push(request)
    const told = waiting
    waiting = []
    for (const tell of told) tell()
  }
  const serve = async (topic: string, server: string, methods: Endpoint<JsonObject>['methods'], version: string) => {
    const started = transport.server({ topic, server }, [{ target: { version }, methods }], { serializer: asSent })
    await started.start(new AbortController().signal)
    t.after(() => started.stop(AbortSignal.timeout(2000)))
  }
  const { select_destinations: select } = options.scheduler ?? {}
  await serve(
    'scheduler',
    'controller1',
    { select_destinations: peerMethod('scheduler', 'select_destinations', schedulerParameters, select, note) },
    '4.5',
  )
  for (const host of options.hosts ?? ['compute1', 'compute2']) {
    const methods = Object.entries(computeParameters).map(([name, parameters]) => [
      name,
      peerMethod(host, name, parameters, options.compute?.[name], note),
    ])
    await serve('compute', host, Object.fromEntries(methods), '6.1')
  }
  t.after(() => transport.stop(AbortSignal.timeout(2000)))
  return { transport, registry, changed: () => new Promise<void>((resolve) => waiting.push(resolve)) }
}

function peerMethod(
  to: string,
  method: string,
  parameters: string,
  answer: unknown,
  note: (request: Received) => void,
): RemoteMethod<JsonObject> {
  return {
    parameters: parameters.split(' ').map((name) => ({ name, default: null })),
    async run(_ctx, args) {
      note({ to, method, args })
      const value: unknown = typeof answer === 'function' ? await answer(args) : answer
      return value ?? null
    },
  }
}

const schedulerParameters = 'instance_uuids spec_obj return_objects return_alternates'

const computeParameters: Readonly<Record<string, string>> = {
  build_and_run_instance:
    'instance image request_spec filter_properties admin_password injected_files requested_networks security_groups block_device_mapping node limits host_list accel_uuids',
  prep_resize: 'instance flavor image request_spec filter_properties node migration clean_shutdown host_list',
  check_can_live_migrate_destination: 'instance block_migration disk_over_commit migration limits',
  live_migration: 'instance dest block_migration migrate_data migration',
  rebuild_instance:
    'instance new_pass injected_files image_ref orig_image_ref orig_sys_metadata bdms recreate on_shared_storage preserve_ephemeral migration scheduled_node limits request_spec accel_uuids reimage_boot_volume',
  unshelve_instance: 'instance image filter_properties node request_spec accel_uuids',
  start_instance: 'instance',
  cache_images: 'image_ids',
  prep_snapshot_based_resize_at_dest: 'instance flavor nodename migration limits request_spec',
  prep_snapshot_based_resize_at_source: 'instance migration snapshot_id',
  finish_snapshot_based_resize_at_dest: 'instance migration snapshot_id request_spec',
  confirm_snapshot_based_resize_at_source: 'instance migration',
  revert_snapshot_based_resize_at_dest: 'instance migration',
  finish_revert_snapshot_based_resize_at_source: 'instance migration',
}
