import { join } from 'node:path'
import { FakePlacement } from '@micronova/clients'
import { createApiStores, createStores, DatabaseCells, type DatabaseStores, migrate, migrateApi, openDatabase } from '@micronova/db'
import type { Random } from '@micronova/lifecycle'
import { systemRandom } from '@micronova/lifecycle'
import { nullLogger } from '@micronova/log'
import {
  type ApiStores,
  adminContext,
  CellMapping,
  type Cells,
  ComputeNode,
  Flavor,
  HostMapping,
  HVSpec,
  ImageMeta,
  ImageMetaProps,
  Instance,
  InstanceGroup,
  novaRegistry,
  type RequestContext,
  RequestSpec,
  Service,
} from '@micronova/model'
import { FakeClock, temporaryFolder } from '@micronova/testing'
import { schedulerOptionGroups } from '../../src/options.js'
import { Scheduler, type SchedulerOptions } from '../../src/scheduler.js'

interface Cleanup {
  after(fn: () => void | Promise<void>): void
}

/** Always the first: what is chosen follows from weights alone. */
const first: Random = { ...systemRandom, next: () => 0.999_999 }

/** Databases of a deployment with Placement in memory, and a scheduler over them. */
export interface SchedulingCloud {
  readonly ctx: RequestContext
  readonly clock: FakeClock
  readonly placement: FakePlacement
  readonly api: ApiStores
  readonly cells: Cells
  readonly scheduler: Scheduler
  /** Statements of all databases since `forget`. */
  readonly statements: string[]
  cell(name: string, uuid?: string): Promise<TestCell>
  schedule(spec: RequestSpec, uuids?: readonly string[]): ReturnType<typeof choose>
}

export interface TestCell {
  readonly mapping: CellMapping
  readonly stores: DatabaseStores
  /** A host with a service, a node of the same name, and an inventory in Placement. */
  host(name: string, changes?: Partial<Pick<ComputeNode, 'free_ram_mb' | 'hypervisor_hostname' | 'uuid'>>): Promise<ComputeNode>
  instance(host: string, uuid?: string): Promise<string>
}

const registry = novaRegistry()

export async function schedulingCloud(t: Cleanup, options: Partial<SchedulerOptions> = {}): Promise<SchedulingCloud> {
  const clock = new FakeClock(Date.UTC(2026, 10, 22, 12))
  const statements: string[] = []
  const log = { ...nullLogger, debug: (line: string) => void statements.push(line) }
  const deps = { clock, random: first, log, registry }
  const folder = temporaryFolder(t)
  const open = async (name: string) => {
    const database = await openDatabase(`sqlite:///${join(folder, name)}`, deps, { connection_debug: 50 })
    t.after(() => database.close())
    return database
  }
  const apiDatabase = await open('api.sqlite')
  await migrateApi(apiDatabase)
  const api = createApiStores(apiDatabase, deps)
  const cellStores = new Map<string, DatabaseStores>()
  const cells = new DatabaseCells({
    cellMappings: api.cellMappings,
    open: async (url) => ({ database: apiDatabase, stores: cellStores.get(url)! }),
  })
  const ctx = adminContext({ clock, random: systemRandom })
  const placement = new FakePlacement()
  const scheduler = new Scheduler(
    { api, cells, placement, neutron: null, registry, clock, random: first, getLogger: () => nullLogger },
    { ...defaultOptions(), ...options },
  )
  return {
    ctx,
    clock,
    placement,
    api,
    cells,
    scheduler,
    statements,
    async cell(name, uuid = systemRandom.uuid()) {
      const database = await open(`${name}.sqlite`)
      await migrate(database)
      const stores = createStores(database, deps)
      const mapping = new CellMapping({ uuid, name, database_connection: `cell ${name}`, transport_url: 'memory://' })
      await api.cellMappings.create(ctx, mapping)
      cellStores.set(mapping.database_connection, stores)
      cells.refresh()
      return testCell({ ctx, clock, placement, api }, mapping, stores)
    },
    schedule: (spec, uuids = [spec.instance_uuid]) => choose(scheduler, ctx, spec, uuids),
  }
}

function choose(scheduler: Scheduler, ctx: RequestContext, spec: RequestSpec, uuids: readonly string[]) {
  const request = { spec, instanceUuids: uuids, returnObjects: true, returnAlternates: true }
  return scheduler.selectDestinations(ctx, request, new AbortController().signal)
}

export function defaultOptions(): SchedulerOptions {
  const sections = schedulerOptionGroups.map(({ options }) =>
    Object.fromEntries(Object.entries(options).map(([name, { default: value }]) => [name, value])),
  )
  const [scheduler, filters, metrics] = sections
  return {
    scheduler: scheduler as never,
    filters: filters as never,
    metrics: metrics as never,
    serviceDownTimeSeconds: 60,
    defaultAvailabilityZone: 'nova',
    packNumaCells: false,
    disablePinningFallback: false,
  }
}

function testCell(
  { ctx, clock, placement, api }: Pick<SchedulingCloud, 'ctx' | 'clock' | 'placement' | 'api'>,
  mapping: CellMapping,
  stores: DatabaseStores,
): TestCell {
  return {
    mapping,
    stores,
    async host(name, changes = {}) {
      const service = { binary: 'nova-compute', topic: 'compute', report_count: 0, disabled: false, forced_down: false, version: 64 }
      await stores.services.create(ctx, new Service({ ...service, host: name, last_seen_up: new Date(clock.now()) }))
      const node = new ComputeNode({
        ...{ host: name, hypervisor_hostname: name, vcpus: 8, memory_mb: 8192, local_gb: 100, vcpus_used: 0, memory_mb_used: 0 },
        ...{ local_gb_used: 0, free_ram_mb: 8192, free_disk_gb: 100, hypervisor_type: 'QEMU', hypervisor_version: 6_002_003, mapped: 1 },
        ...{ cpu_info: '{}', running_vms: 0, current_workload: 0, disk_available_least: 100, host_ip: '10.0.0.1', stats: {} },
        ...{ cpu_allocation_ratio: 4, ram_allocation_ratio: 1, disk_allocation_ratio: 1, metrics: '[]', pci_device_pools: null },
        supported_hv_specs: [new HVSpec({ arch: 'x86_64', hv_type: 'kvm', vm_mode: 'hvm' })],
        ...changes,
      })
      await stores.computeNodes.create(ctx, node)
      await api.hostMappings.create(ctx, new HostMapping({ host: name, cell_mapping: mapping }))
      await placement.createResourceProvider(ctx, { uuid: node.uuid, name })
      await placement.putInventories(ctx, node.uuid, {
        resource_provider_generation: 0,
        inventories: { VCPU: { total: 32 }, MEMORY_MB: { total: 8192 }, DISK_GB: { total: 100 } },
      })
      return node
    },
    async instance(host, uuid = systemRandom.uuid()) {
      await stores.instances.create(ctx, new Instance({ uuid, host, vm_state: 'active', task_state: null, project_id: 'p', user_id: 'u' }))
      return uuid
    },
  }
}

/** A request for one small instance. */
export function aSpec(changes: Partial<ConstructorParameters<typeof RequestSpec>[0]> = {}): RequestSpec {
  const flavor = new Flavor({
    ...{ name: 'tiny', memory_mb: 512, vcpus: 1, root_gb: 1, ephemeral_gb: 0, swap: 0, flavorid: '1', extra_specs: {} },
  })
  return new RequestSpec({
    ...{ flavor, image: new ImageMeta({ id: systemRandom.uuid(), disk_format: 'raw', properties: new ImageMetaProps() }) },
    ...{ project_id: 'p', user_id: 'u', instance_uuid: systemRandom.uuid(), num_instances: 1, is_bfv: false, scheduler_hints: {} },
    ...{ ignore_hosts: null, force_hosts: null, force_nodes: null, instance_group: null, numa_topology: null, pci_requests: null },
    ...{ availability_zone: null, requested_destination: null },
    ...changes,
  })
}

export function aGroup(policy: string, members: readonly string[], hosts: readonly string[] = []): InstanceGroup {
  return InstanceGroup.objStored({
    id: 1,
    uuid: systemRandom.uuid(),
    name: 'g',
    policy,
    policies: [policy],
    members: [...members],
    hosts: [...hosts],
    _rules: {},
  })
}
