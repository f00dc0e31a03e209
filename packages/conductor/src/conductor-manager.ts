import type { Logger } from '@micronova/log'
import type { Endpoint } from '@micronova/messaging'
import type { CellMapping, RequestContext, Stores } from '@micronova/model'
import { baseEndpoint } from '@micronova/rpcapi'
import type { Manager } from '@micronova/service'
import type { ObjectRegistry } from '@micronova/versionedobjects'
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
  /** Of the deployment, as far as this conductor knows of any. Default: none. */
  readonly cells?: readonly CellMapping[]
}

/** What nova-conductor does: it answers. It keeps no state, so that any number of workers can stand side by side. */
export class ConductorManager implements Manager {
  readonly serviceName = 'conductor'
  readonly periodicTasks = []
  /** For the RPC server of the topic `conductor`. */
  readonly endpoints: readonly Endpoint<RequestContext>[]

  constructor({ stores, registry, log, host, cells = [] }: ConductorManagerDeps) {
    const dispatcher = new ObjectDispatcher({ registry, methods: objectMethods(stores, cells), log })
    this.endpoints = [conductorEndpoint(dispatcher), computeTaskEndpoint({ stores, log, host }), baseEndpoint(this.serviceName)]
  }

  async initHost(): Promise<void> {}
  async preStartHook(): Promise<void> {}
  async postStartHook(): Promise<void> {}
  async reset(): Promise<void> {}
  async cleanupHost(): Promise<void> {}
}
