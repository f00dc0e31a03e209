import { setMaxListeners } from 'node:events'
import {
  type ComputeManager,
  type ComputeSettings,
  createComputeService,
  type PeriodicSection,
  type Place,
  type ResourceSection,
} from '@micronova/compute'
import { type ConductorManager, createConductorService } from '@micronova/conductor'
import { createStores, type Database, openDatabase, prepareSchema } from '@micronova/db'
import { type Clock, doneOrAborted, follow, type Lifecycle, type LifecycleState, type Random, stopAll } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import {
  createTransport,
  type Json,
  MemoryBus,
  type RpcObserver,
  type Transport,
  type TransportDeps,
  type TransportOptions,
} from '@micronova/messaging'
import { adminContext, novaErrorCatalogue, novaRegistry, type Service as ServiceObject, type Stores } from '@micronova/model'
import { isServiceUp, type Manager, type Service, type ServiceConfig, StartCancelled, type StartStep, StartSteps } from '@micronova/service'
import { loadVirtDriver } from '@micronova/virt'
import { controlSocket } from './control-protocol.js'
import { ControlServer, wireErrors } from './control-server.js'
import type { StateFolder } from './state-folder.js'

export interface CloudDeps {
  /** A logger by its dotted name. */
  getLogger(name: string): Logger
  readonly clock: Clock
  readonly random: Random
  /** Each step of the start, when it begins and when it ends. */
  observe?(part: string, step: StartStep): void
  /** Told of each request and call of all services. */
  readonly rpcObserver?: RpcObserver | undefined
}

/** What runs in here, for those who look into this process. */
export interface CloudParts {
  /** Those that have begun to start, in their order. */
  readonly services: readonly Pick<Service<Manager>, 'identity' | 'report'>[]
  /** By `<binary> <host>` of the service that each belongs to. */
  readonly transports: Readonly<Record<string, Transport>>
  /** Where the operations of all hosts are. */
  readonly places: readonly Place[]
}

export interface CloudOptions {
  /** Everything that the cloud keeps lies below it. Taken by the caller, who releases it after the stop. */
  readonly folder: StateFolder
  /** Names of the compute hosts. */
  readonly hosts: readonly string[]
  /** Name of the host that the conductor runs on. */
  readonly controller: string
  /** `memory://`, or a broker. */
  readonly transportUrl: string
  readonly transport: TransportOptions
  /** Null: SQLite in the state folder. */
  readonly databaseUrl: string | null
  readonly computeDriver: string
  readonly hostIp: string
  readonly service: ServiceConfig
  readonly settings: ComputeSettings
  readonly periodic: PeriodicSection
  readonly resources: ResourceSection
  readonly version: string
}

/** One row of the service table. */
export interface ServiceRow {
  readonly binary: string
  readonly host: string
  readonly up: boolean
  readonly version: number
}

type Part = Pick<Lifecycle, 'stop'>

/**
 * Conductor and computes in one process: every part as it would run alone, joined by `memory://` and SQLite unless the
 * options say otherwise. What a failed or cancelled start had begun is stopped again.
 */
export class Cloud implements Lifecycle {
  readonly #deps: CloudDeps
  readonly #options: CloudOptions
  readonly #bus: MemoryBus
  /** `<binary> <host>` of the services that run here. */
  readonly #started = new Set<string>()
  readonly #parts: Part[] = []
  readonly #services: Service<Manager>[] = []
  readonly #computes: Service<ComputeManager>[] = []
  readonly #transports = new Map<string, Transport>()
  readonly #halt = new AbortController()
  #starting: Promise<void> = Promise.resolve()
  #stopping: Promise<void> | null = null
  #stores: Stores | null = null
  #state: LifecycleState = 'new'

  constructor(deps: CloudDeps, options: CloudOptions) {
    setMaxListeners(0, this.#halt.signal) // each host that starts has some
    this.#deps = deps
    this.#options = options
    this.#bus = new MemoryBus(deps)
  }

  get state(): LifecycleState {
    return this.#state
  }

  /** @throws CloudError if the control socket cannot be opened; StartCancelled if `stop` came first; what a part could not start for */
  async start(signal: AbortSignal): Promise<void> {
    if (this.#state !== 'new') throw new Error(`the cloud cannot start: it is ${this.#state}`)
    this.#state = 'starting'
    const unfollow = follow(this.#halt, signal)
    this.#starting = this.#startParts(this.#halt.signal).finally(unfollow)
    try {
      await this.#starting
      this.#halt.signal.throwIfAborted()
      this.#state = 'running'
    } catch (err) {
      await this.stop(AbortSignal.timeout(10_000)).catch(() => {}) // the first error is the one that counts
      throw err
    }
  }

  /** Stops the parts in reverse order; a start under way is cancelled. Idempotent. */
  stop(deadline: AbortSignal): Promise<void> {
    this.#stopping ??= this.#stop(deadline)
    return this.#stopping
  }

  async #stop(deadline: AbortSignal): Promise<void> {
    this.#state = 'stopping'
    this.#halt.abort(new StartCancelled())
    await doneOrAborted(
      this.#starting.catch(() => {}),
      deadline,
    )
    try {
      await stopAll(this.#parts.splice(0), deadline)
    } finally {
      this.#state = 'stopped'
    }
  }

  /**
   * The services table, as `openstack compute service list` would show it; but a service of this process is up from its start
   * on, and not only from its first report, 5 s later.
   */
  async services(): Promise<ServiceRow[]> {
    if (this.#stores === null) return []
    const rows = await this.#stores.services.list(this.#newContext())
    return rows.map((row) => this.#describeService(row))
  }

  look(): CloudParts {
    return {
      services: this.#services,
      transports: Object.fromEntries(this.#transports),
      places: this.#computes.flatMap(({ manager }) => manager.places()),
    }
  }

  async #startParts(signal: AbortSignal): Promise<void> {
    const { hosts, transportUrl } = this.#options
    const database = await this.#openDatabase(signal)
    const { resources } = this.#options
    const stores = createStores(
      database,
      { ...this.#deps, log: this.#deps.getLogger('nova.db') },
      {
        initialAllocationRatios: {
          cpu: resources.initial_cpu_allocation_ratio,
          ram: resources.initial_ram_allocation_ratio,
          disk: resources.initial_disk_allocation_ratio,
        },
      },
    )
    this.#stores = stores
    await this.#beginService(this.#conductor(stores), signal)
    this.#computes.push(...hosts.map((host) => this.#compute(host)))
    await Promise.all(this.#computes.map((compute) => this.#beginService(compute, signal)))
    if (transportUrl.startsWith('memory:')) await this.#begin(this.#controlServer(), signal)
  }

  async #openDatabase(signal: AbortSignal): Promise<Database> {
    const { databaseUrl, folder } = this.#options
    const log = this.#deps.getLogger('nova.db')
    const url = databaseUrl ?? `sqlite:///${folder.file('nova.sqlite')}`
    const steps = this.#steps('database')
    const database = await steps.run('open', () => openDatabase(url, { ...this.#deps, log }, {}, signal), signal)
    this.#parts.push({ stop: () => database.close() })
    await steps.run('schema', () => prepareSchema(database), signal)
    return database
  }

  #conductor(stores: Stores): Service<ConductorManager> {
    const { service, controller, version } = this.#options
    const { getLogger, clock, random } = this.#deps
    const deps = { getLogger, clock, random, stores, registry: novaRegistry(), transport: this.#transport('nova-conductor', controller) }
    return createConductorService(
      { ...deps, steps: this.#steps(`nova-conductor ${controller}`) },
      { config: service, version, host: controller },
    )
  }

  #compute(host: string): Service<ComputeManager> {
    const { computeDriver, service, settings, periodic, resources, hostIp, version, folder } = this.#options
    const { getLogger, clock, random } = this.#deps
    const driver = loadVirtDriver(
      { log: getLogger('nova.virt.driver') },
      { computeDriver, stateFile: folder.file('guests', `${encodeURIComponent(host)}.json`) },
    )
    const transport = this.#transport('nova-compute', host)
    return createComputeService(
      { log: getLogger('nova'), clock, random, transport, registry: novaRegistry(), steps: this.#steps(`nova-compute ${host}`), driver },
      {
        service: Object.create(service, { host: { value: host } }) as ServiceConfig,
        settings: { ...settings, statePath: folder.path },
        periodic,
        resources,
        hostIp,
        version,
      },
    )
  }

  /** Each service has a transport of its own, as it would have in a process of its own. */
  #transport(program: string, host: string, errors: TransportDeps['errors'] = novaErrorCatalogue): Transport {
    const { transportUrl, transport } = this.#options
    const { clock, random, getLogger, rpcObserver: observer } = this.#deps
    const made = createTransport(
      transportUrl,
      { clock, random, log: getLogger('oslo.messaging'), errors, bus: this.#bus, observer },
      { ...transport, clientName: `${program}:${process.pid}` },
    )
    this.#parts.push(made)
    this.#transports.set(`${program} ${host}`, made)
    return made
  }

  #controlServer(): ControlServer {
    const path = this.#options.folder.file(controlSocket)
    return new ControlServer(path, {
      transport: this.#transport('micronova', this.#options.controller, wireErrors),
      describe: () => this.#describe(),
    })
  }

  async #begin(part: Lifecycle, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    this.#parts.push(part)
    await part.start(signal)
  }

  async #beginService(service: Service<Manager>, signal: AbortSignal): Promise<void> {
    this.#services.push(service)
    await this.#begin(service, signal)
    this.#started.add(`${service.identity.binary} ${service.identity.host}`)
  }

  #describe(): Json {
    const { hosts, version } = this.#options
    return { pid: process.pid, version, hosts: [...hosts], state: this.#state }
  }

  #describeService(row: ServiceObject): ServiceRow {
    const wasSeen = isServiceUp(
      { forcedDown: row.forced_down, lastSeenUp: row.last_seen_up, createdAt: row.created_at ?? new Date(0) },
      this.#options.service.service_down_time,
      this.#deps.clock.now(),
    )
    return {
      binary: row.binary ?? '',
      host: row.host ?? '',
      up: this.#started.has(`${row.binary} ${row.host}`) || wasSeen,
      version: row.version,
    }
  }

  #steps(part: string): StartSteps {
    const { observe, clock, getLogger } = this.#deps
    return new StartSteps({ clock, log: getLogger('nova.service'), ...(observe && { observe: (step) => observe(part, step) }) })
  }

  #newContext() {
    return adminContext(this.#deps)
  }
}
