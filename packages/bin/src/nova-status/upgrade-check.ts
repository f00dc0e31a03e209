import type { CinderClient, ClientsSettings, PlacementClient } from '@micronova/clients'
import type { CellMapping } from '@micronova/model'

/** How ready a deployment is; the number is the exit status, and that of the whole is the highest of all checks. */
export const verdict = { success: 0, warning: 1, failure: 2 } as const
export type Verdict = (typeof verdict)[keyof typeof verdict]

export interface UpgradeCheckResult {
  readonly result: Verdict
  /** What was found, and what to do about it. */
  readonly details: string | null
}

/** What the checks ask of the deployment. Nothing is opened before it is asked for. */
export interface Deployment {
  cellMappings(): Promise<readonly CellMapping[]>
  hostMappings(): Promise<number>
  /** Of the database of `[database] connection`. */
  computeNodes(): Promise<number>
  /** Lowest service version of nova-compute in a cell; 0: it has none. */
  lowestCompute(cell: CellMapping): Promise<number>
  instancesWithoutMachineType(cell: CellMapping): Promise<number>
  /** null: not configured. */
  readonly placement: Pick<PlacementClient, 'maxMicroversion'> | null
  /** null: not configured. */
  readonly cinder: { isMicroversionSupported(microversion: string): ReturnType<CinderClient['isMicroversionSupported']> } | null
  /** The policy file that a service would read; null: there is none. */
  policyFile(): string | null
  readonly serviceUser: Pick<ClientsSettings['serviceUser'], 'isSent'>
}

/** One line of the report. A check that throws ends the command with the status of an unexpected error. */
export interface UpgradeCheck {
  /** As Zed's nova-status has it: tools look for it. */
  readonly name: string
  run(deployment: Deployment): Promise<UpgradeCheckResult>
}

export const success: UpgradeCheckResult = { result: verdict.success, details: null }

export function failure(details: string): UpgradeCheckResult {
  return { result: verdict.failure, details }
}

export function warning(details: string): UpgradeCheckResult {
  return { result: verdict.warning, details }
}
