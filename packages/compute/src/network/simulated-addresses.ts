import { createHash } from 'node:crypto'
import type { NetworkFixedIp, NetworkSubnet, Vif } from '@micronova/model'

/** What an interface is made from; the same input gives the same interface on every host and after every restart. */
export interface SimulatedPort {
  readonly instanceUuid: string
  readonly projectId: string | null
  readonly networkId: string
  /** Position among the interfaces of the instance. */
  readonly index: number
  readonly portId: string | null
  /** Given by the user, or null. */
  readonly fixedIp: string | null
}

/** An interface that certainly has a port and a MAC address. */
export type SimulatedVif = Vif & { id: string; address: string }

/**
 * An interface as Neutron's reference implementation would describe it. MAC address, port and IP address are derived
 * from the names and not leased: on a network of 1,000 guests two share an address with a chance of about 3 %.
 */
export function simulatedVif(port: SimulatedPort): SimulatedVif {
  const digest = createHash('sha256').update(`${port.instanceUuid} ${port.networkId} ${port.index}`).digest('hex')
  const id = port.portId ?? uuidFrom(digest)
  return {
    id,
    address: `fa:16:3e:${digest.slice(0, 2)}:${digest.slice(2, 4)}:${digest.slice(4, 6)}`,
    network: {
      id: port.networkId,
      bridge: 'br-int',
      label: 'simulated',
      subnets: [simulatedSubnet(port.fixedIp ?? ipFrom(digest))],
      meta: { injected: false, tenant_id: port.projectId, mtu: 1500, physical_network: null, tunneled: false },
    },
    type: 'other',
    details: {},
    devname: `tap${id.slice(0, 11)}`,
    ovs_interfaceid: null,
    qbh_params: null,
    qbg_params: null,
    active: true,
    vnic_type: 'normal',
    profile: {},
    preserve_on_delete: port.portId !== null,
    delegate_create: true,
    meta: {},
  }
}

function simulatedSubnet(address: string): NetworkSubnet {
  return {
    cidr: '10.0.0.0/8',
    dns: [],
    gateway: { address: '10.0.0.1', type: 'gateway', version: 4, meta: {} },
    ips: [fixedIp(address)],
    routes: [],
    version: 4,
    meta: { dhcp_server: '10.0.0.1' },
  }
}

/** A further address; `name` says which. */
export function simulatedFixedIp(name: string): NetworkFixedIp {
  return fixedIp(ipFrom(createHash('sha256').update(name).digest('hex')))
}

function fixedIp(address: string): NetworkFixedIp {
  return { address, type: 'fixed', version: 4, meta: {}, floating_ips: [] }
}

/** Not the first and not the last of a /24, so neither the gateway nor a broadcast address. */
function ipFrom(digest: string): string {
  const [a, b, c] = [digest.slice(6, 8), digest.slice(8, 10), digest.slice(10, 12)].map((hex) => Number.parseInt(hex, 16)) as [
    number,
    number,
    number,
  ]
  return `10.${a}.${b}.${2 + (c % 252)}`
}

/** In the form of a name-based uuid (version 5). */
function uuidFrom(digest: string): string {
  return [digest.slice(0, 8), digest.slice(8, 12), `5${digest.slice(13, 16)}`, `8${digest.slice(17, 20)}`, digest.slice(20, 32)].join('-')
}

/** A network for those who name none. */
export const simulatedDefaultNetworkId = uuidFrom(createHash('sha256').update('simulated network').digest('hex'))
