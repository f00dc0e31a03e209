import { LibvirtLiveMigrateData, type RequestContext } from '@micronova/model'
import type { GuestDevices } from '../driver.js'
import type { LiveMigrateData, LiveMigration, LiveMigrationWishes } from '../live-migration.js'

/** What the fake hypervisor lends. */
export interface FakeGuestMoves {
  spawn(guest: GuestDevices): Promise<void>
  destroy(ctx: RequestContext, guest: GuestDevices): Promise<void>
}

/**
 * Live migration of a guest that is an entry of a map: it takes no time, and disks are said to be shared. The data are upstream's.
 *
 * @see nova 26.2.2, `virt/fake.py`, `check_can_live_migrate_destination`
 */
export function fakeLiveMigration({ spawn, destroy }: FakeGuestMoves): LiveMigration {
  return {
    checkDestination: async (_ctx, _instance, wishes) => destinationData(wishes),
    checkSource: async (_ctx, _guest, data) => data,
    diskInfo: async () => null,
    prepareDestination: async (_ctx, _guest, _disk, data) => data,
    migrate: async () => 'completed',
    forceComplete: async () => {},
    abort: async () => {},
    leaveSource: destroy,
    arrive: (_ctx, guest) => spawn(guest),
    rollbackSource: async () => {},
    rollbackDestination: async () => {},
  }
}

function destinationData({ blockMigration, diskOverCommit }: LiveMigrationWishes): LiveMigrateData {
  return new LibvirtLiveMigrateData({
    filename: 'fake',
    image_type: 'default',
    graphics_listen_addr_vnc: '127.0.0.1',
    graphics_listen_addr_spice: '127.0.0.1',
    serial_listen_addr: null,
    ...(blockMigration === null ? {} : { block_migration: blockMigration }),
    ...(diskOverCommit === null ? {} : { disk_over_commit: diskOverCommit }),
    disk_available_mb: 100_000,
    is_shared_block_storage: true,
    is_shared_instance_path: true,
  })
}
