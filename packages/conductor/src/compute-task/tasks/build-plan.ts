import type {
  BlockDeviceMappingList,
  BuildRequest,
  CellMapping,
  Instance,
  InstanceMapping,
  NetworkRequestList,
  RequestSpec,
  Selection,
  TagList,
} from '@micronova/model'
import type { CellScope } from '../compute-task-deps.js'

/** What the API asks for: instances that are alike but for their names. */
export interface BuildOrder {
  readonly buildRequests: readonly BuildRequest[]
  /** One for each build request, in the same order. */
  readonly requestSpecs: readonly RequestSpec[]
  /** Its properties, as Glance has them. */
  readonly image: Readonly<Record<string, unknown>>
  readonly adminPassword: string | null
  readonly injectedFiles: readonly unknown[]
  readonly requestedNetworks: NetworkRequestList | null
  readonly blockDeviceMapping: BlockDeviceMappingList | null
  readonly tags: TagList | null
}

/** One instance of an order, once it has a host. */
export interface PlannedBuild {
  readonly buildRequest: BuildRequest
  readonly requestSpec: RequestSpec
  readonly instance: Instance
  readonly mapping: InstanceMapping | undefined
  readonly host: Selection
  readonly alternates: readonly Selection[]
  readonly cell: CellMapping
  readonly scope: CellScope
}
