/**
 * Names are Neutron's on the wire. An answer keeps the fields that are not named here, so that what is read can be written back.
 * With `fields` only those asked for are there.
 */
export interface FixedIp {
  readonly subnet_id?: string
  readonly ip_address?: string
}

export type BindingProfile = Readonly<Record<string, unknown>>

export interface Port {
  readonly id: string
  readonly name?: string
  readonly network_id: string
  readonly tenant_id?: string
  readonly project_id?: string
  readonly mac_address: string
  readonly admin_state_up?: boolean
  /** `ACTIVE`, `DOWN`, `BUILD`, `ERROR`. */
  readonly status: string
  readonly device_id: string
  /** `compute:<availability zone>` */
  readonly device_owner: string
  readonly fixed_ips: readonly FixedIp[]
  readonly allowed_address_pairs?: readonly unknown[]
  readonly extra_dhcp_opts?: readonly unknown[]
  readonly security_groups?: readonly string[]
  readonly port_security_enabled?: boolean
  readonly dns_name?: string
  readonly 'binding:host_id'?: string
  readonly 'binding:vnic_type'?: string
  readonly 'binding:vif_type'?: string
  readonly 'binding:vif_details'?: Readonly<Record<string, unknown>>
  readonly 'binding:profile'?: BindingProfile | null
  readonly resource_request?: unknown
  readonly numa_affinity_policy?: string | null
  readonly device_profile?: string | null
  readonly [field: string]: unknown
}

/** What may be said of a port when it is made or changed. */
export interface PortBody {
  readonly network_id?: string
  readonly tenant_id?: string
  readonly name?: string
  readonly admin_state_up?: boolean
  readonly device_id?: string
  readonly device_owner?: string
  readonly mac_address?: string | null
  readonly fixed_ips?: readonly FixedIp[]
  readonly security_groups?: readonly string[]
  readonly dns_name?: string
  readonly 'binding:host_id'?: string | null
  readonly 'binding:vnic_type'?: string
  readonly 'binding:profile'?: BindingProfile | null
  readonly [field: string]: unknown
}

/** A port on one host; a port that moves has two. */
export interface PortBinding {
  readonly host: string
  readonly vif_type: string
  readonly vnic_type: string
  /** `ACTIVE` or `INACTIVE`. */
  readonly status: string
  readonly profile: BindingProfile
  readonly vif_details: Readonly<Record<string, unknown>>
  readonly [field: string]: unknown
}

export interface PortBindingBody {
  readonly host: string
  readonly vnic_type?: string
  readonly profile?: BindingProfile
}

export interface Network {
  readonly id: string
  readonly name: string
  readonly tenant_id?: string
  readonly project_id?: string
  readonly status?: string
  readonly shared?: boolean
  readonly admin_state_up?: boolean
  readonly mtu?: number
  readonly subnets?: readonly string[]
  readonly port_security_enabled?: boolean
  readonly dns_domain?: string
  readonly 'router:external'?: boolean
  readonly 'provider:network_type'?: string | null
  readonly 'provider:physical_network'?: string | null
  readonly 'provider:segmentation_id'?: number | null
  readonly segments?: readonly Readonly<Record<string, unknown>>[]
  readonly vlan_transparent?: boolean | null
  readonly [field: string]: unknown
}

export interface Subnet {
  readonly id: string
  readonly name?: string
  readonly network_id: string
  readonly cidr: string
  readonly ip_version: number
  readonly gateway_ip: string | null
  readonly enable_dhcp?: boolean
  readonly dns_nameservers?: readonly string[]
  readonly host_routes?: readonly { readonly destination: string; readonly nexthop: string }[]
  readonly ipv6_address_mode?: string | null
  readonly ipv6_ra_mode?: string | null
  readonly [field: string]: unknown
}

export interface FloatingIp {
  readonly id: string
  readonly floating_ip_address: string
  readonly fixed_ip_address: string | null
  readonly port_id: string | null
  readonly floating_network_id: string
  readonly [field: string]: unknown
}

export interface SecurityGroup {
  readonly id: string
  readonly name: string
  readonly tenant_id?: string
  readonly [field: string]: unknown
}

/** An L2 agent and the like. */
export interface Agent {
  readonly id: string
  readonly binary: string
  readonly host: string
  readonly agent_type: string
  readonly alive: boolean
  readonly admin_state_up: boolean
  readonly [field: string]: unknown
}

/** Resource to limit; -1: none. */
export type Quota = Readonly<Record<string, number>>

/** Conditions of a list, in the order in which they go into the query. A list is one condition for each item, any of which may hold. */
export type Filters = Readonly<Record<string, string | boolean | readonly string[]>>
