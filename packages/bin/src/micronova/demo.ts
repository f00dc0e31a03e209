import { type Clock, type Random, systemClock, systemRandom } from '@micronova/lifecycle'
import {
  adminContext,
  BlockDeviceMappingList,
  Flavor,
  Instance,
  InstanceInfoCache,
  InstancePCIRequests,
  isNovaError,
  NetworkRequest,
  NetworkRequestList,
  novaRegistry,
  powerStateName,
  type RequestContext,
  SecurityGroupList,
  type Stores,
  TagList,
} from '@micronova/model'
import { type ComputeApi, createComputeApi, createConductorApi, createConductorStores, createNovaSerializer } from '@micronova/rpcapi'
import { CommandFailed } from '../usage-error.js'
import type { Reached } from './reach.js'
import { formatDuration, type Terminal } from './terminal.js'

export interface DemoOptions {
  /** Compute host; default: the first one that is up. */
  readonly host?: string
  /** Leave the instance there. */
  readonly keep?: boolean
  readonly timeoutSeconds: number
}

/** Between two looks at the instance. A boot on the fake driver takes a few of them. */
const pollMs = 20

/**
 * Boot an instance through RPC alone and show its states as they change: its record through the conductor, the build by a cast to
 * the compute, as nova-conductor does it. Then delete it, unless it shall stay.
 *
 * @throws CommandFailed if it does not become active in time
 */
export async function runDemo({ transport }: Reached, options: DemoOptions, terminal: Terminal): Promise<void> {
  await new Demo(transport, options, terminal, systemClock, systemRandom).run()
}

class Demo {
  readonly #ctx: RequestContext
  readonly #stores: Stores
  readonly #compute: ComputeApi
  readonly #options: DemoOptions
  readonly #terminal: Terminal
  readonly #clock: Clock
  readonly #random: Random
  readonly #begunMs: number

  constructor(transport: Reached['transport'], options: DemoOptions, terminal: Terminal, clock: Clock, random: Random) {
    const registry = novaRegistry()
    const api = { transport, serializer: createNovaSerializer({ registry }) }
    this.#stores = createConductorStores(createConductorApi(api), registry)
    this.#compute = createComputeApi(api)
    this.#options = options
    this.#terminal = terminal
    this.#clock = clock
    this.#random = random
    this.#begunMs = clock.monotonicMs()
    const projectId = random.uuid().replaceAll('-', '')
    this.#ctx = adminContext({ clock, random }, { userId: 'demo', projectId, userName: 'demo', projectName: 'demo' })
  }

  async run(): Promise<void> {
    const host = this.#options.host ?? (await this.#anyHost())
    const instance = await this.#create()
    this.#say(`instance ${instance.uuid} (${instance.display_name}) created, sent to ${host}`)
    await this.#build(instance, host)
    const seen = await this.#watch(instance.uuid, ({ vm_state: state }) => state === 'active' || state === 'error')
    if (seen?.vm_state !== 'active')
      throw new CommandFailed(`the instance did not become active: it is ${seen?.vm_state ?? 'gone'}; the log says why`)
    if (this.#options.keep) return
    await this.#delete(instance.uuid)
    await this.#watch(instance.uuid, () => false)
  }

  async #anyHost(): Promise<string> {
    const services = await this.#stores.services.list(this.#ctx, { binary: 'nova-compute' })
    const host = services.find(({ disabled, forced_down: down }) => !disabled && !down)?.host
    if (host === undefined || host === null) throw new CommandFailed('there is no nova-compute')
    return host
  }

  async #create(): Promise<Instance> {
    const uuid = this.#random.uuid()
    const flavor = new Flavor({
      id: 1,
      name: 'm1.tiny',
      flavorid: '1',
      memory_mb: 512,
      vcpus: 1,
      root_gb: 1,
      ephemeral_gb: 0,
      swap: 0,
      rxtx_factor: 1,
      vcpu_weight: 0,
      disabled: false,
      is_public: true,
      extra_specs: {},
    })
    const instance = new Instance({
      uuid,
      user_id: this.#ctx.userId,
      project_id: this.#ctx.projectId,
      display_name: 'demo',
      hostname: 'demo',
      image_ref: '',
      reservation_id: `r-${uuid.slice(0, 8)}`,
      launch_index: 0,
      vm_state: 'building',
      task_state: 'scheduling',
      power_state: 0,
      memory_mb: flavor.memory_mb,
      vcpus: flavor.vcpus,
      root_gb: flavor.root_gb,
      ephemeral_gb: 0,
      instance_type_id: flavor.id,
      flavor,
      old_flavor: null,
      new_flavor: null,
      metadata: {},
      system_metadata: {},
      locked: false,
      security_groups: new SecurityGroupList(),
      info_cache: new InstanceInfoCache({ instance_uuid: uuid, network_info: [] }),
      numa_topology: null,
      pci_requests: new InstancePCIRequests({ instance_uuid: uuid, requests: [] }),
      tags: new TagList(),
    })
    await this.#stores.instances.create(this.#ctx, instance)
    await this.#stores.actions.start(this.#ctx, uuid, 'create')
    return instance
  }

  async #build(instance: Instance, host: string): Promise<void> {
    const network = new NetworkRequest({ network_id: this.#random.uuid() })
    await this.#compute.buildAndRunInstance(this.#ctx, {
      instance,
      host,
      image: {},
      requestSpec: null,
      filterProperties: {},
      requestedNetworks: new NetworkRequestList({ objects: [network] }),
      securityGroups: ['default'],
      blockDeviceMapping: new BlockDeviceMappingList(),
      node: host,
      limits: {},
      injectedFiles: [],
      hostList: [],
      accelUuids: [],
    })
  }

  async #delete(uuid: string): Promise<void> {
    const instance = await this.#stores.instances.getByUuid(this.#ctx, uuid)
    instance.task_state = 'deleting'
    await this.#stores.instances.save(this.#ctx, instance)
    await this.#stores.actions.start(this.#ctx, uuid, 'delete')
    await this.#compute.terminateInstance(this.#ctx, { instance, bdms: new BlockDeviceMappingList() })
  }

  /** Says each change of state until `isEnd`, or until the instance is gone: then null. */
  async #watch(uuid: string, isEnd: (instance: Instance) => boolean): Promise<Instance | null> {
    const deadlineMs = this.#clock.monotonicMs() + this.#options.timeoutSeconds * 1000
    let shown = ''
    while (this.#clock.monotonicMs() < deadlineMs) {
      const instance = await this.#look(uuid)
      const state = instance === null ? 'deleted' : describe(instance)
      if (state !== shown) this.#say(state)
      shown = state
      if (instance === null || isEnd(instance)) return instance
      await this.#clock.sleep(pollMs)
    }
    throw new CommandFailed(`nothing more happened within ${this.#options.timeoutSeconds} s: the instance is ${shown}`)
  }

  async #look(uuid: string): Promise<Instance | null> {
    try {
      return await this.#stores.instances.getByUuid(this.#ctx, uuid, ['info_cache'])
    } catch (err) {
      if (isNovaError(err, 'InstanceNotFound')) return null
      throw err
    }
  }

  #say(text: string): void {
    this.#terminal.stdout.write(`${formatDuration(this.#clock.monotonicMs() - this.#begunMs).padStart(8)}  ${text}\n`)
  }
}

function describe(instance: Instance): string {
  const { vm_state: vmState, task_state: taskState, power_state: powerState, host } = instance
  const addresses = (instance.info_cache?.network_info ?? []).flatMap(({ network }) =>
    (network?.subnets ?? []).flatMap(({ ips }) => ips.map(({ address }) => address)),
  )
  const parts = [
    `${vmState?.toUpperCase()}${taskState === null ? '' : ` (${taskState})`}`,
    `power ${powerStateName(powerState)}`,
    ...(host === null ? [] : [`on ${host}`]),
    ...addresses,
  ]
  return parts.join(', ')
}
