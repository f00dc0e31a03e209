import type { Clock } from '@micronova/lifecycle'
import type {
  BlockDeviceMapping,
  ComputeNode,
  ConsoleAuthToken,
  Instance,
  InstanceFault,
  Migration,
  PciDevice,
  Service,
  TaskLog,
  VirtualInterface,
  VolumeUsage,
} from '@micronova/model'
import { Rows } from './rows.js'

/** An event of an action, as the database keeps it. */
export interface ActionEventRow {
  readonly event: string
  readonly host: string
  readonly startTime: Date
  finishTime: Date | null
  result: 'Success' | 'Error' | null
  traceback: string | null
}

export interface ActionRow {
  readonly requestId: string
  readonly instanceUuid: string
  readonly action: string
  /** Of the last event that failed. */
  message: string | null
  readonly events: ActionEventRow[]
}

/** What FakeStores hold. An instance row has its info cache and its other satellites in it. */
export class Tables {
  readonly services: Rows<Service>
  readonly computeNodes: Rows<ComputeNode>
  readonly instances: Rows<Instance>
  readonly blockDeviceMappings: Rows<BlockDeviceMapping>
  readonly actions: ActionRow[] = []
  readonly faults: Rows<InstanceFault>
  readonly migrations: Rows<Migration>
  readonly virtualInterfaces: Rows<VirtualInterface>
  readonly pciDevices: Rows<PciDevice>
  readonly consoleAuthTokens: Rows<ConsoleAuthToken>
  readonly volumeUsages: Rows<VolumeUsage>
  readonly taskLogs: Rows<TaskLog>

  constructor(clock: Clock) {
    this.services = new Rows(clock, ['availability_zone'])
    this.computeNodes = new Rows(clock)
    this.instances = new Rows(clock, ['metadata'])
    this.blockDeviceMappings = new Rows(clock)
    this.faults = new Rows(clock)
    this.migrations = new Rows(clock)
    this.virtualInterfaces = new Rows(clock)
    this.pciDevices = new Rows(clock)
    this.consoleAuthTokens = new Rows(clock)
    this.volumeUsages = new Rows(clock)
    this.taskLogs = new Rows(clock)
  }
}
