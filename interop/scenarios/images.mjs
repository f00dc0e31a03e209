// What ends in an image, and what begins with one: snapshots, backups, shelving, rescue.
import assert from 'node:assert/strict'
import { scenario } from '../scenario.mjs'
import { pollUntil } from '../wait.mjs'

/** Images of a server; they are removed afterwards. */
async function imagesOf(client, id) {
  return (await client.glance('GET', `/images?instance_uuid=${id}`)).body.images
}

async function removeImages(client, id) {
  for (const image of await imagesOf(client, id)) await client.glance('DELETE', `/images/${image.id}`, undefined, { allow: [404] })
}

export const snapshot = scenario({
  name: 'snapshot',
  expects: 'an image that names the server, which is ACTIVE again',
  methods: ['snapshot_instance'],
  async run({ servers, client, afterwards }) {
    const { id } = await servers.boot()
    afterwards(() => removeImages(client, id))
    const { image_id: image } = await servers.act(id, 'createImage', { name: 'interop-snapshot' }, 'ACTIVE')
    // The fake driver uploads nothing: Zed leaves the image queued.
    const found = (await client.glance('GET', `/images/${image}`)).body
    assert.deepEqual([found.name, found.instance_uuid, found.image_type], ['interop-snapshot', id, 'snapshot'])
    assert.ok(['queued', 'active'].includes(found.status), found.status)
    await servers.checkActions(id, ['createImage'])
  },
})

export const backup = scenario({
  name: 'backup with rotation',
  expects: 'of two backups with rotation 1 the newer is left',
  methods: ['backup_instance'],
  async run({ servers, client, afterwards }) {
    const { id } = await servers.boot()
    afterwards(() => removeImages(client, id))
    for (const name of ['interop-older', 'interop-newer']) {
      await servers.act(id, 'createBackup', { name, backup_type: 'daily', rotation: 1 }, 'ACTIVE')
    }
    const left = await pollUntil('the older backup to go', async () => {
      const images = await imagesOf(client, id)
      return images.length === 1 && images
    })
    assert.deepEqual([left[0].name, left[0].backup_type], ['interop-newer', 'daily'])
    await servers.checkActions(id, ['createBackup'])
  },
})

export const shelve = scenario({
  name: 'shelve and unshelve',
  expects: 'SHELVED_OFFLOADED without a host and without allocations, the port kept; ACTIVE again after the unshelve',
  methods: ['shelve_instance', 'unshelve_instance'],
  async run({ servers, client, afterwards }) {
    const { id } = await servers.boot({ host: 'compute1' })
    afterwards(() => removeImages(client, id))
    await servers.act(id, 'shelve', null, 'SHELVED_OFFLOADED')
    assert.equal((await servers.get(id))['OS-EXT-SRV-ATTR:host'], null)
    await pollUntil('its allocations to go', async () => Object.keys(await servers.allocations(id)).length === 0, { timeoutMs: 10_000 })
    assert.equal((await servers.ports(id)).length, 1)
    await servers.act(id, 'unshelve', null, 'ACTIVE')
    await servers.checkPlaced(id)
    assert.deepEqual(await imagesOf(client, id), [], 'the image that was kept meanwhile')
    await servers.checkActions(id, ['shelve', 'unshelve'])
  },
})

export const shelveAndOffload = scenario({
  name: 'shelve, then offload',
  expects: 'where offloading is left to the user: SHELVED on its host, then SHELVED_OFFLOADED without one, then ACTIVE',
  methods: ['shelve_instance', 'shelve_offload_instance', 'unshelve_instance'],
  async run({ servers, client, afterwards }) {
    // compute2 has shelved_offload_time = -1
    const { id } = await servers.boot({ host: 'compute2' })
    afterwards(() => removeImages(client, id))
    await servers.act(id, 'shelve', null, 'SHELVED')
    assert.equal((await servers.get(id))['OS-EXT-SRV-ATTR:host'], 'compute2')
    await servers.act(id, 'shelveOffload', null, 'SHELVED_OFFLOADED')
    assert.equal((await servers.get(id))['OS-EXT-SRV-ATTR:host'], null)
    await servers.act(id, 'unshelve', null, 'ACTIVE')
    await servers.checkPlaced(id)
    await servers.checkActions(id, ['shelve', 'shelveOffload', 'unshelve'])
  },
})

export const shelveInPlace = scenario({
  name: 'unshelve where it was shelved',
  expects: 'SHELVED, then ACTIVE on the same host',
  methods: ['shelve_instance', 'start_instance'],
  async run({ servers, client, afterwards }) {
    const { id } = await servers.boot({ host: 'compute2' })
    afterwards(() => removeImages(client, id))
    await servers.act(id, 'shelve', null, 'SHELVED')
    await servers.act(id, 'unshelve', null, 'ACTIVE')
    assert.equal((await servers.get(id))['OS-EXT-SRV-ATTR:host'], 'compute2')
    await servers.checkPlaced(id)
  },
})

export const unshelveThere = scenario({
  name: 'unshelve on a host that was asked for',
  expects: 'since microversion 2.91: ACTIVE on that host',
  methods: ['shelve_instance', 'unshelve_instance'],
  async run({ servers, client, afterwards }) {
    const { id } = await servers.boot({ host: 'compute1' })
    afterwards(() => removeImages(client, id))
    await servers.act(id, 'shelve', null, 'SHELVED_OFFLOADED')
    await servers.act(id, 'unshelve', { host: 'compute2' }, 'ACTIVE', { microversion: '2.91' })
    assert.equal((await servers.get(id))['OS-EXT-SRV-ATTR:host'], 'compute2')
    await servers.checkPlaced(id)
  },
})

export const rescue = scenario({
  name: 'rescue and unrescue',
  expects: 'RESCUE, then ACTIVE',
  methods: ['rescue_instance', 'unrescue_instance'],
  async run({ servers }) {
    const { id } = await servers.boot()
    const { adminPass } = await servers.act(id, 'rescue', {}, 'RESCUE')
    assert.ok(adminPass)
    await servers.act(id, 'unrescue', null, 'ACTIVE')
    await servers.checkActions(id, ['rescue', 'unrescue'])
  },
})
