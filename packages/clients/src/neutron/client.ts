import type { RequestContext } from '@micronova/model'
import type { AuthCallOptions } from '../call.js'
import type {
  Agent,
  Filters,
  FloatingIp,
  Network,
  Port,
  PortBinding,
  PortBindingBody,
  PortBody,
  Quota,
  SecurityGroup,
  Subnet,
} from './types.js'

/** A read that can be limited to some fields. */
export interface NeutronReadOptions extends AuthCallOptions {
  /** Default: all that the service shows. */
  readonly fields?: readonly string[]
}

/**
 * Neutron's API v2.0. A refused request rejects with a ClientError whose serviceCode is Neutron's name of the error:
 * `PortNotFound`, `OverQuota` (code `over_quota`), `IpAddressInUse`, `MacAddressInUse`, `IpAddressGenerationFailure`, `InvalidIpForNetwork` ...
 */
export interface NeutronClient {
  /** Lists whose query would be too long for a server are asked for in several requests. */
  listPorts(ctx: RequestContext, filters: Filters, options?: NeutronReadOptions): Promise<readonly Port[]>
  showPort(ctx: RequestContext, portId: string, options?: NeutronReadOptions): Promise<Port>
  createPort(ctx: RequestContext, port: PortBody, options?: AuthCallOptions): Promise<Port>
  /** All or nothing. */
  createPorts(ctx: RequestContext, ports: readonly PortBody[], options?: AuthCallOptions): Promise<readonly Port[]>
  updatePort(ctx: RequestContext, portId: string, changes: PortBody, options?: AuthCallOptions): Promise<Port>
  deletePort(ctx: RequestContext, portId: string, options?: AuthCallOptions): Promise<void>

  listPortBindings(ctx: RequestContext, portId: string, options?: AuthCallOptions): Promise<readonly PortBinding[]>
  showPortBinding(ctx: RequestContext, portId: string, host: string, options?: AuthCallOptions): Promise<PortBinding>
  /** @throws ClientError `conflict` if it has one on that host */
  createPortBinding(ctx: RequestContext, portId: string, binding: PortBindingBody, options?: AuthCallOptions): Promise<PortBinding>
  /** The one that was active becomes inactive. @throws ClientError `conflict` if it is active already */
  activatePortBinding(ctx: RequestContext, portId: string, host: string, options?: AuthCallOptions): Promise<PortBinding>
  deletePortBinding(ctx: RequestContext, portId: string, host: string, options?: AuthCallOptions): Promise<void>

  listNetworks(ctx: RequestContext, filters: Filters, options?: NeutronReadOptions): Promise<readonly Network[]>
  showNetwork(ctx: RequestContext, networkId: string, options?: NeutronReadOptions): Promise<Network>
  listSubnets(ctx: RequestContext, filters: Filters, options?: NeutronReadOptions): Promise<readonly Subnet[]>
  showSubnet(ctx: RequestContext, subnetId: string, options?: NeutronReadOptions): Promise<Subnet>
  /** @throws ClientError `not_found` where Neutron has no routers: there are no floating addresses then */
  listFloatingIps(ctx: RequestContext, filters: Filters, options?: NeutronReadOptions): Promise<readonly FloatingIp[]>
  showFloatingIp(ctx: RequestContext, floatingIpId: string, options?: NeutronReadOptions): Promise<FloatingIp>
  updateFloatingIp(
    ctx: RequestContext,
    floatingIpId: string,
    changes: { readonly port_id: string | null; readonly fixed_ip_address?: string },
    options?: AuthCallOptions,
  ): Promise<FloatingIp>
  /**
   * The network that Neutron has made for the project, or makes now, where that is offered (`auto-allocated-topology`).
   *
   * @returns its id
   * @throws ClientError `conflict` if it cannot be made
   */
  autoAllocatedNetwork(ctx: RequestContext, projectId: string, options?: AuthCallOptions): Promise<string>
  listSecurityGroups(ctx: RequestContext, filters: Filters, options?: NeutronReadOptions): Promise<readonly SecurityGroup[]>

  /** Aliases of the extensions, as in `binding-extended`; kept for `[neutron] extension_sync_interval` seconds. */
  extensions(ctx: RequestContext, options?: AuthCallOptions): Promise<ReadonlySet<string>>
  showQuota(ctx: RequestContext, projectId: string, options?: AuthCallOptions): Promise<Quota>
  listAgents(ctx: RequestContext, filters: Filters, options?: NeutronReadOptions): Promise<readonly Agent[]>
}
