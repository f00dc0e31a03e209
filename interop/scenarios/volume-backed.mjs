// Servers whose root disk is a volume.
import assert from 'node:assert/strict'
import { scenario } from '../scenario.mjs'
import { bootFrom } from '../volumes.mjs'
import { pollUntil } from '../wait.mjs'

const coming = ['build_and_run_instance', 'terminate_instance']
const hostOf = (server) => server['OS-EXT-SRV-ATTR:host']

export const bootFromVolume = scenario({
  name: 'boot from a volume',
  expects: 'no image is shown, no disk is taken in Placement; after the delete the volume that was to stay is available',
  methods: coming,
  async run({ servers, volumes }) {
    const volume = await volumes.create({ bootable: true })
    const server = await servers.boot({ onVolume: true, ...bootFrom('volume', volume, { keep: true }) })
    assert.equal(server.image, '')
    await volumes.checkAttached(volume, server.id, { host: hostOf(server) })
    await servers.act(server.id, 'reboot', { type: 'HARD' }, 'ACTIVE')
    await servers.delete(server.id)
    await servers.checkGone(server.id)
    await volumes.checkFree(volume)
  },
})

export const bootFromImageToVolume = scenario({
  name: 'boot from an image on a new volume',
  expects: 'a volume of the asked size is made of the image, and is gone with the server',
  methods: coming,
  async run({ servers, volumes, cloud }) {
    const server = await servers.boot({ onVolume: true, ...bootFrom('image', cloud.made.image, { size: 2 }) })
    const volume = await volumes.adoptRoot(server.id)
    await volumes.checkAttached(volume, server.id, { host: hostOf(server) })
    const { size, volume_image_metadata: metadata } = await volumes.get(volume)
    assert.deepEqual([size, metadata.image_id], [2, cloud.made.image])
    await servers.delete(server.id)
    await volumes.checkGone(volume)
  },
})

export const bootWithBlankVolume = scenario({
  name: 'boot with a blank volume beside the root disk',
  expects: 'made and attached with the server, gone with it',
  methods: coming,
  async run({ servers, volumes, cloud }) {
    const root = { boot_index: 0, uuid: cloud.made.image, source_type: 'image', destination_type: 'local', delete_on_termination: true }
    const blank = { boot_index: -1, source_type: 'blank', destination_type: 'volume', volume_size: 1, delete_on_termination: true }
    const id = await servers.create({ block_device_mapping_v2: [root, blank] })
    const server = await servers.waitFor(id, 'ACTIVE')
    await servers.checkPlaced(id)
    const volume = await volumes.adoptRoot(id)
    await volumes.checkAttached(volume, id, { host: hostOf(server) })
    await servers.delete(id)
    await volumes.checkGone(volume)
  },
})

export const snapshotOfVolumes = scenario({
  name: 'snapshot of a server that boots from a volume',
  expects: 'the guest is quiesced meanwhile; an image that names a snapshot of the volume, from which another server boots',
  methods: ['quiesce_instance', 'unquiesce_instance', ...coming],
  async run({ servers, volumes, client, cloud, afterwards }) {
    const { id } = await servers.boot({ onVolume: true, ...bootFrom('image', cloud.made.image) })
    await volumes.adoptRoot(id)
    const { image_id: image } = await servers.act(id, 'createImage', { name: 'interop-volumes' }, 'ACTIVE')
    afterwards(() => client.glance('DELETE', `/images/${image}`, undefined, { allow: [404] }))
    const [mapping] = JSON.parse((await client.glance('GET', `/images/${image}`)).body.block_device_mapping)
    afterwards(() => volumes.removeSnapshot(mapping.snapshot_id))
    await pollUntil(
      'the snapshot to be available',
      async () => (await client.cinder('GET', `/snapshots/${mapping.snapshot_id}`)).body.snapshot.status === 'available',
    )
    const copy = await servers.boot({ imageRef: image, onVolume: true })
    const volume = await volumes.adoptRoot(copy.id)
    assert.equal((await volumes.get(volume)).snapshot_id, mapping.snapshot_id)
    await servers.delete(copy.id)
    await servers.checkActions(id, ['createImage'])
    await servers.delete(id)
  },
})

export const rebuildOnVolume = scenario({
  name: 'rebuild a server that boots from a volume',
  expects: 'with its image the volume stays as it is; since microversion 2.93 another image is written over it',
  methods: ['rebuild_instance', 'external_instance_event'],
  async run({ servers, volumes, cloud }) {
    const { id } = await servers.boot({ onVolume: true, ...bootFrom('image', cloud.made.image) })
    const volume = await volumes.adoptRoot(id)
    await servers.act(id, 'rebuild', { imageRef: cloud.made.image }, 'ACTIVE')
    await volumes.checkAttached(volume, id)
    await servers.act(id, 'rebuild', { imageRef: cloud.made.otherImage }, 'ACTIVE', { microversion: '2.93' })
    await volumes.checkAttached(volume, id)
    assert.equal((await volumes.get(volume)).volume_image_metadata.image_id, cloud.made.otherImage)
    await servers.checkActions(id, ['rebuild'])
    await servers.checkPlaced(id, { disk: false })
  },
})

export const shelveOnVolume = scenario({
  name: 'shelve and unshelve a server that boots from a volume',
  expects: 'offloaded at once and without an image, its volume kept for it; connected to its new host after the unshelve',
  methods: ['shelve_offload_instance', 'unshelve_instance'],
  async run({ servers, volumes, client, cloud, home }) {
    const { id } = await servers.boot({ onVolume: true, ...bootFrom('image', cloud.made.image), host: home })
    const volume = await volumes.adoptRoot(id)
    await servers.act(id, 'shelve', null, 'SHELVED_OFFLOADED')
    assert.deepEqual((await client.glance('GET', `/images?instance_uuid=${id}`)).body.images, [])
    await volumes.waitFor(volume, 'reserved')
    await servers.act(id, 'unshelve', null, 'ACTIVE')
    await volumes.checkAttached(volume, id, { host: hostOf(await servers.get(id)) })
    await servers.checkPlaced(id, { disk: false })
    await servers.act(id, 'shelve', null, 'SHELVED_OFFLOADED')
    await servers.delete(id)
    await volumes.checkGone(volume)
  },
})
