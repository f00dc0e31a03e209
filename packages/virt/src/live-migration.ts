import type { Instance, LibvirtLiveMigrateData, RequestContext } from '@micronova/model'
import type { GuestDevices } from './driver.js'

/** What the two hosts of a live migration tell each other; the conductor adds the bindings of the ports. */
export type LiveMigrateData = LibvirtLiveMigrateData

/** What the user asked for; null: the driver decides. */
export interface LiveMigrationWishes {
  /** Copy the disks too, because they are not shared. */
  readonly blockMigration: boolean | null
  /** Do not look whether the disks would fit if they grew to their full size. */
  readonly diskOverCommit: boolean | null
}

/** The guest runs at the destination, or the migration was aborted and it runs where it was. */
export type LiveMigrationEnd = 'completed' | 'cancelled'

/**
 * A guest moves while it runs. In the order of the calls; `[S]` at the source, `[D]` at the destination:
 *
 *     checkDestination [D], checkSource [S]     nothing is made
 *     prepareDestination [D]                    interfaces plugged, volumes connected
 *     migrate [S]                               forceComplete, abort [S] meanwhile
 *     leaveSource [S], arrive [D]               or, if it did not come to that: rollbackSource [S], rollbackDestination [D]
 */
export interface LiveMigration {
  /** @throws NovaError `MigrationPreCheckError` and its like: this host cannot have the guest */
  checkDestination(ctx: RequestContext, instance: Instance, wishes: LiveMigrationWishes): Promise<LiveMigrateData>
  /** @returns what the destination said, with what the source adds */
  checkSource(ctx: RequestContext, guest: Omit<GuestDevices, 'network'>, data: LiveMigrateData): Promise<LiveMigrateData>
  /** What `prepareDestination` must know of the disks of a block migration; goes over the wire as it is. */
  diskInfo(guest: Omit<GuestDevices, 'network'>): Promise<unknown>
  prepareDestination(ctx: RequestContext, guest: GuestDevices, disk: unknown, data: LiveMigrateData): Promise<LiveMigrateData>
  /** Resolves when the guest runs at `destination`, or runs here again because it was aborted. */
  migrate(
    ctx: RequestContext,
    guest: GuestDevices,
    destination: string,
    data: LiveMigrateData,
    signal: AbortSignal,
  ): Promise<LiveMigrationEnd>
  forceComplete(instance: Instance): Promise<void>
  abort(instance: Instance): Promise<void>
  /** The guest is gone from here: remove what it leaves, its interfaces (`guest.network`) unplugged. Nothing there is fine. */
  leaveSource(ctx: RequestContext, guest: GuestDevices, data: LiveMigrateData): Promise<void>
  /** The guest is here. */
  arrive(ctx: RequestContext, guest: GuestDevices): Promise<void>
  rollbackSource(ctx: RequestContext, instance: Instance, data: LiveMigrateData): Promise<void>
  /** Remove what was prepared. Nothing there is fine. */
  rollbackDestination(ctx: RequestContext, guest: GuestDevices, options: { readonly destroyDisks: boolean }): Promise<void>
}
