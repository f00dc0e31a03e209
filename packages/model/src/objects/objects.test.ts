import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ObjectFieldNotSet } from '@micronova/versionedobjects'
import {
  Aggregate,
  Destination,
  Diagnostics,
  type DiskMetadata,
  Flavor,
  IDEDeviceBus,
  Instance,
  InstanceActionPayload,
  InstanceGroup,
  isNovaError,
  Migration,
  NetworkRequest,
  NicDiagnostics,
  novaRegistry,
  PciDevice,
  populatePayload,
  Quotas,
  RequestSpec,
  type Service,
} from '../index.js'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
function same<A, B>(..._: Equal<A, B> extends true ? [] : ['the types differ']): void {}

test('the fields of the declarations have their types', () => {
  same<Instance['uuid'], string>()
  same<Instance['vm_state'], string | null>()
  same<Instance['flavor'], Flavor>()
  same<Instance['system_metadata'], Record<string, string | null>>()
  same<Instance['launched_at'], Date | null>()
  same<Service['version'], number>()
  same<Migration['migration_type'], 'migration' | 'resize' | 'live-migration' | 'evacuation'>()
  same<InstanceActionPayload['state'], (typeof vmStatesOfPayload)[number] | null>()
  const bus: DiskMetadata['bus'] = new IDEDeviceBus({ address: '0:1' })
  assert.equal(bus.objName, 'IDEDeviceBus')
})

const vmStatesOfPayload = [
  'active',
  'building',
  'paused',
  'suspended',
  'stopped',
  'rescued',
  'resized',
  'soft-delete',
  'deleted',
  'error',
  'shelved',
  'shelved_offloaded',
] as const

test('an instance notices what is changed inside its metadata, also after it came off the wire', () => {
  const registry = novaRegistry()
  const instance = registry.fromPrimitive(registry.toPrimitive(Instance.objStored({ metadata: { a: 'b' }, system_metadata: {} })))
  assert.ok(instance instanceof Instance)
  assert.equal(instance.objHasChanges(), false)
  instance.metadata.a = 'c'
  instance.system_metadata.x = null
  assert.deepEqual([...instance.objWhatChanged()], ['metadata', 'system_metadata'])
  instance.objResetChanges(['metadata'])
  assert.deepEqual([...instance.objWhatChanged()], ['system_metadata'])
})

test('a flavor with extra specs that nobody changed is unchanged', () => {
  const registry = novaRegistry()
  const primitive = registry.toPrimitive(Flavor.objStored({ extra_specs: { 'hw:x': '1' }, projects: ['p'] }))
  const flavor = registry.fromPrimitive(primitive)
  assert.ok(flavor instanceof Flavor)
  assert.deepEqual(registry.toPrimitive(flavor), primitive)
  flavor.projects.push('q')
  assert.deepEqual([...flavor.objWhatChanged()], ['projects'])
})

test('what an older peer leaves out is null, a default or empty, as upstream has it', () => {
  assert.equal(new NetworkRequest().tag, null)
  assert.equal(new Destination().allow_cross_cell_move, false)
  assert.deepEqual(new PciDevice().extra_info, {})
  assert.throws(() => new PciDevice().address, ObjectFieldNotSet)
  const spec = new RequestSpec()
  assert.equal(spec.security_groups.objects.length, 0)
  assert.equal(spec.network_metadata.tunneled, false)
  assert.equal(spec.requested_destination, null)
  assert.throws(
    () => spec.flavor,
    (err) => isNovaError(err, 'ObjectActionError') && err.message.endsWith('attribute flavor not lazy-loadable'),
  )
  const quotas = new Quotas()
  assert.deepEqual(quotas.reservations, [])
  assert.equal(quotas.objHasChanges(), false)
})

test('the type of an old migration follows from its flavors', () => {
  assert.equal(new Migration({ old_instance_type_id: 1, new_instance_type_id: 2 }).migration_type, 'resize')
  assert.equal(new Migration({ old_instance_type_id: 1, new_instance_type_id: 1 }).migration_type, 'migration')
  assert.equal(new Migration().hidden, false)
})

test('diagnostics count their devices', () => {
  const diagnostics = new Diagnostics({ nic_details: [new NicDiagnostics()] })
  assert.deepEqual([diagnostics.num_nics, diagnostics.num_cpus, diagnostics.num_disks], [1, 0, 0])
  assert.equal(diagnostics.memory_details.objName, 'MemoryDiagnostics')
  assert.notEqual(diagnostics.memory_details, new Diagnostics().memory_details)
})

test('some objects answer what follows from their fields', () => {
  assert.deepEqual(new InstanceGroup({ _rules: { max_server_per_host: '3' } }).rules, { max_server_per_host: 3 })
  assert.deepEqual(new InstanceGroup().rules, {})
  assert.equal(new Aggregate({ metadata: { availability_zone: 'az1' } }).availability_zone, 'az1')
})

test('a payload is filled from its sources by its schema, the inherited one too', () => {
  const instance = Instance.objStored({
    uuid: 'u',
    hostname: 'vm1',
    power_state: 1,
    auto_disk_config: true,
    locked: false,
    metadata: { a: 'b' },
    vm_state: 'active',
  })
  const payload = new InstanceActionPayload()
  populatePayload(payload, { instance })
  assert.deepEqual(
    [payload.uuid, payload.host_name, payload.power_state, payload.auto_disk_config, payload.state, payload.task_state],
    ['u', 'vm1', 'running', 'AUTO', 'active', null],
  )
  assert.equal(payload.objHasChanges(), false)
  assert.throws(() => populatePayload(payload, {}), /InstanceActionPayload needs instance for/)
})
