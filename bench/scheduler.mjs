// npm run bench -- scheduler: select_destinations with 10,000 hosts, without Placement's own time, beside a reading of all hosts in the
// same run, which is what each request of the Python scheduler does. MariaDB (MICRONOVA_MARIADB_URL) where it answers, else SQLite.
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FakePlacement } from '@micronova/clients'
import { createApiStores, createStores, DatabaseCells, migrate, migrateApi, openDatabase } from '@micronova/db'
import { systemClock, systemRandom } from '@micronova/lifecycle'
import { nullLogger } from '@micronova/log'
import { adminContext, CellMapping, Flavor, ImageMeta, ImageMetaProps, InstanceGroup, novaRegistry, RequestSpec } from '@micronova/model'
import { Scheduler, schedulerOptionGroups } from '@micronova/scheduler'
import { sql } from 'kysely'
import { round, summarize } from './_measure.mjs'

const HOSTS = 10_000
/** `[scheduler] max_placement_results` */
const CANDIDATES = 1000
const RUNS = 25
/** Hosts whose record changes between two requests: 10,000 that report a change every minute, five requests a second. */
const CHANGED = 33

const registry = novaRegistry()
const deps = { clock: systemClock, random: systemRandom, log: nullLogger, registry }
const ctx = adminContext(deps)

export async function run() {
  const bench = await openBench()
  try {
    const uuids = await fill(bench.cell)
    const { api, cells, cellStores } = await stores(bench)
    const placement = new CannedPlacement(uuids)
    const scheduler = new Scheduler(
      { api, cells, placement, neutron: null, registry, clock: systemClock, random: systemRandom, getLogger: () => nullLogger },
      settings(),
    )
    await scheduler.hosts.loadAggregates(ctx)
    const select = (spec, count) => {
      placement.count = count
      const request = { spec, instanceUuids: [spec.instance_uuid], returnObjects: true, returnAlternates: true }
      return scheduler.selectDestinations(ctx, request, new AbortController().signal)
    }
    const first_ms = round(await timed(() => select(aSpec(), CANDIDATES)))
    const unchanged_ms = await measured(() => select(aSpec(), CANDIDATES))
    const changed_ms = await measured(
      () => select(aSpec(), CANDIDATES),
      () => touch(bench.cell, uuids),
    )
    const cpu_ms = await cpuOf(() => select(aSpec(), CANDIDATES))
    await timed(() => select(aGroupSpec(), HOSTS))
    const group_all_hosts_ms = await measured(() => select(aGroupSpec(), HOSTS), undefined, 7)
    const read_all_ms = await measured(() => readAll(cellStores), undefined, 5)
    return {
      database: bench.cell.dialect,
      hosts: HOSTS,
      candidates: CANDIDATES,
      first_ms,
      unchanged_ms,
      changed_ms,
      cpu_ms,
      group_all_hosts_ms,
      read_all_ms,
      ratio: round(read_all_ms.median / changed_ms.median),
    }
  } finally {
    await bench.close()
  }
}

export function describe(result) {
  const line = (name, { median, min, max }) => `${name.padEnd(52)}${String(median).padStart(8)} ms  (${min} to ${max})`
  return [
    `${result.hosts} hosts on ${result.database}, ${result.candidates} candidates of Placement, whose own time does not count`,
    `${'first request of a scheduler'.padEnd(52)}${String(result.first_ms).padStart(8)} ms`,
    line('select_destinations, no record changed', result.unchanged_ms),
    line(`select_destinations, ${CHANGED} records changed since`, result.changed_ms),
    `${'  of which CPU of the scheduler'.padEnd(52)}${String(result.cpu_ms).padStart(8)} ms`,
    line('select_destinations with a group: all hosts', result.group_all_hosts_ms),
    line('all services and compute nodes read, as upstream', result.read_all_ms),
    `a request is ${result.ratio} times as fast as that reading alone`,
  ].join('\n')
}

async function timed(work) {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}

async function measured(work, before = async () => {}, runs = RUNS) {
  const times = []
  for (let i = 0; i < runs; i += 1) {
    await before()
    times.push(await timed(work))
  }
  return summarize(times)
}

/** CPU of this process for one, milliseconds: what other programs on the machine do does not count. */
async function cpuOf(work) {
  const before = process.cpuUsage()
  for (let i = 0; i < RUNS; i += 1) await work()
  const { user, system } = process.cpuUsage(before)
  return round((user + system) / 1000 / RUNS)
}

function readAll({ services, computeNodes }) {
  return Promise.all([services.list(ctx, { binary: 'nova-compute' }), computeNodes.listAll(ctx)])
}

async function openBench() {
  const url = process.env.MICRONOVA_MARIADB_URL ?? 'mysql://root@127.0.0.1:3306/'
  const name = `micronova_bench_${randomBytes(4).toString('hex')}`
  try {
    const admin = await openDatabase(new URL('/mysql', url).href, deps, { max_retries: 1 })
    const both = [`${name}_cell`, `${name}_api`]
    for (const database of both) await sql.raw(`create database ${database}`).execute(admin.kysely)
    const [cell, api] = await Promise.all(both.map((database) => openDatabase(new URL(`/${database}`, url).href, deps)))
    const close = async () => {
      await Promise.all([cell.close(), api.close()])
      for (const database of both) await sql.raw(`drop database ${database}`).execute(admin.kysely)
      await admin.close()
    }
    return { cell, api, close }
  } catch (err) {
    if (process.env.MICRONOVA_MARIADB_URL !== undefined) throw err
    const folder = mkdtempSync(join(tmpdir(), 'micronova-bench-'))
    const [cell, api] = await Promise.all(['cell', 'api'].map((file) => openDatabase(`sqlite:///${join(folder, file)}`, deps)))
    const close = async () => {
      await Promise.all([cell.close(), api.close()])
      rmSync(folder, { recursive: true })
    }
    return { cell, api, close }
  }
}

async function stores({ cell, api: apiDatabase }) {
  await migrateApi(apiDatabase)
  const api = createApiStores(apiDatabase, deps)
  await api.cellMappings.create(
    ctx,
    new CellMapping({ uuid: randomUUID(), name: 'cell1', database_connection: 'mysql://cell', transport_url: 'memory://' }),
  )
  const cellStores = createStores(cell, deps)
  return {
    api,
    cellStores,
    cells: new DatabaseCells({ cellMappings: api.cellMappings, open: async () => ({ database: cell, stores: cellStores }) }),
  }
}

const cpuInfo = JSON.stringify({
  arch: 'x86_64',
  model: 'Cascadelake',
  vendor: 'Intel',
  topology: { cells: 2, sockets: 1, cores: 24, threads: 2 },
})
const supported = JSON.stringify(['x86_64', 'i686'].map((arch) => [arch, 'kvm', 'hvm']))

/** @returns the uuids of the nodes */
async function fill(database) {
  await migrate(database)
  const now = new Date()
  const before = new Date(now.getTime() - 3_600_000)
  const uuids = []
  for (let start = 0; start < HOSTS; start += 250) {
    const indexes = Array.from({ length: 250 }, (_, i) => start + i)
    const nodes = indexes.map((i) => nodeRow(i, before))
    uuids.push(...nodes.map(({ uuid }) => uuid))
    await database.kysely
      .insertInto('services')
      .values(indexes.map((i) => serviceRow(i, now)))
      .execute()
    await database.kysely.insertInto('compute_nodes').values(nodes).execute()
  }
  return uuids
}

function serviceRow(i, now) {
  const at = { created_at: now, updated_at: now, last_seen_up: new Date(now.getTime() + 30 * 60_000) }
  const name = { host: `compute-${i}`, binary: 'nova-compute', topic: 'compute', uuid: randomUUID() }
  return { ...at, ...name, report_count: 1, disabled: false, forced_down: false, version: 64, deleted: 0 }
}

function nodeRow(i, at) {
  const name = {
    host: `compute-${i}`,
    hypervisor_hostname: `compute-${i}`,
    uuid: randomUUID(),
    hypervisor_type: 'QEMU',
    hypervisor_version: 7_002_000,
  }
  const size = {
    vcpus: 96,
    memory_mb: 524_288,
    local_gb: 4000,
    vcpus_used: i % 90,
    memory_mb_used: (i % 500) * 1024,
    local_gb_used: i % 3000,
  }
  const free = { free_ram_mb: 524_288 - (i % 500) * 1024, free_disk_gb: 4000 - (i % 3000), disk_available_least: 4000 - (i % 3000) }
  const stats = JSON.stringify({
    num_instances: String(i % 40),
    io_workload: String(i % 3),
    failed_builds: '0',
    num_vm_active: String(i % 40),
  })
  const ratios = { cpu_allocation_ratio: 4, ram_allocation_ratio: 1, disk_allocation_ratio: 1 }
  const texts = { cpu_info: cpuInfo, supported_instances: supported, stats, metrics: '[]', host_ip: '10.0.0.1' }
  return {
    ...name,
    ...size,
    ...free,
    ...ratios,
    ...texts,
    created_at: at,
    updated_at: at,
    deleted: 0,
    mapped: 1,
    running_vms: 0,
    current_workload: 0,
  }
}

let touched = 0

/** As computes write that have built an instance. */
async function touch(database, uuids) {
  const some = Array.from({ length: CHANGED }, (_, i) => uuids[(touched + i * 7) % CANDIDATES])
  touched += 1
  const at = new Date(Date.now() - 7_200_000 + touched * 1000)
  await database.kysely.updateTable('compute_nodes').set({ updated_at: at, vcpus_used: touched }).where('uuid', 'in', some).execute()
}

/** Answers at once: the same candidates for every request, and every claim succeeds. */
class CannedPlacement extends FakePlacement {
  count = 0
  #answers = new Map()
  #uuids

  constructor(uuids) {
    super()
    this.#uuids = uuids
  }

  async getAllocationCandidates() {
    const known = this.#answers.get(this.count)
    if (known !== undefined) return known
    const uuids = this.#uuids.slice(0, this.count)
    const resources = { VCPU: 1, MEMORY_MB: 512, DISK_GB: 1 }
    const allocation_requests = uuids.map((uuid) => ({ allocations: { [uuid]: { resources } }, mappings: { '': [uuid] } }))
    const answer = { allocation_requests, provider_summaries: Object.fromEntries(uuids.map((uuid) => [uuid, {}])) }
    this.#answers.set(this.count, answer)
    return answer
  }

  async getAllocations() {
    return { allocations: {} }
  }

  async putAllocations() {}
}

function settings() {
  const sections = schedulerOptionGroups.map(({ options }) =>
    Object.fromEntries(Object.entries(options).map(([name, { default: value }]) => [name, value])),
  )
  const [scheduler, filters, metrics] = sections
  const rest = { serviceDownTimeSeconds: 7200, defaultAvailabilityZone: 'nova', packNumaCells: false, disablePinningFallback: false }
  return { scheduler, filters, metrics, ...rest }
}

function aSpec(changes = {}) {
  const flavor = new Flavor({
    name: 'small',
    memory_mb: 512,
    vcpus: 1,
    root_gb: 1,
    ephemeral_gb: 0,
    swap: 0,
    flavorid: '1',
    extra_specs: {},
  })
  const image = new ImageMeta({ id: randomUUID(), disk_format: 'raw', properties: new ImageMetaProps() })
  const none = { ignore_hosts: null, force_hosts: null, force_nodes: null, instance_group: null, numa_topology: null, pci_requests: null }
  const who = { project_id: 'p', user_id: 'u', instance_uuid: randomUUID(), num_instances: 1, is_bfv: false, scheduler_hints: {} }
  return new RequestSpec({ flavor, image, ...none, ...who, availability_zone: null, requested_destination: null, ...changes })
}

function aGroupSpec() {
  const members = Array.from({ length: 20 }, () => randomUUID())
  const group = {
    id: 1,
    uuid: randomUUID(),
    name: 'g',
    policy: 'anti-affinity',
    policies: ['anti-affinity'],
    members,
    hosts: [],
    _rules: {},
  }
  return aSpec({ instance_group: InstanceGroup.objStored(group), scheduler_hints: { group: [group.uuid] } })
}
