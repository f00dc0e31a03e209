import { elevated, type Flavor, type Instance, Migration, type RequestContext, type Stores } from '@micronova/model'
import type { Semaphore } from '../semaphore.js'
import type { Claim, ClaimLimits } from './index.js'
import { applyMigrationContext, dropMigrationContext, newMigrationContext } from './migration-context.js'
import { heldFlavor } from './moving-usage.js'
import type { TrackedNode } from './tracked-node.js'
import { usageOf } from './usage.js'

/** A guest that is to come to this node, or to change its size on it. */
export interface MoveClaimRequest {
  readonly instance: Instance
  readonly node: string
  /** The conductor's record of the move; null: one is made. */
  readonly migration: Migration | null
  readonly limits: ClaimLimits
}

/**
 * Resources of this node that are held for a move, beside what the instance has where it is. The instance has a migration
 * context, and the migration names this node as its destination; both are stored.
 */
export interface MoveClaim extends Claim {
  readonly migration: Migration
  /** The move failed here: give the resources back and drop the migration context. Idempotent. */
  abort(ctx: RequestContext): Promise<void>
}

/** The resource tracker's side of resizes, migrations and evacuations. */
export interface MoveClaims {
  /**
   * Called on the destination of a resize or cold migration before anything is made there. For another size
   * `instance.new_flavor` is set.
   *
   * @throws NovaError `ComputeResourcesUnavailable`
   */
  resizeClaim(ctx: RequestContext, request: MoveClaimRequest & { readonly flavor: Flavor }): Promise<MoveClaim>
  /** The same on the destination of an evacuation. */
  rebuildClaim(ctx: RequestContext, request: MoveClaimRequest): Promise<MoveClaim>
  /** The same on the destination of a live migration. */
  liveMigrationClaim(ctx: RequestContext, request: MoveClaimRequest & { readonly migration: Migration }): Promise<MoveClaim>
  /**
   * What was held on `node` for one end of a move is free: after a live migration that failed. An instance of which
   * nothing is held is fine.
   */
  dropMoveClaim(ctx: RequestContext, instance: Instance, node: string, flavor: Flavor): Promise<void>
  /** The resize is confirmed: the migration becomes `confirmed`, the old flavor is free here, the migration context dropped. */
  dropMoveClaimAtSource(ctx: RequestContext, instance: Instance, migration: Migration): Promise<void>
  /**
   * The resize is reverted: the migration becomes `reverted`, the new flavor is free here, and the instance has again
   * what it had on its source. Saved if its task state is `resize_reverting`.
   */
  dropMoveClaimAtDestination(ctx: RequestContext, instance: Instance, migration: Migration): Promise<void>
  /**
   * The guest is rebuilt and belongs to this host now: saved with the caller's other changes, the migration context dropped,
   * the migration `done`. Also called after a rebuild in place, which has neither.
   */
  finishEvacuation(ctx: RequestContext, instance: Instance, node: string, migration: Migration | null): Promise<void>
}

/** What the tracker lends. */
export interface MoveClaimsDeps {
  readonly stores: Pick<Stores, 'instances' | 'migrations'>
  /** Held by everything that changes a count. */
  readonly alone: Semaphore
  /** Address of this host in the migration. */
  destinationAddress(): Promise<string>
  node(name: string): TrackedNode | undefined
  /** @throws NovaError `ComputeResourcesUnavailable` */
  grant(ctx: RequestContext, instance: Instance, node: string, flavor: Flavor): TrackedNode
  write(ctx: RequestContext, node: TrackedNode): Promise<void>
}

type MoveType = 'evacuation' | 'live-migration' | null

/** @see nova 26.2.2, `compute/resource_tracker.py`, `_move_claim` and what drops it */
export class HostMoveClaims implements MoveClaims {
  readonly #deps: MoveClaimsDeps
  readonly #host: string

  constructor(deps: MoveClaimsDeps, { host }: { readonly host: string }) {
    this.#deps = deps
    this.#host = host
  }

  resizeClaim(ctx: RequestContext, { flavor, ...request }: MoveClaimRequest & { readonly flavor: Flavor }): Promise<MoveClaim> {
    return this.#claim(ctx, request, flavor, null)
  }

  rebuildClaim(ctx: RequestContext, request: MoveClaimRequest): Promise<MoveClaim> {
    return this.#claim(ctx, request, request.instance.flavor, 'evacuation')
  }

  liveMigrationClaim(ctx: RequestContext, request: MoveClaimRequest): Promise<MoveClaim> {
    return this.#claim(ctx, request, request.instance.flavor, 'live-migration')
  }

  dropMoveClaim(ctx: RequestContext, instance: Instance, node: string, flavor: Flavor): Promise<void> {
    return this.#deps.alone.run(() => this.#drop(ctx, instance, node, flavor))
  }

  dropMoveClaimAtSource(ctx: RequestContext, instance: Instance, migration: Migration): Promise<void> {
    return this.#deps.alone.run(async () => {
      await this.#setStatus(ctx, migration, 'confirmed')
      await this.#drop(ctx, instance, migration.source_node, instance.old_flavor)
      await dropMigrationContext(this.#deps.stores, ctx, instance)
    })
  }

  dropMoveClaimAtDestination(ctx: RequestContext, instance: Instance, migration: Migration): Promise<void> {
    const { stores, alone } = this.#deps
    return alone.run(async () => {
      await this.#setStatus(ctx, migration, 'reverted')
      await this.#drop(ctx, instance, migration.dest_node, instance.new_flavor)
      applyMigrationContext(instance, 'old')
      await stores.instances.save(ctx, instance, { expectedTaskState: ['resize_reverting'] })
    })
  }

  finishEvacuation(ctx: RequestContext, instance: Instance, node: string, migration: Migration | null): Promise<void> {
    const { stores, alone } = this.#deps
    return alone.run(async () => {
      applyMigrationContext(instance, 'new')
      instance.host = this.#host
      instance.node = node
      await stores.instances.save(ctx, instance)
      await dropMigrationContext(stores, ctx, instance)
      // Last: until then the start of the source takes the guest for one that is still being moved.
      if (migration !== null) await this.#setStatus(ctx, migration, 'done')
    })
  }

  #claim(ctx: RequestContext, request: MoveClaimRequest, flavor: Flavor, type: MoveType): Promise<MoveClaim> {
    const { stores, alone, grant, write } = this.#deps
    const { instance } = request
    return alone.run(async () => {
      const node = grant(ctx, instance, request.node, flavor)
      const migration = await this.#bindMigration(ctx, request, flavor, type)
      instance.migration_context = await newMigrationContext(stores, ctx, instance, migration)
      await stores.instances.save(ctx, instance)
      await node.volumeBacked.learn(ctx, [instance])
      const held = heldFlavor(migration, instance, { host: this.#host, node: node.name, hasGuest: node.account.has(instance.uuid) })
      if (held !== null) node.account.holdForMove(instance.uuid, usageOf(held, node.volumeBacked.has(instance.uuid)))
      try {
        await write(ctx, node)
      } catch (err) {
        if (held !== null) node.account.dropMove(instance.uuid, usageOf(held, node.volumeBacked.has(instance.uuid)))
        throw err
      }
      return this.#ticket(instance, migration, node.name, flavor)
    })
  }

  #ticket(instance: Instance, migration: Migration, node: string, flavor: Flavor): MoveClaim {
    let isHeld = true
    return {
      migration,
      abort: (ctx) =>
        this.#deps.alone.run(async () => {
          if (!isHeld) return
          await this.#drop(ctx, instance, node, flavor)
          await dropMigrationContext(this.#deps.stores, ctx, instance)
          isHeld = false
        }),
    }
  }

  /** From here on an audit counts the move, so this is done while nothing else is counted. */
  async #bindMigration(ctx: RequestContext, { migration: given, node, instance }: MoveClaimRequest, flavor: Flavor, type: MoveType) {
    const { stores, destinationAddress } = this.#deps
    const migration = given ?? newMigration(instance, flavor, type)
    migration.dest_compute = this.#host
    migration.dest_node = node
    migration.dest_host = await destinationAddress()
    // Live migrations have states of their own, which the conductor and the source keep.
    if (migration.migration_type !== 'live-migration') migration.status = 'pre-migrating'
    if (given === null) await stores.migrations.create(elevated(ctx), migration)
    else await stores.migrations.save(ctx, migration)
    return migration
  }

  async #setStatus(ctx: RequestContext, migration: Migration, status: string): Promise<void> {
    migration.status = status
    await this.#deps.stores.migrations.save(ctx, migration)
  }

  /** A flavor may be gone from the instance where another process has confirmed meanwhile: then there is nothing to count. */
  async #drop(ctx: RequestContext, instance: Instance, nodeName: string | null, flavor: Flavor | null): Promise<void> {
    const node = this.#deps.node(nodeName ?? '')
    if (node === undefined) return
    node.account.dropMove(instance.uuid, flavor === null ? null : usageOf(flavor, node.volumeBacked.has(instance.uuid)))
    await this.#deps.write(ctx, node)
  }
}

function newMigration(instance: Instance, flavor: Flavor, type: MoveType): Migration {
  return new Migration({
    instance_uuid: instance.uuid,
    source_compute: instance.host,
    source_node: instance.node,
    old_instance_type_id: instance.flavor.id,
    new_instance_type_id: flavor.id,
    migration_type: type ?? (instance.flavor.id === flavor.id ? 'migration' : 'resize'),
    status: 'pre-migrating',
  })
}
