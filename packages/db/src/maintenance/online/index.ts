import { availabilityZones } from './availability-zones.js'
import { emptyRatios } from './empty-ratios.js'
import { mappingUsers, queuedForDelete } from './instance-mappings.js'
import type { OnlineMigration } from './online-migration.js'
import { quotaClasses, quotaLimits } from './quotas.js'
import { blockDeviceUuids, migrationUuids, pciDeviceUuids } from './uuids.js'
import { interfaceRecords } from './virtual-interfaces.js'

/** All that Zed knows, oldest first. @see nova 26.2.2, `cmd/manage.py`, `online_migrations` */
export const onlineMigrations: readonly OnlineMigration[] = [
  quotaLimits,
  quotaClasses,
  migrationUuids,
  blockDeviceUuids,
  availabilityZones,
  queuedForDelete,
  emptyRatios,
  interfaceRecords,
  mappingUsers,
  pciDeviceUuids,
]
