// What is said about a server, and ways to be rid of it.
import assert from 'node:assert/strict'
import { scenario } from '../scenario.mjs'

export const lock = scenario({
  name: 'lock and unlock',
  expects: 'shown as locked with the reason, then not',
  methods: [],
  async run({ servers }) {
    const { id } = await servers.boot({ networks: 'none' })
    await servers.act(id, 'lock', { locked_reason: 'interop' })
    const locked = await servers.get(id)
    assert.deepEqual([locked.locked, locked.locked_reason], [true, 'interop'])
    await servers.act(id, 'unlock')
    assert.equal((await servers.get(id)).locked, false)
  },
})

export const labels = scenario({
  name: 'metadata and tags',
  expects: 'what was set is shown, and is still shown after the server was stopped',
  methods: ['stop_instance'],
  async run({ servers, client }) {
    const { id } = await servers.boot({ networks: 'none', metadata: { first: '1' }, tags: ['given'] })
    await client.nova('POST', `/servers/${id}/metadata`, { metadata: { second: '2' } })
    await client.nova('PUT', `/servers/${id}/tags/added`)
    await servers.act(id, 'os-stop', null, 'SHUTOFF')
    const server = await servers.get(id)
    assert.deepEqual(server.metadata, { first: '1', second: '2' })
    assert.deepEqual([...server.tags].sort(), ['added', 'given'])
  },
})

export const resetState = scenario({
  name: 'reset the state',
  expects: 'ERROR, then ACTIVE again; a hard reboot works after it',
  methods: ['reboot_instance'],
  async run({ servers }) {
    const { id } = await servers.boot({ networks: 'none' })
    await servers.act(id, 'os-resetState', { state: 'error' }, 'ERROR')
    await servers.act(id, 'os-resetState', { state: 'active' }, 'ACTIVE')
    await servers.act(id, 'reboot', { type: 'HARD' }, 'ACTIVE')
  },
})

export const forceDelete = scenario({
  name: 'force delete',
  expects: 'gone at once, with port and allocations',
  methods: ['terminate_instance'],
  async run({ servers }) {
    const { id } = await servers.boot()
    await servers.act(id, 'forceDelete')
    await servers.waitUntilGone(id)
    await servers.checkGone(id)
  },
})

export const softDelete = scenario({
  name: 'soft delete and restore',
  expects: 'where deleted servers are kept for a while: SOFT_DELETED, ACTIVE after the restore, gone after a forced delete',
  methods: ['soft_delete_instance', 'restore_instance', 'terminate_instance'],
  async run({ servers, client, cloud, afterwards }) {
    const { id } = await servers.boot()
    await cloud.startService('nova-api-reclaim')
    afterwards(() => cloud.stopService('nova-api-reclaim'))
    const headers = { 'openstack-api-version': 'compute 2.90' }
    await client.request('nova-api-reclaim', 'DELETE', `/v2.1/servers/${id}`, { headers })
    await servers.waitFor(id, 'SOFT_DELETED')
    await servers.act(id, 'restore', null, 'ACTIVE')
    await servers.checkPlaced(id)
    await client.request('nova-api-reclaim', 'DELETE', `/v2.1/servers/${id}`, { headers })
    await servers.waitFor(id, 'SOFT_DELETED')
    await servers.act(id, 'forceDelete')
    await servers.waitUntilGone(id)
  },
})

export const deleteStopped = scenario({
  name: 'delete in other states',
  expects: 'a stopped, a paused, a shelved and a failed server can be deleted',
  methods: ['terminate_instance', 'stop_instance', 'pause_instance', 'shelve_instance'],
  async run({ servers, client }) {
    const states = [
      ['os-stop', 'SHUTOFF'],
      ['pause', 'PAUSED'],
      ['shelve', 'SHELVED_OFFLOADED'],
    ]
    for (const [action, status] of states) {
      const { id } = await servers.boot({ host: 'compute1' })
      await servers.act(id, action, null, status)
      await servers.delete(id)
      await servers.checkGone(id)
      const images = (await client.glance('GET', `/images?instance_uuid=${id}`)).body.images
      assert.deepEqual(images, [], `images of a server that was ${status}`)
    }
    const { id } = await servers.boot()
    await servers.act(id, 'os-resetState', { state: 'error' }, 'ERROR')
    await client.nova('DELETE', `/servers/${id}`)
    await servers.checkGone(id)
  },
})

export const unknownImage = scenario({
  name: 'boot from an image that is not there',
  expects: 'refused with 400 before anything is made',
  methods: [],
  async run({ servers }) {
    await assert.rejects(servers.create({ imageRef: '00000000-0000-4000-8000-000000000000' }), { name: 'RequestFailed', status: 400 })
  },
})
