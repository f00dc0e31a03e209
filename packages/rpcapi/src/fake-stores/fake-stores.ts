import type { Clock, Random } from '@micronova/lifecycle'
import type { Stores } from '@micronova/model'
import { FakeComputeNodes, FakeServices } from './hosts.js'
import { FakeInstanceActions } from './instance-actions.js'
import { FakeInstances } from './instances.js'
import {
  FakeBlockDeviceMappings,
  FakeConsoleAuthTokens,
  FakeInfoCaches,
  FakeInstanceFaults,
  FakeMigrations,
  FakePciDevices,
  FakeTaskLogs,
  FakeVirtualInterfaces,
  FakeVolumeUsages,
} from './satellites.js'
import { Tables } from './tables.js'

/**
 * Stores in memory, for tests: they keep the rules of `Stores` and answer at once. Nothing is shared between two of them.
 * `tables` is what a test may look into or fill beside the stores.
 */
export class FakeStores implements Stores {
  readonly tables: Tables
  readonly services: FakeServices
  readonly computeNodes: FakeComputeNodes
  readonly instances: FakeInstances
  readonly infoCaches: FakeInfoCaches
  readonly blockDeviceMappings: FakeBlockDeviceMappings
  readonly actions: FakeInstanceActions
  readonly faults: FakeInstanceFaults
  readonly migrations: FakeMigrations
  readonly virtualInterfaces: FakeVirtualInterfaces
  readonly pciDevices: FakePciDevices
  readonly consoleAuthTokens: FakeConsoleAuthTokens
  readonly volumeUsages: FakeVolumeUsages
  readonly taskLogs: FakeTaskLogs

  constructor(deps: { readonly clock: Clock; readonly random: Random }) {
    this.tables = new Tables(deps.clock)
    this.services = new FakeServices(this.tables, deps)
    this.computeNodes = new FakeComputeNodes(this.tables, deps)
    this.instances = new FakeInstances(this.tables, deps)
    this.infoCaches = new FakeInfoCaches(this.tables)
    this.blockDeviceMappings = new FakeBlockDeviceMappings(this.tables, deps)
    this.actions = new FakeInstanceActions(this.tables, deps)
    this.faults = new FakeInstanceFaults(this.tables)
    this.migrations = new FakeMigrations(this.tables, deps)
    this.virtualInterfaces = new FakeVirtualInterfaces(this.tables)
    this.pciDevices = new FakePciDevices(this.tables)
    this.consoleAuthTokens = new FakeConsoleAuthTokens(this.tables, deps)
    this.volumeUsages = new FakeVolumeUsages(this.tables)
    this.taskLogs = new FakeTaskLogs(this.tables)
  }
}
