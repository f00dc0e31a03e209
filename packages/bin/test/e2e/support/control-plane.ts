import { createTransport, type JsonObject } from '@micronova/messaging'
import {
  type BlockDeviceMapping,
  BlockDeviceMappingList,
  type Instance,
  novaErrorCatalogue,
  novaRegistry,
  type RequestContext,
  type Stores,
} from '@micronova/model'
import {
  type BaseApi,
  type ComputeApi,
  type ConductorApi,
  createBaseApi,
  createComputeApi,
  createConductorApi,
  createConductorStores,
  createNovaSerializer,
} from '@micronova/rpcapi'
import type { Cleanup } from './cleanups.js'
import { systemDeps } from './services.js'

/** Fields that the database decides, and satellites that are not written with an instance. */
const notCreated = new Set(['id', 'created_at', 'updated_at', 'deleted_at', 'deleted', 'tags', 'ec2_ids', 'security_groups'])

export interface ControlPlaneOptions {
  /** `control_exchange` of the computes that are called. */
  readonly exchange?: string
  /** Their `amqp_durable_queues`. */
  readonly durable?: boolean
  /** Default: longer than anything takes. */
  readonly responseTimeoutSeconds?: number
}

export interface CreatedRows {
  readonly instance: Instance
  readonly blockDevices: BlockDeviceMappingList
}

/** What nova-api and the conductor's task API are to the services under test: a peer on the wire. */
export class ControlPlane {
  readonly registry = novaRegistry()
  readonly compute: ComputeApi
  readonly conductor: ConductorApi
  /** `baseapi` of the services of a topic. */
  readonly base: (topic: string) => BaseApi
  /** Over the conductor. */
  readonly stores: Stores

  constructor(
    cleanup: Cleanup,
    transportUrl: string,
    { exchange = 'nova', durable = false, responseTimeoutSeconds = 30 }: ControlPlaneOptions = {},
  ) {
    const open = (controlExchange: string) => {
      const options = { responseTimeoutSeconds, controlExchange, rabbit: { durableQueues: durable } }
      const transport = createTransport(transportUrl, { ...systemDeps, errors: novaErrorCatalogue }, options)
      cleanup.after(() => transport.stop(AbortSignal.timeout(1000)))
      return { transport, serializer: createNovaSerializer({ registry: this.registry }) }
    }
    const toConductor = open('nova')
    this.compute = createComputeApi(exchange === 'nova' ? toConductor : open(exchange))
    this.conductor = createConductorApi(toConductor)
    this.base = (topic) => createBaseApi(topic, toConductor)
    this.stores = createConductorStores(this.conductor, this.registry)
  }

  /** Write the rows that are there before a build is cast, from the arguments of its message; and the action of the request. */
  async createRows(ctx: RequestContext, { instance: primitive, block_device_mapping: mappings }: JsonObject): Promise<CreatedRows> {
    const instance = this.#unsaved(primitive as JsonObject) as Instance
    await this.stores.instances.create(ctx, instance)
    const { objects } = (mappings as JsonObject)['nova_object.data'] as { readonly objects: readonly JsonObject[] }
    const created = objects.map((mapping) => this.#unsaved(mapping) as BlockDeviceMapping)
    for (const mapping of created) await this.stores.blockDeviceMappings.create(ctx, mapping)
    await this.stores.actions.start(ctx, instance.uuid, 'create')
    return { instance, blockDevices: new BlockDeviceMappingList({ objects: created }) }
  }

  /** What nova-api writes before it casts the operation `action` on `instance`. */
  async begin(ctx: RequestContext, action: string, instance: Instance, taskState: Instance['task_state']): Promise<void> {
    instance.task_state = taskState
    await this.stores.instances.save(ctx, instance)
    await this.stores.actions.start(ctx, instance.uuid, action)
  }

  /** The object of a primitive, as one that is to be created: each of its fields is a change. */
  #unsaved(primitive: JsonObject) {
    const data = Object.entries(primitive['nova_object.data'] as JsonObject).filter(([field]) => !notCreated.has(field))
    const changes = data.map(([field]) => field)
    return this.registry.fromPrimitive({ ...primitive, 'nova_object.data': Object.fromEntries(data), 'nova_object.changes': changes })
  }
}
