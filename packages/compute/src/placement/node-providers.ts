import { type Inventories, isClientError, type PlacementClient, type ResourceProvider } from '@micronova/clients'
import type { Clock } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import {
  type ComputeNode,
  elevated,
  type Instance,
  isNovaError,
  type Migration,
  NovaError,
  novaError,
  type RequestContext,
  type Stores,
} from '@micronova/model'
import { messageOf } from '@micronova/rpcapi'
import { type CapableDriver, capabilityTraits } from '@micronova/virt'
import type { ResourceSection } from '../resource-tracker/options.js'
import { Semaphore } from '../semaphore.js'
import type { ConsumerAllocations, NodeProviders } from './compute-placement.js'
import { haveInventoriesChanged, nodeInventories } from './inventory.js'
import { isFresh, type KnownProvider } from './known-provider.js'
import { hasSucceeded, judgeLeftover, judgeLeftoverMigration, type LeftoverVerdict } from './leftovers.js'
import type { PlacementSection } from './options.js'
import { additionsOf, strangers } from './provider-configs/additions.js'
import type { ProviderConfig } from './provider-configs/provider-config.js'
import { readProviderConfigs } from './provider-configs/read-provider-configs.js'
import { haveTraitsChanged, nodeTraits, traitsOfStatus } from './traits.js'
import { isUnusable } from './unusable.js'

export interface HostProvidersDeps {
  readonly placement: PlacementClient
  readonly allocations: ConsumerAllocations
  readonly stores: Pick<Stores, 'services' | 'instances' | 'migrations'>
  readonly driver: CapableDriver
  readonly clock: Clock
  readonly log: Logger
}

/** Sections are read at each use: they may change by a reload. */
export interface HostProvidersOptions {
  readonly host: string
  readonly resources: ResourceSection
  readonly section: PlacementSection
}

/** An update that met another change of the provider is tried so often, each time from what the provider has become. */
const updateTries = 4

/**
 * The providers of this host's nodes. What Placement has is remembered, so that an audit of a node that has not changed
 * asks for its allocations and nothing else, however many instances it has.
 *
 * @see nova 26.2.2, `scheduler/client/report.py`; `compute/resource_tracker.py`, `_update_to_placement`
 */
export class HostProviders implements NodeProviders {
  readonly #deps: HostProvidersDeps
  readonly #options: HostProvidersOptions
  /** One request about providers after the other: two with the same generation would refuse each other. */
  readonly #alone = new Semaphore(1)
  readonly #known = new Map<string, KnownProvider>()
  /** By node uuid. */
  readonly #audits = new Map<string, Promise<readonly Instance[]>>()
  #isClosed = false
  /** It was said that the service record is gone. */
  #isServiceGone = false
  /** By node uuid: the failure of the last audit. */
  readonly #failures = new Map<string, string>()
  #configs: readonly ProviderConfig[] = []
  readonly #nodes = new Map<string, ComputeNode>()
  /** Providers that a configuration names and no node is. */
  #strangers: ReadonlySet<string> = new Set()
  /** By node uuid: consumers that the last audit did not know. An audit a minute need not speak of them again. */
  readonly #unknown = new Map<string, ReadonlySet<string>>()

  constructor(deps: HostProvidersDeps, options: HostProvidersOptions) {
    this.#deps = deps
    this.#options = options
  }

  async readConfigs(): Promise<void> {
    this.#configs = await readProviderConfigs(this.#options.section.provider_config_location, this.#deps.log)
  }

  audit(ctx: RequestContext, node: ComputeNode, isKnownConsumer: (consumerUuid: string) => boolean): Promise<readonly Instance[]> {
    const underWay = this.#audits.get(node.uuid)
    if (underWay !== undefined) return underWay
    const audit = this.#alone.run(() => this.#audit(ctx, node, isKnownConsumer)).finally(() => this.#audits.delete(node.uuid))
    this.#audits.set(node.uuid, audit)
    return audit
  }

  setEnabled(ctx: RequestContext, node: ComputeNode, enabled: boolean): Promise<void> {
    return this.#alone.run(() =>
      this.#retried(node.uuid, async () => {
        const { placement } = this.#deps
        const { traits, resource_provider_generation: generation } = await placement.getProviderTraits(ctx, node.uuid)
        const wanted = traitsOfStatus(new Set(traits), !enabled)
        if (haveTraitsChanged(new Set(traits), wanted)) await this.#putTraits(ctx, node.uuid, generation, wanted)
      }),
    )
  }

  remove(ctx: RequestContext, node: ComputeNode): Promise<void> {
    return this.#alone.run(async () => {
      for (const remembered of [this.#known, this.#unknown, this.#failures, this.#nodes]) remembered.delete(node.uuid)
      try {
        await this.#removeAllocations(ctx, node)
        const providers = await this.#deps.placement.listResourceProviders(ctx, { in_tree: node.uuid })
        for (const { uuid } of childrenFirst(providers)) await this.#delete(ctx, uuid)
      } catch (err) {
        this.#deps.log.error(`Failed to delete compute node resource provider for compute node ${node.uuid}: ${messageOf(err)}`)
      }
    })
  }

  forget(nodeUuid?: string): void {
    if (nodeUuid === undefined) this.#known.clear()
    else this.#known.delete(nodeUuid)
  }

  close(): void {
    this.#isClosed = true
  }

  async #audit(ctx: RequestContext, node: ComputeNode, isKnownConsumer: (consumerUuid: string) => boolean): Promise<readonly Instance[]> {
    try {
      const isNew = await this.#report(ctx, node)
      const unclaimed = isNew ? [] : await this.#removeLeftovers(ctx, node, isKnownConsumer)
      if (this.#failures.delete(node.uuid)) this.#deps.log.info(`Placement has again what node ${node.hypervisor_hostname} has`)
      return unclaimed
    } catch (err) {
      if (!this.#isClosed) this.#auditFailed(node, err)
      return []
    }
  }

  /** @returns true if the provider was made by this */
  async #report(ctx: RequestContext, node: ComputeNode): Promise<boolean> {
    this.#warnOfStrangers(node)
    const isDisabled = await this.#isDisabled(ctx)
    let isNew = false
    await this.#retried(node.uuid, async () => {
      let provider = this.#remembered(node.uuid) ?? (await this.#read(ctx, node.uuid))
      if (provider === null) {
        provider = await this.#create(ctx, node)
        isNew = true
      }
      const own = nodeInventories(node, this.#options.resources, provider.inventories)
      const additions = additionsOf(this.#configs, node, own)
      const inventories = { ...own, ...additions.inventories }
      if (haveInventoriesChanged(provider.inventories, inventories)) {
        await this.#ensureClasses(ctx, provider.inventories, additions.inventories)
        provider = await this.#putInventories(ctx, provider, inventories)
      }
      const abilities = capabilityTraits(this.#deps.driver, this.#options.section.image_type_exclude_list)
      const traits = new Set([...nodeTraits(provider.traits, abilities, isDisabled), ...additions.traits])
      if (haveTraitsChanged(provider.traits, traits)) await this.#putTraits(ctx, provider.uuid, provider.generation, traits)
    })
    return isNew
  }

  /** Classes that Placement has no inventory of are made first. */
  async #ensureClasses(ctx: RequestContext, stored: Inventories, additional: Inventories): Promise<void> {
    for (const name of Object.keys(additional)) if (!(name in stored)) await this.#deps.placement.ensureResourceClass(ctx, name)
  }

  /** Said once, after each node has had its turn, and again if such a node was there and is gone. */
  #warnOfStrangers(node: ComputeNode): void {
    const hadItsTurn = this.#nodes.has(node.uuid)
    this.#nodes.set(node.uuid, node)
    if (!hadItsTurn) return
    const found = strangers(this.#configs, this.#nodes.values())
    for (const { provider, file } of found)
      if (!this.#strangers.has(provider))
        this.#deps.log.warning(`Provider ${provider} of the provider config file ${file} is no node of this host and is passed over`)
    this.#strangers = new Set(found.map(({ provider }) => provider))
  }

  /** Null: the record is gone, and with it what it said. */
  async #isDisabled(ctx: RequestContext): Promise<boolean | null> {
    try {
      const { disabled } = await this.#deps.stores.services.getByComputeHost(ctx, this.#options.host)
      this.#isServiceGone = false
      return disabled
    } catch (err) {
      if (!isNovaError(err, 'NotFound')) throw err
      if (!this.#isServiceGone) this.#deps.log.error(`There is no service record for nova-compute on ${this.#options.host}`)
      this.#isServiceGone = true
      return null
    }
  }

  /** Again if somebody else changed the provider, or removed it. After any failure it is read anew. */
  async #retried(providerUuid: string, update: () => Promise<void>): Promise<void> {
    for (let left = updateTries; ; left--) {
      try {
        return await update()
      } catch (err) {
        this.#known.delete(providerUuid)
        const isStale = isClientError(err, 'conflict', 'not_found') && err.serviceCode !== 'placement.inventory.inuse'
        if (!isStale || left <= 1) throw err
        this.#deps.log.debug(`Provider ${providerUuid} has changed meanwhile: ${err.message}`)
      }
    }
  }

  #remembered(uuid: string): KnownProvider | null {
    const known = this.#known.get(uuid)
    const refreshSeconds = this.#options.section.resource_provider_association_refresh
    return known !== undefined && isFresh(known, this.#deps.clock.monotonicMs(), refreshSeconds) ? known : null
  }

  async #read(ctx: RequestContext, uuid: string): Promise<KnownProvider | null> {
    const { placement } = this.#deps
    const tree = await placement.listResourceProviders(ctx, { in_tree: uuid })
    if (!tree.some((provider) => provider.uuid === uuid)) return null
    const [inventories, traits] = await Promise.all([placement.getInventories(ctx, uuid), placement.getProviderTraits(ctx, uuid)])
    return this.#remember({
      uuid,
      // The older of both: if something came between, the first update is refused and begins anew.
      generation: Math.min(inventories.resource_provider_generation, traits.resource_provider_generation),
      inventories: inventories.inventories,
      traits: new Set(traits.traits),
      readAt: this.#deps.clock.monotonicMs(),
    })
  }

  async #create(ctx: RequestContext, { uuid, hypervisor_hostname: name }: ComputeNode): Promise<KnownProvider> {
    const { placement, log, clock } = this.#deps
    try {
      const { generation } = await placement.createResourceProvider(ctx, { uuid, name: name ?? uuid })
      log.info(`Created the resource provider of node ${name} with UUID ${uuid}`)
      return this.#remember({ uuid, generation, inventories: {}, traits: new Set(), readAt: clock.monotonicMs() })
    } catch (err) {
      if (!isClientError(err, 'conflict') || !err.detail?.includes('Conflicting resource provider name:')) throw err
      log.error(`Another resource provider than ${uuid} has the name ${name}; it must be deleted first`)
      throw novaError('ResourceProviderCreationFailed', { name }, { cause: err })
    }
  }

  async #putInventories(ctx: RequestContext, provider: KnownProvider, inventories: KnownProvider['inventories']): Promise<KnownProvider> {
    const body = { resource_provider_generation: provider.generation, inventories }
    const stored = await this.#deps.placement.putInventories(ctx, provider.uuid, body)
    return this.#remember({ ...provider, generation: stored.resource_provider_generation, inventories: stored.inventories })
  }

  /** Traits that Placement does not know are made first. */
  async #putTraits(ctx: RequestContext, uuid: string, generation: number, wanted: ReadonlySet<string>): Promise<void> {
    const { placement } = this.#deps
    const traits = [...wanted]
    const existing = new Set(await placement.listTraits(ctx, traits))
    for (const trait of traits) if (!existing.has(trait)) await placement.ensureTrait(ctx, trait)
    const stored = await placement.putProviderTraits(ctx, uuid, { resource_provider_generation: generation, traits })
    const known = this.#known.get(uuid)
    if (known !== undefined) this.#remember({ ...known, generation: stored.resource_provider_generation, traits: new Set(stored.traits) })
  }

  #remember(provider: KnownProvider): KnownProvider {
    this.#known.set(provider.uuid, provider)
    return provider
  }

  /** One request for all consumers on the node, and at most two to the conductor for all that are unknown; a third for moves that failed. */
  async #removeLeftovers(ctx: RequestContext, node: ComputeNode, isKnownConsumer: (uuid: string) => boolean): Promise<Instance[]> {
    const { placement, stores } = this.#deps
    const consumers = Object.keys((await placement.getProviderAllocations(ctx, node.uuid)).allocations)
    const unknown = consumers.filter((uuid) => !isKnownConsumer(uuid))
    const anyCtx = elevated(ctx, { readDeleted: 'yes' })
    const instances = unknown.length === 0 ? [] : await stores.instances.listByFilters(anyCtx, { uuid: unknown }, [])
    const byUuid = new Map(instances.map((instance) => [instance.uuid, instance]))
    const others = unknown.filter((uuid) => !byUuid.has(uuid))
    const migrations = others.length === 0 ? [] : await stores.migrations.listByFilters(anyCtx, { uuid: others })
    const moves = new Map(migrations.map((migration) => [migration.uuid, migration]))
    const before = this.#unknown.get(node.uuid) ?? new Set()
    const moved = await this.#movedBy(anyCtx, migrations)
    for (const uuid of unknown) {
      const move = moves.get(uuid)
      const verdict =
        move === undefined
          ? judgeLeftover(byUuid.get(uuid), node)
          : judgeLeftoverMigration(move, moved.get(move.instance_uuid ?? ''), node, before.has(uuid))
      await this.#settle(ctx, node, uuid, verdict, before.has(uuid))
    }
    this.#unknown.set(node.uuid, new Set(unknown))
    return instances.filter((instance) => !instance.deleted && !instance.host && instance.vm_state === 'building')
  }

  /** The instances of moves that did not succeed; null: deleted. */
  async #movedBy(anyCtx: RequestContext, migrations: readonly Migration[]): Promise<ReadonlyMap<string, Instance | null>> {
    const uuids = migrations.flatMap((move) => (hasSucceeded(move) || move.instance_uuid === null ? [] : [move.instance_uuid]))
    if (uuids.length === 0) return new Map()
    const instances = await this.#deps.stores.instances.listByFilters(anyCtx, { uuid: uuids }, [])
    return new Map(instances.map((instance) => [instance.uuid, instance.deleted ? null : instance]))
  }

  async #settle(ctx: RequestContext, node: ComputeNode, uuid: string, verdict: LeftoverVerdict, wasSeenBefore: boolean): Promise<void> {
    const { log, allocations } = this.#deps
    if (verdict.kind === 'delete') {
      log.debug(`Allocations on node ${node.hypervisor_hostname} that the ${verdict.consumer} ${uuid} has left are removed`)
      await allocations.deleteAllocations(ctx, uuid, { kind: verdict.consumer, force: false }).catch((err) => {
        if (!isNovaError(err, 'AllocationDeleteFailed')) throw err // that one is logged, and left to the next audit
      })
      return
    }
    const message = `Allocations of ${uuid} on node ${node.hypervisor_hostname}, where it is not counted, are left alone: ${verdict.reason}`
    if (verdict.isUsual) log.debug(message)
    else if (!wasSeenBefore) log.warning(message)
  }

  async #removeAllocations(ctx: RequestContext, { uuid, host, hypervisor_hostname: name }: ComputeNode): Promise<void> {
    const { stores, allocations } = this.#deps
    const instances = await stores.instances.listByHostAndNode(ctx, host ?? '', name ?? '', [])
    for (const instance of instances) await allocations.deleteAllocations(ctx, instance.uuid, { force: true })
    // An evacuated instance keeps what it had here until its source comes back, which this one will not.
    const filters = { source_compute: host, status: ['done'], migration_type: 'evacuation' }
    for (const { instance_uuid: evacuated } of await stores.migrations.listByFilters(ctx, filters))
      if (evacuated !== null) await allocations.removeFromProvider(ctx, evacuated, uuid)
  }

  /** One that is in use stays: upstream leaves it to the operator, too. */
  async #delete(ctx: RequestContext, providerUuid: string): Promise<void> {
    try {
      await this.#deps.placement.deleteResourceProvider(ctx, providerUuid)
      this.#deps.log.info(`Deleted resource provider ${providerUuid}`)
    } catch (err) {
      if (isClientError(err, 'not_found')) return
      if (!isClientError(err, 'conflict')) throw err
      this.#deps.log.error(`Resource provider ${providerUuid} cannot be deleted: ${err.message}`)
    }
  }

  /** Said once, until it is over or something else fails. */
  #auditFailed({ uuid, hypervisor_hostname: name }: ComputeNode, err: unknown): void {
    const text = messageOf(err)
    if (this.#failures.get(uuid) === text) return
    this.#failures.set(uuid, text)
    const { log } = this.#deps
    if (isUnusable(err))
      log.warning(`Placement cannot be asked, so it may not know what node ${name} has; each update tries again: ${text}`)
    else
      log.error(
        `Placement could not be told what node ${name} has; each update tries again: ${text}`,
        isClientError(err) || err instanceof NovaError ? {} : { err },
      )
  }
}

/** Placement deletes no provider that has children. */
function childrenFirst(providers: readonly ResourceProvider[]): ResourceProvider[] {
  const parents = new Map(providers.map(({ uuid, parent_provider_uuid }) => [uuid, parent_provider_uuid]))
  const depth = (uuid: string): number => {
    const parent = parents.get(uuid) ?? null
    return parent === null ? 0 : 1 + depth(parent)
  }
  return [...providers].sort((a, b) => depth(b.uuid) - depth(a.uuid))
}
