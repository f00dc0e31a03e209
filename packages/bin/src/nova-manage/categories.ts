import { apiDbSync } from './api-db/sync.js'
import { apiDbVersion } from './api-db/version.js'
import { createCell } from './cell-v2/create-cell.js'
import { deleteCell } from './cell-v2/delete-cell.js'
import { deleteHost } from './cell-v2/delete-host.js'
import { discoverHosts } from './cell-v2/discover-hosts.js'
import { listCells } from './cell-v2/list-cells.js'
import { listHosts } from './cell-v2/list-hosts.js'
import { mapCellAndHosts } from './cell-v2/map-cell-and-hosts.js'
import { mapCell0 } from './cell-v2/map-cell0.js'
import { mapInstances } from './cell-v2/map-instances.js'
import { simpleCellSetup } from './cell-v2/simple-cell-setup.js'
import { updateCell } from './cell-v2/update-cell.js'
import { verifyInstance } from './cell-v2/verify-instance.js'
import type { Category, MissingCommand } from './command.js'
import { dbArchiveDeletedRows } from './db/archive-deleted-rows.js'
import { dbOnlineDataMigrations } from './db/online-data-migrations.js'
import { dbPurge } from './db/purge.js'
import { dbSync } from './db/sync.js'
import { dbVersion } from './db/version.js'
import { imagePropertySet } from './image-property/set.js'
import { imagePropertyShow } from './image-property/show.js'
import { placementAudit } from './placement/audit.js'
import { placementSyncAggregates } from './placement/sync-aggregates.js'
import { serviceDelete } from './service/delete.js'
import { serviceList } from './service/list.js'
import { volumeAttachmentShow } from './volume-attachment/show.js'

const missing = (name: string, instead: string): MissingCommand => ({ name, missing: true, instead })

/** Every command: Nova's, those of older releases that are kept, and the names of what is not there. */
export const categories: readonly Category[] = [
  {
    name: 'api_db',
    summary: 'the API database',
    commands: [apiDbSync, apiDbVersion],
  },
  {
    name: 'cell_v2',
    summary: 'cells, and what is in them',
    commands: [
      createCell,
      deleteCell,
      deleteHost,
      discoverHosts,
      listCells,
      listHosts,
      mapCell0,
      mapCellAndHosts,
      mapInstances,
      simpleCellSetup,
      updateCell,
      verifyInstance,
    ],
  },
  {
    name: 'db',
    summary: 'the cell databases',
    commands: [dbArchiveDeletedRows, dbOnlineDataMigrations, dbPurge, dbSync, dbVersion],
  },
  {
    name: 'libvirt',
    summary: 'machine types of guests',
    commands: ['get_machine_type', 'list_unset_machine_type', 'update_machine_type'].map((name) =>
      missing(name, "there is no driver for libvirt; Python's nova-manage does it for the computes that have one"),
    ),
  },
  {
    name: 'placement',
    summary: 'resource providers and allocations',
    commands: [placementAudit, missing('heal_allocations', "use Python's nova-manage"), placementSyncAggregates],
  },
  {
    name: 'volume_attachment',
    summary: 'volumes of instances',
    commands: [
      missing('get_connector', "os-brick knows the connector of a host; use Python's nova-manage there"),
      missing('refresh', "use Python's nova-manage"),
      volumeAttachmentShow,
    ],
  },
  {
    name: 'image_property',
    summary: 'image properties of instances',
    commands: [imagePropertySet, imagePropertyShow],
  },
  {
    name: 'service',
    summary: 'services of all cells',
    commands: [serviceDelete, serviceList],
  },
]
