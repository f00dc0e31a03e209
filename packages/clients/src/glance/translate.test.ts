import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adminContext } from '@micronova/model'
import { FakeClock } from '@micronova/testing'
import { FakeGlance } from '../fakes/fake-glance.js'
import { ImageService } from './image-service.js'
import { translateFromGlance, translateToGlance } from './translate.js'

const ctx = adminContext({ clock: new FakeClock(), random: { uuid: () => '1' } })

const shown = {
  'owner_specified.openstack.md5': '',
  name: 'img1',
  disk_format: 'raw',
  container_format: 'bare',
  visibility: 'public',
  size: 65536,
  virtual_size: 65536,
  status: 'active',
  checksum: 'fcd6bcb56c1689fcef28b57c22475bad',
  protected: false,
  min_ram: 0,
  min_disk: 0,
  owner: 'cd66',
  os_hidden: false,
  os_hash_algo: 'sha512',
  os_hash_value: '73e4',
  id: '97d9',
  created_at: '2026-11-22T11:54:54Z',
  updated_at: '2026-11-22T11:54:55.5Z',
  tags: ['a'],
  self: '/v2/images/97d9',
  file: '/v2/images/97d9/file',
  schema: '/v2/schemas/image',
  kernel_id: null,
  hw_qemu_guest_agent: 'yes',
  block_device_mapping: '[{"boot_index": 0}]',
}

test('an image of Glance becomes the dict that Nova hands around', () => {
  assert.deepEqual(translateFromGlance(shown), {
    id: '97d9',
    name: 'img1',
    status: 'active',
    owner: 'cd66',
    size: 65536,
    checksum: 'fcd6bcb56c1689fcef28b57c22475bad',
    disk_format: 'raw',
    container_format: 'bare',
    min_ram: 0,
    min_disk: 0,
    is_public: true,
    os_hidden: false,
    os_hash_algo: 'sha512',
    os_hash_value: '73e4',
    deleted: false,
    deleted_at: null,
    created_at: '2026-11-22T11:54:54.000000',
    updated_at: '2026-11-22T11:54:55.500000',
    properties: {
      'owner_specified.openstack.md5': '',
      kernel_id: null,
      hw_qemu_guest_agent: 'yes',
      block_device_mapping: [{ boot_index: 0 }],
    },
  })
})

test('a queued image has no size and no formats', () => {
  const { size, disk_format, checksum } = translateFromGlance({ ...shown, status: 'queued', size: null, disk_format: null, checksum: null })
  assert.deepEqual([size, disk_format, checksum], [0, null, null])
})

test('what Nova writes has texts for properties, and nothing that only Glance sets', () => {
  const written = translateToGlance({
    name: 'snap',
    is_public: false,
    status: 'active',
    size: 5,
    deleted: false,
    min_ram: 512,
    created_at: '2026-11-22T11:54:54.000000',
    properties: { kernel_id: 'None', ramdisk_id: null, count: 5, flag: true, mappings: [{ virtual: 'root' }], image_type: 'snapshot' },
  })
  assert.deepEqual(written, {
    name: 'snap',
    min_ram: 512,
    visibility: 'private',
    ramdisk_id: null,
    count: '5',
    flag: 'True',
    mappings: '[{"virtual": "root"}]',
    image_type: 'snapshot',
  })
})

test('a change sends what differs; only a purge takes away properties', async () => {
  const glance = new FakeGlance()
  const images = new ImageService(glance)
  const { id } = glance.addImage({ name: 'one', image_type: 'snapshot', old: 'x' })
  const changed = await images.update(ctx, id, { name: 'one', properties: { image_type: 'snapshot', 'a/b~c': '1' } }, null)
  assert.deepEqual(glance.calls.log.at(-1)?.args[1], [{ op: 'add', path: '/a~1b~0c', value: '1' }])
  assert.equal(changed.properties['old'], 'x')

  glance.calls.log.length = 0
  await images.update(ctx, id, { name: 'one' }, null)
  assert.deepEqual(glance.calls.methods, ['showImage'], 'nothing to change')

  await images.update(ctx, id, { properties: { image_type: 'backup' } }, null, { purgeProperties: true })
  const [replaced, ...removed] = (glance.calls.log.at(-1)?.args[1] ?? []) as { op: string; path: string }[]
  assert.deepEqual(replaced, { op: 'replace', path: '/image_type', value: 'backup' })
  assert.ok(removed.some(({ op, path }) => op === 'remove' && path === '/old'))
})
