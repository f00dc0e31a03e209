import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ComputeNode, PciDevicePoolList } from '@micronova/model'
import type { HostResources } from '@micronova/virt'
import { defaultsOf } from '../../test/support/tracker-fixture.js'
import { assignChanged, describeHost, newNodeRecord, withoutDevices } from './compute-node-record.js'
import { resourceOptions } from './options.js'

const resources: HostResources = {
  vcpus: 4,
  memoryMb: 8192,
  localGb: 100,
  vcpusUsed: 1,
  memoryMbUsed: 2,
  localGbUsed: 3,
  hypervisorType: 'fake',
  hypervisorVersion: 1000,
  hypervisorHostname: 'n1',
  cpuInfo: '{}',
  diskAvailableLeast: 0,
  supportedInstances: [{ arch: 'x86_64', hvType: 'fake', vmMode: 'hvm' }],
}
const options = { hostIp: '127.0.0.1', resources: defaultsOf(resourceOptions) }

function stored(changes: Partial<typeof options.resources> = {}): ComputeNode {
  const node = newNodeRecord('h1', resources)
  describeHost(node, resources, { ...options, resources: { ...options.resources, ...changes } })
  node.objResetChanges(undefined, { recursive: true })
  return node
}

test('a host that is as it was leaves its record unchanged', () => {
  const node = stored()
  describeHost(node, resources, options)
  assert.deepEqual([...node.objWhatChanged()], [])
})

test('only what differs becomes a change', () => {
  const node = stored()
  const supportedInstances = [...resources.supportedInstances, { arch: 'i686', hvType: 'fake', vmMode: 'hvm' }]
  describeHost(node, { ...resources, vcpus: 8, supportedInstances }, options)
  assert.deepEqual([...node.objWhatChanged()].sort(), ['supported_hv_specs', 'vcpus'])
  assert.deepEqual(
    node.supported_hv_specs.map(({ arch }) => arch),
    ['x86_64', 'i686'],
  )
})

test('an address that is written in another way is the same', () => {
  const node = stored()
  describeHost(node, resources, { ...options, hostIp: 'fd00::1' })
  node.objResetChanges()
  describeHost(node, resources, { ...options, hostIp: 'FD00:0:0::0001' })
  assert.deepEqual([...node.objWhatChanged()], [])
})

test('statistics and empty device pools are compared by what is in them', () => {
  const node = new ComputeNode()
  assignChanged(node, { stats: { a: '1', b: '2' }, ...withoutDevices() })
  assert.deepEqual([...node.objWhatChanged()].sort(), ['pci_device_pools', 'stats'])
  node.objResetChanges(undefined, { recursive: true })
  assignChanged(node, { stats: { b: '2', a: '1' }, pci_device_pools: new PciDevicePoolList({ objects: [] }) })
  assert.deepEqual([...node.objWhatChanged()], [])
  assignChanged(node, { stats: { a: '1' } })
  assert.deepEqual([...node.objWhatChanged()], ['stats'])
})

test('a new record has the initial ratios, an old one keeps its own, and a configured one goes before both', () => {
  assert.equal(stored().cpu_allocation_ratio, 16)
  assert.equal(stored({ initial_cpu_allocation_ratio: 2 }).cpu_allocation_ratio, 2)
  assert.equal(stored({ cpu_allocation_ratio: 4 }).cpu_allocation_ratio, 4)
  assert.equal(stored({ ram_allocation_ratio: 0 }).ram_allocation_ratio, 1.5, '0.0 of older files is not a ratio')

  const node = stored({ initial_cpu_allocation_ratio: 2 })
  describeHost(node, resources, options)
  assert.equal(node.cpu_allocation_ratio, 2)
  describeHost(node, resources, { ...options, resources: { ...options.resources, cpu_allocation_ratio: 4 } })
  assert.equal(node.cpu_allocation_ratio, 4)
})

test('a word of the driver that Nova does not know is refused', () => {
  const supportedInstances = [{ arch: 'pdp-11', hvType: 'fake', vmMode: 'hvm' }]
  assert.throws(() => describeHost(stored(), { ...resources, supportedInstances }, options), /pdp-11/)
})
