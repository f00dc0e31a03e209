import type { Logger } from '@micronova/log'
import {
  type ComputeNode,
  elevated,
  type Flavor,
  type Instance,
  isNovaError,
  type Migration,
  novaError,
  type RequestContext,
  type Stores,
} from '@micronova/model'
import type { MetricsNotifications } from '@micronova/notifications'
import type { HostResources, VirtDriver } from '@micronova/virt'
import { Semaphore } from '../semaphore.js'
import { assignChanged, describeHost, type NodeRecordOptions, newNodeRecord, withoutDevices } from './compute-node-record.js'
import type { CpuMonitor } from './cpu-monitor.js'
import type { Claim, ResourceTracker } from './index.js'
import { HostMoveClaims, type MoveClaims } from './move-claims.js'
import { heldFlavor, isStale, latestMigrations } from './moving-usage.js'
import { NodeAccount } from './node-account.js'
import type { TrackedNode } from './tracked-node.js'
import { type Usage, usageOf } from './usage.js'
import { VolumeBacked } from './volume-backed.js'
import { allowsResourceRemoval } from './workload-stats.js'

export interface HostResourceTrackerDeps {
  readonly stores: Pick<Stores, 'computeNodes' | 'instances' | 'migrations' | 'blockDeviceMappings'>
  readonly driver: Pick<VirtDriver, 'availableResource' | 'hostIpAddress' | 'guestExists'>
  /** Absent: nothing is measured but what the driver counts. */
  readonly monitor?: Pick<CpuMonitor, 'metrics'>
  /** Told what the monitor has measured, if it has. */
  readonly metricsTold?: Pick<MetricsNotifications, 'measured'>
  readonly log: Logger
}

/** `resources` is read at each use: a ratio may change by a reload. */
export interface HostResourceTrackerOptions extends NodeRecordOptions {
  readonly host: string
}

/** What is read with an instance to count it. */
const counted = ['flavor', 'migration_context'] as const

/**
 * The resource tracker of a host with a hypervisor. Whatever changes a count runs alone, in the order in which it was asked
 * for, so that a claim and an audit never see each other half done. The number of store calls of an audit does not depend on
 * the number of instances, and a record that is right is not written.
 *
 * @see nova 26.2.2, `compute/resource_tracker.py`
 */
export class HostResourceTracker implements ResourceTracker {
  readonly moves: MoveClaims
  readonly #deps: HostResourceTrackerDeps
  readonly #options: HostResourceTrackerOptions
  readonly #alone = new Semaphore(1)
  readonly #nodes = new Map<string, TrackedNode>()

  constructor(deps: HostResourceTrackerDeps, options: HostResourceTrackerOptions) {
    this.#deps = deps
    this.#options = options
    this.moves = new HostMoveClaims(
      {
        stores: deps.stores,
        alone: this.#alone,
        destinationAddress: () => deps.driver.hostIpAddress(),
        node: (name) => this.#nodes.get(name),
        grant: (ctx, instance, node, flavor) => this.#grant(ctx, instance, node, flavor),
        write: (ctx, node) => this.#write(ctx, node),
      },
      { host: options.host },
    )
  }

  get nodes(): ReadonlyMap<string, ComputeNode> {
    return new Map([...this.#nodes].map(([name, { record }]) => [name, record]))
  }

  /** Nothing here reads the limits: they are about NUMA cells, which no driver has. */
  instanceClaim(ctx: RequestContext, instance: Instance, nodeName: string): Promise<Claim> {
    return this.#alone.run(async () => {
      const node = this.#grant(ctx, instance, nodeName, instance.flavor)
      try {
        await this.#setHost(ctx, instance, nodeName)
        await node.volumeBacked.learn(ctx, [instance])
        node.account.track(instance, usageIn(node, instance))
        await this.#write(ctx, node)
      } catch (err) {
        await this.#release(ctx, instance, nodeName).catch((releaseErr) => {
          this.#deps.log.error('A failed claim could not be taken back', { err: releaseErr, context: ctx, instanceUuid: instance.uuid })
        })
        throw err
      }
      return this.#claim(instance, nodeName)
    })
  }

  updateUsage(ctx: RequestContext, instance: Instance, nodeName: string): Promise<void> {
    return this.#alone.run(async () => {
      const node = this.#nodes.get(nodeName)
      if (node === undefined || !node.account.has(instance.uuid)) return
      if (allowsResourceRemoval(instance)) forget(node, instance)
      else node.account.refresh(instance)
      await this.#write(ctx, node)
    })
  }

  async updateAvailableResource(ctx: RequestContext, nodeName: string): Promise<void> {
    const { driver, monitor, metricsTold } = this.#deps
    const resources = await driver.availableResource(nodeName)
    const measured = (await monitor?.metrics()) ?? []
    await metricsTold?.measured(ctx, nodeName, measured)
    const metrics = JSON.stringify(measured)
    await this.#alone.run(async () => {
      const node = await this.#measured(ctx, nodeName, resources)
      node.metrics = metrics
      await this.#recount(ctx, node)
      await this.#write(ctx, node)
      logView(this.#deps.log, node)
    })
  }

  isKnownConsumer(nodeName: string, uuid: string): boolean {
    const node = this.#nodes.get(nodeName)
    return node !== undefined && (node.account.has(uuid) || node.account.hasMove(uuid) || node.migrations.has(uuid))
  }

  removeNode(nodeName: string): void {
    this.#nodes.delete(nodeName)
  }

  buildFailed(nodeName: string): void {
    this.#nodes.get(nodeName)?.account.buildFailed()
  }

  buildSucceeded(nodeName: string): void {
    this.#nodes.get(nodeName)?.account.buildSucceeded()
  }

  /**
   * The node, if the instance may have it. Processors, memory and disk are Placement's business and not tested again; PCI
   * devices only the host itself can place, and it has none.
   */
  #grant(ctx: RequestContext, instance: Instance, nodeName: string, flavor: Flavor): TrackedNode {
    const log = this.#deps.log.with({ context: ctx, instanceUuid: instance.uuid })
    const node = this.#nodes.get(nodeName)
    if (node !== undefined && !wantsPci(instance, flavor)) {
      log.info(`Claim successful on node ${nodeName}`)
      return node
    }
    const reason = node === undefined ? `${nodeName} is not a node of this host` : 'Claim pci failed'
    log.info(`Failed to claim: ${reason}`)
    throw novaError('ComputeResourcesUnavailable', { reason })
  }

  #claim(instance: Instance, nodeName: string): Claim {
    let isHeld = true
    return {
      abort: (ctx) =>
        this.#alone.run(async () => {
          if (isHeld) await this.#release(ctx, instance, nodeName)
          isHeld = false
        }),
    }
  }

  async #setHost(ctx: RequestContext, instance: Instance, nodeName: string): Promise<void> {
    instance.host = this.#options.host
    instance.launched_on = this.#options.host
    instance.node = nodeName
    await this.#deps.stores.instances.save(ctx, instance)
  }

  /** Take an instance off the count, then off both records; each is tried even if the other fails. */
  async #release(ctx: RequestContext, instance: Instance, nodeName: string): Promise<void> {
    const node = this.#nodes.get(nodeName)
    if (node !== undefined) forget(node, instance)
    instance.host = null
    instance.node = null
    const writes = [this.#saveIfThere(ctx, instance), node === undefined ? undefined : this.#write(ctx, node)]
    for (const outcome of await Promise.allSettled(writes)) if (outcome.status === 'rejected') throw outcome.reason
  }

  /** An instance that is deleted meanwhile has no record that would name this host. */
  async #saveIfThere(ctx: RequestContext, instance: Instance): Promise<void> {
    try {
      await this.#deps.stores.instances.save(ctx, instance)
    } catch (err) {
      if (!isNovaError(err, 'InstanceNotFound')) throw err
    }
  }

  /** The node with a record that says what the driver says now: the known one, the stored one, or a new one. */
  async #measured(ctx: RequestContext, nodeName: string, resources: HostResources): Promise<TrackedNode> {
    const known = this.#nodes.get(nodeName)
    const stored = known?.record ?? (await this.#storedRecord(ctx, nodeName))
    const record = stored ?? newNodeRecord(this.#options.host, resources)
    describeHost(record, resources, this.#options)
    if (stored === null) await this.#create(ctx, record)
    const node = known ?? {
      name: nodeName,
      record,
      account: new NodeAccount(this.#reserved()),
      volumeBacked: new VolumeBacked(this.#deps.stores.blockDeviceMappings),
      migrations: new Set<string>(),
      metrics: '[]',
    }
    this.#nodes.set(nodeName, node)
    return node
  }

  async #storedRecord(ctx: RequestContext, nodeName: string): Promise<ComputeNode | null> {
    try {
      const record = await this.#deps.stores.computeNodes.getByHostAndNode(ctx, this.#options.host, nodeName)
      settle(record)
      return record
    } catch (err) {
      if (!isNovaError(err, 'NotFound')) throw err
      this.#deps.log.warning(`No compute node record for ${this.#options.host}:${nodeName}`)
      return null
    }
  }

  async #create(ctx: RequestContext, record: ComputeNode): Promise<void> {
    await this.#deps.stores.computeNodes.create(elevated(ctx), record)
    const name = `${this.#options.host}:${record.hypervisor_hostname}`
    this.#deps.log.info(`Compute node record created for ${name} with uuid: ${record.uuid}`)
  }

  #reserved(): Usage {
    const { reserved_host_memory_mb: memoryMb, reserved_host_cpus: vcpus, reserved_host_disk_mb: diskMb } = this.#options.resources
    return { memoryMb, vcpus, diskGb: Math.trunc(diskMb / 1024) }
  }

  /** Count anew. Everything is read before anything is changed: a failure leaves the count as it was. */
  async #recount(ctx: RequestContext, node: TrackedNode): Promise<void> {
    const { stores } = this.#deps
    const [present, migrations] = await Promise.all([
      stores.instances.listByHostAndNode(ctx, this.#options.host, node.name, counted),
      stores.migrations.listInProgressAndError(ctx, this.#options.host, node.name),
    ])
    const moving = await this.#movingElsewhere(ctx, migrations, present)
    const gone = await this.#goneForGood(moving)
    const instances = [...present, ...moving].filter(({ uuid }) => !gone.has(uuid))
    await node.volumeBacked.learn(ctx, instances)
    const moves = await this.#movesInProgress(ctx, migrations, instances)

    node.volumeBacked.forgetAllBut(instances)
    // What failed moves and those of deleted instances hold is for the audit of Placement to judge.
    const going = migrations.filter(({ instance_uuid, status }) => status !== 'error' && !gone.has(instance_uuid ?? ''))
    node.migrations = new Set(going.map(({ uuid }) => uuid))
    node.account.reset()
    for (const instance of present) if (!allowsResourceRemoval(instance)) node.account.track(instance, usageIn(node, instance))
    for (const [instance, migration] of moves) this.#holdForMove(node, instance, migration)
  }

  /** Instances of migrations that are not on this node; deleted ones too, as their guests may still be there. */
  async #movingElsewhere(ctx: RequestContext, migrations: readonly Migration[], present: readonly Instance[]): Promise<Instance[]> {
    const here = new Set<string | null>(present.map(({ uuid }) => uuid))
    const elsewhere = new Set(migrations.map((migration) => migration.instance_uuid).filter((uuid) => !here.has(uuid)))
    if (elsewhere.size === 0) return []
    return this.#deps.stores.instances.listByFilters(ctx, { uuid: [...elsewhere] }, counted)
  }

  /** Those that were deleted and have no guest here any more: their moves will never end. */
  async #goneForGood(moving: readonly Instance[]): Promise<ReadonlySet<string>> {
    const deleted = moving.filter((instance) => instance.deleted).map(({ uuid }) => uuid)
    const haveGuest = await Promise.all(deleted.map((uuid) => this.#deps.driver.guestExists(uuid)))
    return new Set(deleted.filter((_uuid, index) => !haveGuest[index]))
  }

  async #movesInProgress(
    ctx: RequestContext,
    migrations: readonly Migration[],
    instances: readonly Instance[],
  ): Promise<[Instance, Migration][]> {
    const moves = [...latestMigrations(migrations, new Map(instances.map((instance) => [instance.uuid, instance])))]
    for (const [instance, migration] of moves) if (isStale(migration, instance)) await this.#setError(ctx, migration)
    return moves.filter(([instance, migration]) => !isStale(migration, instance))
  }

  /** Migrations in error are listed again and again. */
  async #setError(ctx: RequestContext, migration: Migration): Promise<void> {
    if (migration.status === 'error') return
    this.#deps.log.info(`Migration ${migration.uuid} never ended, and its instance is in another one: it is set to error`, {
      ...(migration.instance_uuid === null ? {} : { instanceUuid: migration.instance_uuid }),
    })
    migration.status = 'error'
    await this.#deps.stores.migrations.save(elevated(ctx), migration)
  }

  #holdForMove(node: TrackedNode, instance: Instance, migration: Migration): void {
    const at = { host: this.#options.host, node: node.name, hasGuest: node.account.has(instance.uuid) }
    const flavor = heldFlavor(migration, instance, at)
    if (flavor !== null) node.account.holdForMove(instance.uuid, usageOf(flavor, node.volumeBacked.has(instance.uuid)))
  }

  /** Write the totals; nothing is sent where nothing changed. A failed write is made up for by the next one. */
  async #write(ctx: RequestContext, { record, account, metrics }: TrackedNode): Promise<void> {
    assignChanged(record, { ...account.totals(record), ...withoutDevices(), metrics })
    if (!record.objHasChanges()) return
    await this.#deps.stores.computeNodes.save(elevated(ctx), record)
    settle(record)
  }
}

function usageIn(node: TrackedNode, instance: Instance): Usage {
  return usageOf(instance.flavor, node.volumeBacked.has(instance.uuid))
}

/** `pci_passthrough:alias` of a flavor names devices of the host. */
function wantsPci(instance: Instance, flavor: Flavor): boolean {
  const ofInstance = instance.objIsSet('pci_requests') ? (instance.pci_requests?.requests.length ?? 0) : 0
  const ofFlavor = flavor.objIsSet('extra_specs') && Boolean(flavor.extra_specs['pci_passthrough:alias'])
  return ofInstance > 0 || ofFlavor
}

function forget(node: TrackedNode, { uuid }: Instance): void {
  node.account.release(uuid)
  node.volumeBacked.forget(uuid)
}

/** Objects within a record come from the conductor marked as changed: left so, each audit would write them again. */
function settle(record: ComputeNode): void {
  record.objResetChanges(undefined, { recursive: true })
}

function logView(log: Logger, { name, record: node }: TrackedNode): void {
  if (!log.isEnabled('DEBUG')) return
  log.debug(
    `Final resource view: name=${name} phys_ram=${node.memory_mb}MB used_ram=${node.memory_mb_used}MB phys_disk=${node.local_gb}GB ` +
      `used_disk=${node.local_gb_used}GB total_vcpus=${node.vcpus} used_vcpus=${node.vcpus_used}`,
  )
}
