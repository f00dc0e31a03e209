import type { Random } from '@micronova/lifecycle'
import { type ComputeNode, type ComputeNodeStore, novaError, type RequestContext, type Service, type ServiceStore } from '@micronova/model'
import type { Tables } from './tables.js'

export class FakeServices implements ServiceStore {
  readonly #tables: Tables
  readonly #deps: { readonly random: Random }

  constructor(tables: Tables, deps: { readonly random: Random }) {
    this.#tables = tables
    this.#deps = deps
  }

  async getByHostAndBinary(_ctx: RequestContext, host: string, binary: string): Promise<Service | null> {
    return this.#tables.services.find((row) => row.host === host && row.binary === binary) ?? null
  }

  async getByComputeHost(ctx: RequestContext, host: string): Promise<Service> {
    const service = await this.getByHostAndBinary(ctx, host, 'nova-compute')
    if (service === null) throw novaError('ComputeHostNotFound', { host })
    return service
  }

  async getMinimumVersion(_ctx: RequestContext, binary: string): Promise<number> {
    const versions = this.#tables.services.filter((row) => row.binary === binary && !row.forced_down).map((row) => row.version)
    return versions.length === 0 ? 0 : Math.min(...versions)
  }

  async list(
    _ctx: RequestContext,
    { host, topic, binary }: { readonly host?: string; readonly topic?: string; readonly binary?: string } = {},
  ): Promise<Service[]> {
    return this.#tables.services.filter(
      (row) =>
        (host === undefined || row.host === host) &&
        (topic === undefined || row.topic === topic) &&
        (binary === undefined || row.binary === binary),
    )
  }

  async create(_ctx: RequestContext, service: Service): Promise<void> {
    const { host, topic, binary } = service
    const others = this.#tables.services.filter((row) => row.host === host)
    if (others.some((row) => row.binary === binary)) throw novaError('ServiceBinaryExists', { host, binary })
    if (others.some((row) => row.topic === topic)) throw novaError('ServiceTopicExists', { host, topic })
    const uuid = service.objIsSet('uuid') ? service.uuid : this.#deps.random.uuid()
    this.#tables.services.insert(service, { uuid, ...defaults(service) })
  }

  async save(_ctx: RequestContext, service: Service): Promise<void> {
    const { services } = this.#tables
    const stored = services.find((row) => row.id === service.id)
    if (stored === undefined) throw novaError('ServiceNotFound', { service_id: service.id })
    const isAlive = service.objWhatChanged().has('report_count') && service.report_count > stored.report_count
    services.update(service, isAlive ? { last_seen_up: services.now() } : {})
  }

  async destroy(_ctx: RequestContext, service: Service): Promise<void> {
    if (!this.#tables.services.delete(service)) throw novaError('ServiceNotFound', { service_id: service.id })
  }
}

/** Columns of a new row that are not null. */
function defaults(service: Service) {
  const columns = { report_count: 0, disabled: false, forced_down: false, version: 0 } as const
  return Object.fromEntries(Object.entries(columns).filter(([name]) => !service.objIsSet(name as keyof typeof columns)))
}

export class FakeComputeNodes implements ComputeNodeStore {
  readonly #tables: Tables
  readonly #deps: { readonly random: Random }

  constructor(tables: Tables, deps: { readonly random: Random }) {
    this.#tables = tables
    this.#deps = deps
  }

  async getByHostAndNode(_ctx: RequestContext, host: string, node: string): Promise<ComputeNode> {
    const found = this.#tables.computeNodes.find((row) => row.host === host && row.hypervisor_hostname === node)
    if (found === undefined) throw novaError('ComputeHostNotFound', { host })
    return found
  }

  async listByHost(_ctx: RequestContext, host: string): Promise<ComputeNode[]> {
    const found = this.#tables.computeNodes.filter((row) => row.host === host)
    if (found.length === 0) throw novaError('ComputeHostNotFound', { host })
    return found
  }

  async create(_ctx: RequestContext, node: ComputeNode): Promise<void> {
    const uuid = node.objIsSet('uuid') ? node.uuid : this.#deps.random.uuid()
    const pools = node.objIsSet('pci_device_pools') ? node.pci_device_pools : null
    this.#tables.computeNodes.insert(node, { uuid, mapped: 0, pci_device_pools: pools })
    node.objSetStored({ pci_device_pools: pools })
  }

  async save(_ctx: RequestContext, node: ComputeNode): Promise<void> {
    if (!this.#tables.computeNodes.update(node)) throw novaError('ComputeHostNotFound', { host: node.host })
  }

  async destroy(_ctx: RequestContext, node: ComputeNode): Promise<void> {
    if (!this.#tables.computeNodes.delete(node)) throw novaError('ComputeHostNotFound', { host: node.host })
  }
}
