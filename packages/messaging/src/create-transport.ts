import type { Clock, Random } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import type { Driver } from './driver.js'
import { ConfigurationError } from './errors.js'
import { MemoryDriver } from './memory/driver.js'
import { MemoryBus } from './memory/memory-bus.js'
import { DriverNotifier } from './notify/notifier.js'
import { createDial } from './rabbit/dial.js'
import { RabbitDriver } from './rabbit/driver.js'
import { defaultRabbitOptions, type RabbitOptions } from './rabbit/rabbit-options.js'
import { rabbitOptionsOfQuery } from './read-options.js'
import type { RpcObserver, TransportReport } from './report.js'
import { DriverRpcClient } from './rpc/client.js'
import { pingEndpoint } from './rpc/ping-endpoint.js'
import { ReplyWaiters } from './rpc/reply-waiters.js'
import { DriverRpcServer } from './rpc/server.js'
import type { ErrorCatalogue } from './serializer.js'
import type { Target } from './target.js'
import type {
  Endpoint,
  Notifier,
  NotifierOptions,
  RpcClient,
  RpcClientOptions,
  RpcServer,
  RpcServerOptions,
  Transport,
} from './transport.js'
import { parseTransportUrl, type TransportUrl } from './transport-url.js'

export interface TransportDeps {
  readonly log: Logger
  readonly clock: Clock
  readonly random: Random
  readonly errors: ErrorCatalogue
  readonly observer?: RpcObserver | undefined
  /** What `memory://` stands for; without it each `memory://` transport is alone. */
  readonly bus?: MemoryBus
}

export interface TransportOptions {
  /** `control_exchange` */
  readonly controlExchange?: string
  /** `rpc_response_timeout` */
  readonly responseTimeoutSeconds?: number
  /** `executor_thread_pool_size`: requests that a server works on at once. */
  readonly maxInHand?: number
  /** `rpc_ping_enabled`: every server answers `oslo_rpc_server_ping`. */
  readonly pingEnabled?: boolean
  /** Larger messages are refused. Default 32 MiB: Nova's largest, long lists of instances, have a few. */
  readonly maxMessageBytes?: number
  /** `<program>:<pid>`, shown by the broker beside each connection. */
  readonly clientName?: string
  readonly rabbit?: Partial<RabbitOptions>
}

const defaultMaxMessageBytes = 32 * 1024 * 1024

/**
 * A transport for `url`: `rabbit://...` or `memory://`. The query of the URL comes before `options`. Nothing is connected yet.
 *
 * @throws InvalidTransportUrl, ConfigurationError
 */
export function createTransport(url: string, deps: TransportDeps, options: TransportOptions = {}): Transport {
  const parsed = parseTransportUrl(url)
  const query = parsed.scheme === 'rabbit' ? rabbitOptionsOfQuery(parsed.query) : {}
  const rabbit = { ...defaultRabbitOptions, ...options.rabbit, ...query }
  return new DriverTransport(createDriver(parsed, deps, options, rabbit), deps, options, rabbit)
}

function createDriver(url: TransportUrl, deps: TransportDeps, options: TransportOptions, rabbit: RabbitOptions): Driver {
  if (url.scheme === 'memory') return new MemoryDriver({ ...deps, bus: deps.bus ?? new MemoryBus(deps) })
  if (rabbit.quorumQueue && rabbit.haQueues)
    throw new ConfigurationError('[oslo_messaging_rabbit] rabbit_quorum_queue and rabbit_ha_queues exclude each other')
  const link = { hosts: url.hosts, clientName: options.clientName ?? `micronova:${process.pid}`, rabbit }
  return new RabbitDriver({ ...deps, dial: createDial(url.virtualHost, rabbit) }, link)
}

/** What of a server does not depend on its contexts. */
type Reporting = Pick<DriverRpcServer<unknown>, 'state' | 'report'>

class DriverTransport implements Transport {
  readonly #driver: Driver
  readonly #deps: TransportDeps
  readonly #options: TransportOptions
  readonly #rabbit: RabbitOptions
  readonly #replies: ReplyWaiters
  #servers: readonly Reporting[] = []

  constructor(driver: Driver, deps: TransportDeps, options: TransportOptions, rabbit: RabbitOptions) {
    this.#driver = driver
    this.#deps = deps
    this.#options = options
    this.#rabbit = rabbit
    this.#replies = new ReplyWaiters({ ...deps, driver })
  }

  client<C>(target: Target, options: RpcClientOptions<C>): RpcClient<C> {
    const parts = {
      driver: this.#driver,
      replies: this.#replies,
      random: this.#deps.random,
      controlExchange: this.#controlExchange,
      responseTimeoutSeconds: this.#options.responseTimeoutSeconds ?? 60,
    }
    return new DriverRpcClient(parts, target, options)
  }

  server<C>(
    target: Target & { readonly topic: string; readonly server: string },
    endpoints: readonly Endpoint<C>[],
    options: RpcServerOptions<C>,
  ): RpcServer {
    const all = this.#options.pingEnabled ? [...endpoints, pingEndpoint] : endpoints
    const server = new DriverRpcServer({ ...this.#deps, driver: this.#driver }, target, all, options, {
      controlExchange: this.#controlExchange,
      maxInHand: this.#options.maxInHand ?? 64,
      prefetch: this.#rabbit.prefetchCount,
      maxMessageBytes: this.#options.maxMessageBytes ?? defaultMaxMessageBytes,
      mandatory: this.#rabbit.directMandatory,
      missingQueueTimeoutMs: this.#rabbit.missingConsumerRetrySeconds * 1000,
    })
    this.#servers = [...this.#liveServers(), server]
    return server
  }

  notifier<C>(options: NotifierOptions<C>): Notifier<C> {
    return new DriverNotifier({ ...this.#deps, driver: this.#driver, controlExchange: this.#controlExchange }, options)
  }

  stalledMs(): number {
    return this.#driver.stalledMs()
  }

  report(): TransportReport {
    return {
      connections: this.#driver.connections(),
      servers: this.#liveServers().map((server) => server.report()),
      calls: this.#replies.report(),
      unsent: this.#driver.unsent(),
    }
  }

  async stop(deadline: AbortSignal): Promise<void> {
    await this.#replies.stop()
    await this.#driver.stop(deadline)
  }

  #liveServers(): readonly Reporting[] {
    return this.#servers.filter(({ state }) => state !== 'stopped')
  }

  get #controlExchange(): string {
    return this.#options.controlExchange ?? 'nova'
  }
}
