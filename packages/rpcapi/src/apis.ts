import type { RpcClient, Serializer, Transport } from '@micronova/messaging'
import type { RequestContext } from '@micronova/model'
import { AutomaticCap } from './automatic-cap.js'
import type { RpcContract } from './contract.js'
import { baseContract } from './contracts/base.js'
import { computeContract } from './contracts/compute.js'
import { computeTaskContract } from './contracts/compute-task.js'
import { conductorContract } from './contracts/conductor.js'
import { schedulerContract } from './contracts/scheduler.js'
import { createStubs, type StubOptions, type Stubs, type StubTimeouts } from './stubs.js'
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

export interface ApiOptions extends StubOptions {
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

/** @param options `upgradeLevel` may also be an `AutomaticCap`, which is asked for the cap of each message */
export function createComputeApi(
  deps: ApiDeps,
  { upgradeLevel = null, ...timeouts }: StubTimeouts & { readonly upgradeLevel?: string | null | AutomaticCap } = {},
): ComputeApi {
  if (!(upgradeLevel instanceof AutomaticCap)) return createApi(computeContract, deps, { ...timeouts, upgradeLevel })
  const clients = new Map<string, RpcClient<RequestContext>>()
  const capped = async (ctx: RequestContext) => {
    const cap = await upgradeLevel.get(ctx)
    const client = clients.get(cap) ?? createClient(computeContract, deps, cap)
    clients.set(cap, client)
    return client
  }
  return createStubs(computeContract, capped, timeouts)
}

export function createSchedulerApi(deps: ApiDeps, options: ApiOptions = {}): SchedulerApi {
  return createApi(schedulerContract, deps, options)
}

/** @param topic of the service asked: `conductor`, `compute` ... */
export function createBaseApi(topic: string, deps: ApiDeps, options: ApiOptions = {}): BaseApi {
  return createApi(baseContract(topic), deps, options)
}

function createApi<C extends RpcContract>(contract: C, deps: ApiDeps, options: ApiOptions = {}): Stubs<C> {
  return createStubs(contract, createClient(contract, deps, options.upgradeLevel ?? null), options)
}

function createClient(contract: RpcContract, { transport, serializer }: ApiDeps, upgradeLevel: string | null): RpcClient<RequestContext> {
  const cap = versionCap(contract, upgradeLevel)
  const { topic, namespace, version } = contract
  return transport.client(
    { topic, version, ...(namespace === undefined ? {} : { namespace }) },
    { serializer, ...(cap === undefined ? {} : { versionCap: cap }) },
  )
}
