import {
  type BlockDeviceMapping,
  type BlockDeviceMappingList,
  type Instance,
  type NetworkRequestList,
  novaError,
  type RequestSpec,
  type Selection,
} from '@micronova/model'
import type { InjectedFile } from '@micronova/virt'
import type { NetworkRequests } from '../network/network-api.js'
import { providerMappingsOf } from '../network/provider-mappings.js'
import type { WireArguments } from '../operation.js'
import type { ClaimLimits } from '../resource-tracker/index.js'

type Dict = Readonly<Record<string, unknown>>

/** How often the build was tried, and where; the conductor's own words, which go back to it as they are. */
export interface Retry {
  readonly num_attempts?: number
  readonly hosts?: readonly unknown[]
  readonly [key: string]: unknown
}

/** The arguments of `build_and_run_instance`. What only goes back to the conductor stays as it came. */
export interface BuildRequest {
  readonly instance: Instance
  readonly image: Dict
  readonly requestSpec: RequestSpec | null
  readonly filterProperties: Dict & { readonly retry?: Retry | null }
  readonly adminPassword: string | null
  readonly injectedFiles: readonly (readonly [path: string, base64: string])[]
  readonly networks: NetworkRequests
  readonly blockDevices: readonly BlockDeviceMapping[]
  readonly blockDeviceList: BlockDeviceMappingList | null
  /** Null: the driver's only node. */
  readonly node: string | null
  readonly limits: ClaimLimits
  /** Hosts to try after this one. */
  readonly hostList: readonly Selection[] | null
}

export function decodeBuildRequest(args: WireArguments): BuildRequest {
  const blockDeviceList = args.block_device_mapping as BlockDeviceMappingList | null
  return {
    instance: args.instance as Instance,
    image: (args.image ?? {}) as Dict,
    requestSpec: args.request_spec as RequestSpec | null,
    filterProperties: (args.filter_properties ?? {}) as BuildRequest['filterProperties'],
    adminPassword: args.admin_password as string | null,
    injectedFiles: (args.injected_files ?? []) as BuildRequest['injectedFiles'],
    networks: {
      networks: args.requested_networks as NetworkRequestList | null,
      securityGroups: (args.security_groups ?? []) as readonly string[],
      providerMappings: providerMappingsOf(args.request_spec as RequestSpec | null),
    },
    blockDevices: blockDeviceList?.objects ?? [],
    blockDeviceList,
    node: args.node as string | null,
    limits: (args.limits ?? {}) as ClaimLimits,
    hostList: args.host_list as readonly Selection[] | null,
  }
}

/** @throws NovaError `Base64Exception` */
export function decodeInjectedFiles(files: BuildRequest['injectedFiles']): InjectedFile[] {
  return files.map(([path, base64]) => ({ path, content: decodeBase64(path, base64) }))
}

function decodeBase64(path: string, base64: string): Buffer {
  const text = base64.replace(/\s/g, '')
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw novaError('Base64Exception', { path })
  return Buffer.from(text, 'base64')
}
