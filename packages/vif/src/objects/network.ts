import { f } from '@micronova/versionedobjects'
import { defineList, defineObject } from './base.js'

/** An address of an interface. */
export class FixedIP extends defineObject({
  name: 'FixedIP',
  version: '1.0',
  fields: { address: f.ipAddress(), floating_ips: f.list(f.ipAddress()) },
}) {}

export class FixedIPList extends defineList({ name: 'FixedIPList', version: '1.0', of: FixedIP }) {}

export class Route extends defineObject({
  name: 'Route',
  version: '1.0',
  fields: { cidr: f.ipNetwork(), gateway: f.ipAddress(), interface: f.string() },
}) {}

export class RouteList extends defineList({ name: 'RouteList', version: '1.0', of: Route }) {}

export class Subnet extends defineObject({
  name: 'Subnet',
  version: '1.0',
  fields: {
    cidr: f.ipNetwork(),
    dns: f.list(f.ipAddress()),
    gateway: f.ipAddress(),
    ips: f.object(FixedIPList),
    routes: f.object(RouteList),
    dhcp_server: f.ipAddress(),
  },
}) {}

export class SubnetList extends defineList({ name: 'SubnetList', version: '1.0', of: Subnet }) {}

const NetworkBase = defineObject({
  name: 'Network',
  version: '1.1',
  fields: {
    id: f.uuid(),
    bridge: f.string(),
    label: f.string(),
    subnets: f.object(SubnetList),
    multi_host: f.boolean(),
    should_provide_bridge: f.boolean(),
    should_provide_vlan: f.boolean(),
    bridge_interface: f.string({ nullable: true }),
    vlan: f.integer({ nullable: true }),
    mtu: f.integer({ nullable: true }),
  },
  compat: [{ below: '1.1', removes: ['mtu'] }],
})

/** The network that an interface is on. A new one has its flags off, no MTU and no subnets. */
export class Network extends NetworkBase {
  constructor(values: ConstructorParameters<typeof NetworkBase>[0] = {}) {
    super({
      subnets: new SubnetList({ objects: [] }),
      multi_host: false,
      should_provide_bridge: false,
      should_provide_vlan: false,
      mtu: null,
      ...values,
    })
  }
}
