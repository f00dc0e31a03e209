import type { Logger } from '@micronova/log'
import type { Endpoint } from '@micronova/messaging'
import type { ApiStores, CellMapping, RequestContext, Stores } from '@micronova/model'
import { baseEndpoint, noHooks, type ServiceHooks } from '@micronova/rpcapi'
import type { Manager } from '@micronova/service'
import type { ObjectRegistry } from '@micronova/versionedobjects'
import type { ComputeTaskDeps } from './compute-task/compute-task-deps.js'
import { computeTasks } from './compute-task/endpoint.js'
import { computeTaskEndpoint } from './compute-task-endpoint.js'
import { conductorEndpoint } from './conductor-endpoint.js'
import { ObjectDispatcher } from './dispatch/object-dispatcher.js'
import { objectMethods } from './methods/index.js'

export interface ConductorManagerDeps {
  readonly stores: Stores
  readonly registry: ObjectRegistry
  readonly log: Logger
  /** `[DEFAULT] host` */
  readonly host: string
  /** Of the deployment, as far as this conductor knows of any; with `api` that knows them. Default: none. */
  readonly cells?: readonly CellMapping[]
  /** The API database. Default: there is none. */
  readonly api?: ApiStores | null
  /** Default: nothing is orchestrated; a build that a compute gives back ends in ERROR. */
  readonly tasks?: { readonly deps: ComputeTaskDeps; forget(): void } | null
  /** Run at the start, before anything is answered. */
  check?(): Promise<void>
  /** Default: none. */
  readonly hooks?: ServiceHooks
}

/** What nova-conductor does: it answers. It keeps no state, so that any number of workers can stand side by side. */
export class ConductorManager implements Manager {
  readonly serviceName = 'conductor'
  readonly periodicTasks = []
  /** For the RPC server of the topic `conductor`. */
  readonly endpoints: readonly Endpoint<RequestContext>[]
  readonly #deps: ConductorManagerDeps

  constructor(deps: ConductorManagerDeps) {
    const { stores, registry, log, host, cells = [], api = null, tasks = null, hooks = noHooks } = deps
    const dispatcher = new ObjectDispatcher({ registry, methods: objectMethods(stores, cells, api), log })
    const computeTask = tasks === null ? computeTaskEndpoint({ stores, log, host }) : computeTasks(tasks.deps)
    const base = baseEndpoint<RequestContext>(this.serviceName, hooks.backdoorPort)
    this.endpoints = hooks.wrapEndpoints([conductorEndpoint(dispatcher), computeTask, base])
    this.#deps = deps
  }

  async initHost(): Promise<void> {
    await this.#deps.check?.()
  }
  async preStartHook(): Promise<void> {}
  async postStartHook(): Promise<void> {}
  async reset(): Promise<void> {
    this.#deps.tasks?.forget()
  }
  async cleanupHost(): Promise<void> {}
}
