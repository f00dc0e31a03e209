import type { Serializer, Transport } from '@micronova/messaging'
import type { RequestContext } from '@micronova/model'
import type { RpcContract } from './contract.js'
import { baseContract } from './contracts/base.js'
import { computeContract } from './contracts/compute.js'
import { computeTaskContract } from './contracts/compute-task.js'
import { conductorContract } from './contracts/conductor.js'
import { schedulerContract } from './contracts/scheduler.js'
import { createStubs, type Stubs, type StubTimeouts } from './stubs.js'
import { versionCap } from './version-caps.js'

/** The indirection API of nova-conductor. */
export type ConductorApi = Stubs<typeof conductorContract>
/** Orchestration by nova-conductor. */
export type ComputeTaskApi = Stubs<typeof computeTaskContract>
/** Operations of nova-compute, each sent to the host that it concerns. */
export type ComputeApi = Stubs<typeof computeContract>
export type SchedulerApi = Stubs<typeof schedulerContract>
/** What every service answers. */
export type BaseApi = Stubs<ReturnType<typeof baseContract>>

export interface ApiOptions extends StubTimeouts {
  /** The API's option of `[upgrade_levels]`: a release, a version, or null for no cap. Default null. */
  readonly upgradeLevel?: string | null
}

export interface ApiDeps {
  readonly transport: Pick<Transport, 'client'>
  /** `createNovaSerializer`; for `createBaseApi` the one without objects will do. */
  readonly serializer: Serializer<RequestContext>
}

export function createConductorApi(deps: ApiDeps, options: ApiOptions = {}): ConductorApi {
  return createApi(conductorContract, deps, options)
}

/** Upstream knows no cap for it: `upgradeLevel` is for tests of older forms. */
export function createComputeTaskApi(deps: ApiDeps, options: ApiOptions = {}): ComputeTaskApi {
  return createApi(computeTaskContract, deps, options)
}

/** `upgradeLevel` `auto` is resolved by the caller, with `automaticComputeCap`. */
export function createComputeApi(deps: ApiDeps, options: ApiOptions = {}): ComputeApi {
  return createApi(computeContract, deps, options)
}

export function createSchedulerApi(deps: ApiDeps, options: ApiOptions = {}): SchedulerApi {
  return createApi(schedulerContract, deps, options)
}

/** @param topic of the service asked: `conductor`, `compute` ... */
export function createBaseApi(topic: string, deps: ApiDeps, options: ApiOptions = {}): BaseApi {
  return createApi(baseContract(topic), deps, options)
}

function createApi<C extends RpcContract>(contract: C, { transport, serializer }: ApiDeps, options: ApiOptions): Stubs<C> {
  const cap = versionCap(contract, options.upgradeLevel ?? null)
  const { topic, namespace, version } = contract
  const client = transport.client(
    { topic, version, ...(namespace === undefined ? {} : { namespace }) },
    { serializer, ...(cap === undefined ? {} : { versionCap: cap }) },
  )
  return createStubs(contract, client, options)
}
