import type { Clock, Random } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import { type CellStores, novaRegistry } from '@micronova/model'
import type { ObjectRegistry } from '@micronova/versionedobjects'
import type { Database } from '../database.js'
import { DatabaseBlockDeviceMappingStore } from './block-device-mappings.js'
import { type AllocationRatios, DatabaseComputeNodeStore } from './compute-nodes.js'
import { DatabaseConsoleAuthTokenStore } from './console-auth-tokens.js'
import { DatabaseHostSurveyStore } from './host-survey.js'
import { DatabaseInfoCacheStore } from './info-caches.js'
import { DatabaseInstanceActionStore } from './instance-actions.js'
import { DatabaseInstanceFaultStore } from './instance-faults.js'
import { DatabaseInstanceRecordStore } from './instance-records.js'
import { DatabaseInstanceStore } from './instances/instance-store.js'
import { DatabaseMigrationStore } from './migrations.js'
import { DatabasePciDeviceStore } from './pci-devices.js'
import { DatabaseServiceStore } from './services.js'
import { DatabaseTagStore } from './tags.js'
import { DatabaseTaskLogStore } from './task-logs.js'
import { DatabaseVirtualInterfaceStore } from './virtual-interfaces.js'
import { DatabaseVolumeUsageStore } from './volume-usages.js'

export interface StoresDeps {
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** Default: one with all of Nova's objects. */
  readonly registry?: ObjectRegistry
}

export interface StoresOptions {
  /** `[DEFAULT] initial_cpu_allocation_ratio` and its like. */
  readonly initialAllocationRatios?: AllocationRatios
}

/** The stores of a cell database, with the look-ups that only a service beside the database needs. */
export interface DatabaseStores extends CellStores {
  readonly services: DatabaseServiceStore
  readonly computeNodes: DatabaseComputeNodeStore
  readonly instances: DatabaseInstanceStore
  readonly blockDeviceMappings: DatabaseBlockDeviceMappingStore
  readonly actions: DatabaseInstanceActionStore
  readonly faults: DatabaseInstanceFaultStore
  readonly migrations: DatabaseMigrationStore
  readonly virtualInterfaces: DatabaseVirtualInterfaceStore
  readonly consoleAuthTokens: DatabaseConsoleAuthTokenStore
}

/** Stores over `database`, whose schema must be there (`migrate`). They keep nothing in memory: several processes may share it. */
export function createStores(database: Database, deps: StoresDeps, options: StoresOptions = {}): DatabaseStores {
  const storeDeps = { database, ...deps, registry: deps.registry ?? novaRegistry() }
  const { initialAllocationRatios = { cpu: 16, ram: 1.5, disk: 1 } } = options
  const computeNodes = new DatabaseComputeNodeStore(storeDeps, initialAllocationRatios)
  return {
    services: new DatabaseServiceStore(storeDeps),
    computeNodes,
    instances: new DatabaseInstanceStore(storeDeps),
    infoCaches: new DatabaseInfoCacheStore(storeDeps),
    blockDeviceMappings: new DatabaseBlockDeviceMappingStore(storeDeps),
    actions: new DatabaseInstanceActionStore(storeDeps),
    faults: new DatabaseInstanceFaultStore(storeDeps),
    migrations: new DatabaseMigrationStore(storeDeps),
    virtualInterfaces: new DatabaseVirtualInterfaceStore(storeDeps),
    pciDevices: new DatabasePciDeviceStore(storeDeps),
    tags: new DatabaseTagStore(storeDeps),
    taskLogs: new DatabaseTaskLogStore(storeDeps),
    hostSurvey: new DatabaseHostSurveyStore(storeDeps, computeNodes),
    instanceRecords: new DatabaseInstanceRecordStore(storeDeps),
    consoleAuthTokens: new DatabaseConsoleAuthTokenStore(storeDeps),
    volumeUsages: new DatabaseVolumeUsageStore(storeDeps),
  }
}
