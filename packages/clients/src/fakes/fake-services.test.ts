import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adminContext } from '@micronova/model'
import { FakeClock } from '@micronova/testing'
import { isClientError } from '../errors.js'
import { FakeCinder } from './fake-cinder.js'
import { FakeGlance } from './fake-glance.js'
import { FakeNeutron } from './fake-neutron.js'

const deps = { clock: new FakeClock(), random: { uuid: () => '00000000-0000-0000-0000-000000000001' } }
const admin = adminContext(deps)
const user = adminContext(deps, { isAdmin: false, projectId: 'p', authToken: 'token' })
const refused =
  (code: string, serviceCode: string | null = null) =>
  (err: unknown) =>
    isClientError(err) && err.code === code && err.serviceCode === serviceCode

test('a port gets an address that is free, and goes with its device', async () => {
  const neutron = new FakeNeutron()
  const { id } = neutron.addNetwork({}, ['10.1.0.0/30'])
  const port = await neutron.createPort(user, { network_id: id, device_id: 'i' })
  assert.deepEqual([port.fixed_ips[0]?.ip_address, port.mac_address, port.status], ['10.1.0.2', 'fa:16:3e:00:00:01', 'DOWN'])
  await assert.rejects(neutron.createPort(user, { network_id: id }), refused('conflict', 'IpAddressGenerationFailure'))
  assert.deepEqual((await neutron.listPorts(user, { device_id: 'i' }, { fields: ['id'] })) as unknown[], [{ id: port.id }])
})

test('a user neither sees nor sets the host of a port', async () => {
  const neutron = new FakeNeutron()
  const { id } = neutron.addNetwork()
  const port = await neutron.createPort(user, { network_id: id })
  const bind = { 'binding:host_id': 'host1' }
  await assert.rejects(neutron.updatePort(user, port.id, bind), refused('forbidden', 'PolicyNotAuthorized'))
  const bound = await neutron.updatePort(user, port.id, bind, { auth: 'admin' })
  assert.deepEqual([bound['binding:vif_type'], bound.status], ['ovs', 'ACTIVE'])
  assert.equal('binding:host_id' in (await neutron.showPort(user, port.id)), false)
})

test('a port moves by a second binding that is activated', async () => {
  const neutron = new FakeNeutron()
  const { id } = neutron.addNetwork()
  const port = await neutron.createPort(admin, { network_id: id, 'binding:host_id': 'host1' })
  await neutron.createPortBinding(admin, port.id, { host: 'host2' })
  await assert.rejects(neutron.createPortBinding(admin, port.id, { host: 'host2' }), refused('conflict', 'PortBindingAlreadyExists'))
  await neutron.activatePortBinding(admin, port.id, 'host2')
  assert.equal(neutron.ports.get(port.id)?.['binding:host_id'], 'host2')
  assert.equal((await neutron.showPortBinding(admin, port.id, 'host1')).status, 'INACTIVE')
  await neutron.deletePortBinding(admin, port.id, 'host1')
  await assert.rejects(neutron.showPortBinding(admin, port.id, 'host1'), refused('not_found', 'PortBindingNotFound'))
})

test('a host that cannot serve a port leaves it with a failed binding', async () => {
  const neutron = new FakeNeutron()
  const { id } = neutron.addNetwork()
  neutron.wiring.vifType = () => 'binding_failed'
  const port = await neutron.createPort(admin, { network_id: id, 'binding:host_id': 'host1' })
  assert.deepEqual([port['binding:vif_type'], port.status], ['binding_failed', 'DOWN'])
})

test('the quota of ports is kept, and several are made together or not at all', async () => {
  const neutron = new FakeNeutron()
  const { id } = neutron.addNetwork()
  neutron.portQuota = 1
  await assert.rejects(neutron.createPorts(user, [{ network_id: id }, { network_id: id }]), refused('over_quota', 'OverQuota'))
  assert.equal(neutron.ports.size, 0)
})

test('an image that is queued takes data once, and gives it back', async () => {
  const glance = new FakeGlance()
  const image = await glance.createImage(user, { name: 'snapshot' })
  const data = async function* () {
    yield Buffer.from('abc')
  }
  await assert.rejects(glance.uploadImage(user, image.id, data()), refused('bad_request'))
  const add = (path: string, value: string) => ({ op: 'add', path, value }) as const
  await glance.updateImage(user, image.id, [add('/disk_format', 'raw'), add('/container_format', 'bare')])
  await glance.uploadImage(user, image.id, data())
  assert.deepEqual([(await glance.showImage(user, image.id)).status, (await glance.showImage(user, image.id)).size], ['active', 3])
  const pieces: Uint8Array[] = []
  for await (const piece of (await glance.downloadImage(user, image.id)) ?? []) pieces.push(piece)
  assert.equal(Buffer.concat(pieces).toString(), 'abc')
  await assert.rejects(glance.uploadImage(user, image.id, data()), refused('conflict'))
})

test('a volume is reserved, attached, in use, and available again', async () => {
  const cinder = new FakeCinder()
  const { id } = cinder.addVolume()
  const status = () => cinder.volumes.get(id)?.status
  const { id: attachment } = await cinder.createAttachment(user, { volumeId: id, instanceUuid: 'i' })
  assert.equal(status(), 'reserved')
  await assert.rejects(cinder.createAttachment(user, { volumeId: id, instanceUuid: 'j' }), refused('bad_request'))
  const updated = await cinder.updateAttachment(user, attachment, { connector: { host: 'host1' }, mountpoint: '/dev/vdb' })
  assert.deepEqual(updated.connection_info, { driver_volume_type: 'fake', volume_id: id, host: 'host1', mountpoint: '/dev/vdb' })
  await cinder.completeAttachment(user, attachment)
  assert.equal(status(), 'in-use')
  const { id: next } = await cinder.createAttachment(user, { volumeId: id, instanceUuid: 'i' })
  await cinder.deleteAttachment(user, attachment)
  assert.equal(status(), 'reserved', 'its instance keeps it while it leaves a host')
  await cinder.deleteAttachment(user, next)
  assert.equal(status(), 'available')
  await assert.rejects(cinder.deleteAttachment(user, attachment), refused('not_found'))
})

test('an older Cinder has no attachments', async () => {
  const cinder = new FakeCinder()
  cinder.maxMicroversion = '3.43'
  const { id } = cinder.addVolume()
  assert.equal(await cinder.isMicroversionSupported(user, '3.44'), false)
  await assert.rejects(cinder.createAttachment(user, { volumeId: id, instanceUuid: 'i' }), refused('unsupported_version'))
})
