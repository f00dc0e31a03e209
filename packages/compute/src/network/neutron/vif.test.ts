import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FloatingIp, Network, Port, Subnet } from '@micronova/clients'
import { pythonJson } from '@micronova/model'
import { readFixtureJson } from '@micronova/testing'
import { physicalNetworkOf, vifOf } from './vif.js'

interface Case {
  readonly name: string
  readonly ports: readonly Port[]
  readonly networks: readonly Network[]
  readonly subnets: readonly Subnet[]
  readonly dhcpPorts: readonly Port[]
  readonly floatingIps: readonly FloatingIp[]
  /** Ids of ports that the user had made. */
  readonly kept: readonly string[]
  readonly ovsBridge: string
  readonly injected: boolean
  /** Of the info cache, as Python stores it. */
  readonly text: string
}
const { cases } = readFixtureJson<{ readonly cases: readonly Case[] }>('upstream/network-info.json')

for (const { name, ports, kept, text, networks, ovsBridge, injected, ...facts } of cases) {
  test(`the info cache says what Python's says: ${name}`, () => {
    const byId = new Map(networks.map((network) => [network.id, network]))
    const vifs = ports.map((port) => vifOf(port, { ...facts, networks: byId }, kept.includes(port.id), { ovsBridge, injected }))
    assert.equal(pythonJson(vifs), text)
  })
}

test('a network of segments none of which has a physical network has none', () => {
  const network = { id: 'n', name: 'net', segments: [{ 'provider:network_type': 'vxlan', 'provider:physical_network': null }] }
  assert.deepEqual(physicalNetworkOf(network), { physicalNetwork: null, tunneled: false })
})
