// Volumes of Cinder, as users attach and detach them.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { names } from '../provision.mjs'
import { scenario } from '../scenario.mjs'
import { pollUntil } from '../wait.mjs'

const hostOf = (server) => server['OS-EXT-SRV-ATTR:host']
const attaching = ['reserve_block_device_name', 'attach_volume']

export const attachRunning = scenario({
  name: 'attach and detach a volume',
  expects: 'in use by the server under a device name of its own, connected to its host; available after the detach; both actions succeed',
  methods: [...attaching, 'detach_volume'],
  async run({ servers, volumes, home }) {
    const { id } = await servers.boot({ host: home })
    const [first, second] = [await volumes.create(), await volumes.create({ size: 2 })]
    const made = await volumes.attach(first, id)
    await volumes.checkAttached(first, id, { host: home })
    await volumes.attach(second, id, { tag: 'interop', delete_on_termination: true })
    const { device, tag, delete_on_termination: goes } = await volumes.checkAttached(second, id, { host: home })
    assert.deepEqual([tag, goes], ['interop', true])
    assert.match(device, /^\/dev\/[sv]d[b-z]$/)
    assert.notEqual(device, made.device)
    await volumes.detach(first, id)
    await servers.checkActions(id, ['attach_volume', 'detach_volume'])
    await servers.delete(id)
    await volumes.checkGone(second)
    await servers.checkGone(id)
  },
})

export const attachStopped = scenario({
  name: 'attach and detach a volume of a stopped server',
  expects: 'attached while it is off, still attached when it runs again, detached while it is off',
  methods: [...attaching, 'detach_volume', 'stop_instance', 'start_instance'],
  async run({ servers, volumes }) {
    const { id } = await servers.boot()
    const volume = await volumes.create()
    await servers.act(id, 'os-stop', null, 'SHUTOFF')
    await volumes.attach(volume, id)
    await volumes.checkAttached(volume, id)
    await servers.act(id, 'os-start', null, 'ACTIVE')
    await servers.act(id, 'reboot', { type: 'HARD' }, 'ACTIVE')
    await volumes.checkAttached(volume, id)
    await servers.act(id, 'os-stop', null, 'SHUTOFF')
    await volumes.detach(volume, id)
    await servers.checkActions(id, ['attach_volume', 'detach_volume'])
  },
})

export const attachShelved = scenario({
  name: 'attach and detach a volume of a server that is offloaded',
  expects: 'kept for it while it has no host, connected once it is unshelved; a volume detached meanwhile is available at once',
  methods: ['shelve_instance', 'unshelve_instance', 'detach_volume'],
  async run({ servers, volumes, client }) {
    const { id } = await servers.boot({ host: 'compute1' })
    const [kept, dropped] = [await volumes.create(), await volumes.create()]
    await servers.act(id, 'shelve', null, 'SHELVED_OFFLOADED')
    for (const volume of [kept, dropped]) {
      await client.nova('POST', `/servers/${id}/os-volume_attachments`, { volumeAttachment: { volumeId: volume } })
      await volumes.waitFor(volume, 'in-use')
    }
    await client.nova('DELETE', `/servers/${id}/os-volume_attachments/${dropped}`)
    await volumes.checkFree(dropped)
    await servers.act(id, 'unshelve', null, 'ACTIVE')
    await volumes.checkAttached(kept, id, { host: hostOf(await servers.get(id)) })
    await volumes.detach(kept, id)
    await servers.checkActions(id, ['shelve', 'unshelve', 'detach_volume'])
  },
})

export const sharedVolume = scenario({
  name: 'one volume on two servers',
  expects: 'a volume of a type for it is in use by both, has one attachment for each, and is available when both gave it back',
  methods: [...attaching, 'detach_volume'],
  async run({ servers, volumes, client, home, away }) {
    const ids = [(await servers.boot({ host: home, networks: 'none' })).id, (await servers.boot({ host: away, networks: 'none' })).id]
    const volume = await volumes.create({ type: names.sharedVolumes })
    for (const id of ids) {
      await client.nova('POST', `/servers/${id}/os-volume_attachments`, { volumeAttachment: { volumeId: volume } })
      await volumes.waitFor(volume, 'in-use', { also: ({ attachments }) => attachments.some((one) => one.server_id === id) })
      await servers.checkActions(id, ['attach_volume'])
    }
    assert.equal((await volumes.get(volume)).attachments.length, 2)
    await client.nova('DELETE', `/servers/${ids[0]}/os-volume_attachments/${volume}`)
    await volumes.waitFor(volume, 'in-use', { also: ({ attachments }) => attachments.length === 1 })
    await volumes.detach(volume, ids[1])
  },
})

export const swapVolume = scenario({
  name: 'swap a volume for another',
  expects: "in the old one's place the new one is in use, with its size; the old one is available",
  methods: [...attaching, 'swap_volume'],
  async run({ servers, volumes, client, home }) {
    const { id } = await servers.boot({ host: home })
    const [before, after] = [await volumes.create(), await volumes.create({ size: 2 })]
    await volumes.attach(before, id)
    const { device } = await volumes.checkAttached(before, id)
    await client.nova('PUT', `/servers/${id}/os-volume_attachments/${before}`, { volumeAttachment: { volumeId: after } })
    await volumes.checkFree(before)
    assert.equal((await volumes.checkAttached(after, id, { host: home })).device, device)
    await servers.checkActions(id, ['attach_volume', 'swap_volume'])
    await volumes.detach(after, id)
  },
})

export const migrateVolume = scenario({
  name: 'move an attached volume to another back end',
  expects: 'Cinder has Nova swap it for its copy there, and calls the copy by the old name: still attached, under the same device name',
  methods: [...attaching, 'swap_volume'],
  alone: true,
  timeoutSeconds: 180,
  async run({ servers, volumes, client, cloud, home, afterwards }) {
    const { id } = await servers.boot({ host: home })
    const volume = await volumes.create()
    await volumes.attach(volume, id)
    const { device } = await volumes.checkAttached(volume, id)
    const other = 'controller1@other#other'
    await cloud.startService('cinder-volume-other')
    afterwards(() => cloud.stopService('cinder-volume-other'))
    const isKnown = async () => {
      const { pools } = (await client.cinder('GET', '/scheduler-stats/get_pools')).body
      return pools.some(({ name }) => name === other)
    }
    await pollUntil('the scheduler to know the other back end', isKnown, { timeoutMs: 60_000, everyMs: 1000 })
    await client.cinder('POST', `/volumes/${volume}/action`, { 'os-migrate_volume': { host: other, force_host_copy: true } })
    const isThere = (one) => one['os-vol-host-attr:host'] === other && one.migration_status === 'success'
    await volumes.waitFor(volume, 'in-use', { also: isThere, timeoutMs: 60_000 })
    assert.equal((await volumes.checkAttached(volume, id, { host: home })).device, device)
    await servers.checkActions(id, ['attach_volume', 'swap_volume'])
    await volumes.detach(volume, id)
    await servers.delete(id)
    await volumes.removeAll() // its back end must be there for that
  },
})

export const extendVolume = scenario({
  name: 'extend a volume that is attached',
  expects: 'the compute is told of the new size, and Cinder hears that the server took it',
  methods: [...attaching, 'external_instance_event'],
  async run({ servers, volumes, client }) {
    const { id } = await servers.boot()
    const volume = await volumes.create()
    await volumes.attach(volume, id)
    await client.cinder('POST', `/volumes/${volume}/action`, { 'os-extend': { new_size: 3 } })
    await volumes.waitFor(volume, 'in-use', { also: ({ size }) => size === 3 })
    await pollUntil('the action that tells of it', async () => (await servers.actions(id)).some(({ action }) => action === 'extend_volume'))
    await servers.checkActions(id, ['attach_volume', 'extend_volume'])
    await volumes.detach(volume, id)
  },
})

export const assistedSnapshot = scenario({
  name: 'snapshot of a volume that the hypervisor makes',
  expects: 'taken and deleted on request of the volume service; a hypervisor that cannot leaves server and volume as they were',
  methods: [...attaching, 'volume_snapshot_create', 'volume_snapshot_delete'],
  async run({ servers, volumes, client }) {
    const { id } = await servers.boot()
    const volume = await volumes.create()
    await volumes.attach(volume, id)
    const wanted = { id: randomUUID(), snapshot_id: randomUUID(), type: 'qcow2', new_file: 'interop' }
    const { body } = await client.nova('POST', '/os-assisted-volume-snapshots', { snapshot: { volume_id: volume, create_info: wanted } })
    assert.deepEqual(body.snapshot, { id: wanted.id, volumeId: volume })
    const info = encodeURIComponent(JSON.stringify({ volume_id: volume, type: 'qcow2', file_to_merge: null, merge_target_file: null }))
    await client.nova('DELETE', `/os-assisted-volume-snapshots/${wanted.snapshot_id}?delete_info=${info}`)
    // Both are served before the stop is, which waits for its turn on the same host.
    await servers.act(id, 'os-stop', null, 'SHUTOFF')
    await volumes.checkAttached(volume, id)
  },
})
