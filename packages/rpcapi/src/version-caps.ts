import { novaError } from '@micronova/model'
import type { RpcContract } from './contract.js'

/**
 * The version cap that an option of `[upgrade_levels]` asks for: a release name of the contract, or a version as it stands.
 * `undefined`: no cap.
 */
export function versionCap(contract: Pick<RpcContract, 'aliases'>, level: string | null): string | undefined {
  return level === null ? undefined : (contract.aliases[level] ?? level)
}

/** The service version of this project's nova-compute and nova-conductor; Zed's. */
export const SERVICE_VERSION = 64

/** Each compute RPC version and the service version that brought it. @see nova 26.2.2, `objects/service.py` */
const computeRpcSince: readonly (readonly [rpc: string, serviceVersion: number])[] = [
  ['4.0', 0],
  ['4.4', 1],
  ['4.5', 2],
  ['4.6', 3],
  ['4.7', 5],
  ['4.8', 6],
  ['4.9', 7],
  ['4.10', 8],
  ['4.11', 9],
  ['4.12', 11],
  ['4.13', 13],
  ['4.14', 18],
  ['4.15', 19],
  ['4.16', 20],
  ['4.17', 21],
  ['4.18', 23],
  ['4.19', 26],
  ['4.20', 27],
  ['4.21', 28],
  ['4.22', 29],
  ['5.0', 30],
  ['5.1', 37],
  ['5.2', 39],
  ['5.3', 40],
  ['5.4', 41],
  ['5.5', 42],
  ['5.6', 43],
  ['5.7', 44],
  ['5.8', 45],
  ['5.9', 46],
  ['5.10', 47],
  ['5.11', 50],
  ['5.12', 53],
  ['5.13', 54],
  ['6.0', 56],
  ['6.1', 64],
]

/**
 * The cap for `[upgrade_levels] compute = auto`: what the oldest nova-compute understands.
 *
 * @param minimumServiceVersion of all nova-compute services; 0 while there is none, then there is no reason for a cap below our own
 * @throws NovaError `ServiceTooOld` if every compute is newer than this program
 */
export function automaticComputeCap(minimumServiceVersion: number): string {
  if (minimumServiceVersion > SERVICE_VERSION) throw novaError('ServiceTooOld', { thisver: SERVICE_VERSION, minver: minimumServiceVersion })
  const wanted = minimumServiceVersion === 0 ? SERVICE_VERSION : minimumServiceVersion
  const [rpc] = computeRpcSince.findLast(([, since]) => since <= wanted)!
  return rpc
}
