import type { Step } from '@micronova/lifecycle'
import type { RequestContext } from '@micronova/model'
import type { NetworkInfo } from '@micronova/virt'
import type { NetworkAllocation } from '../network/network-api.js'
import type { ComputeParts } from '../parts.js'
import type { Claim } from '../resource-tracker/index.js'
import type { BuildRequest } from './request.js'

/** What the steps of one build hand on to each other. */
export interface BuildState {
  readonly parts: ComputeParts
  readonly ctx: RequestContext
  readonly request: BuildRequest
  readonly node: string
  claim: Claim | null
  allocation: NetworkAllocation | null
  network: NetworkInfo
  /** `spawn` has returned. */
  guestRan: boolean
}

export type BuildStep = Step<BuildState>
