// Servers with a volume change their size or their host, and the volume follows.
import assert from 'node:assert/strict'
import { checkMigration, evacuateFrom } from '../migrations.mjs'
import { names } from '../provision.mjs'
import { scenario } from '../scenario.mjs'
import { bootFrom } from '../volumes.mjs'

const moving = ['prep_resize', 'resize_instance', 'finish_resize']
const hostOf = (server) => server['OS-EXT-SRV-ATTR:host']

/** A server that boots from a volume, on `home`, with a second volume. */
async function bootWithTwo({ servers, volumes, cloud, home }) {
  const { id } = await servers.boot({ onVolume: true, ...bootFrom('image', cloud.made.image), host: home })
  const root = await volumes.adoptRoot(id)
  const data = await volumes.create()
  await volumes.attach(data, id)
  const all = [root, data]
  const checkOn = async (host) => {
    for (const volume of all) await volumes.checkAttached(volume, id, { host })
  }
  await checkOn(home)
  return { id, root, data, checkOn }
}

export const migrateConfirm = scenario({
  name: 'cold migrate with volumes, confirm',
  expects: 'connected to the other host, and after the confirmation to that one alone; a volume can then be detached there',
  methods: [...moving, 'confirm_resize', 'detach_volume'],
  async run(stage) {
    const { servers, volumes, away } = stage
    const { id, data, checkOn } = await bootWithTwo(stage)
    await servers.act(id, 'migrate', { host: away }, 'VERIFY_RESIZE')
    await checkOn(away)
    await servers.act(id, 'confirmResize', null, 'ACTIVE')
    await checkOn(away)
    await servers.checkPlaced(id, { disk: false })
    await checkMigration(stage, id, 'migration', 'confirmed')
    await volumes.detach(data, id)
    await servers.checkActions(id, ['migrate', 'confirmResize'])
  },
})

export const migrateRevert = scenario({
  name: 'cold migrate with volumes, revert',
  expects: 'connected to the other host, and after the revert to its own again',
  methods: [...moving, 'revert_resize', 'finish_revert_resize'],
  async run(stage) {
    const { servers, volumes, home, away } = stage
    const { id, data, checkOn } = await bootWithTwo(stage)
    await servers.act(id, 'migrate', { host: away }, 'VERIFY_RESIZE')
    await checkOn(away)
    await servers.act(id, 'revertResize', null, 'ACTIVE')
    await checkOn(home)
    await servers.checkPlaced(id, { disk: false })
    await checkMigration(stage, id, 'migration', 'reverted')
    await volumes.detach(data, id)
    await servers.checkActions(id, ['migrate', 'revertResize'])
  },
})

export const resizeWithVolumes = scenario({
  name: 'resize with volumes',
  expects: 'connected to the host of the new size; still so after the confirmation',
  methods: [...moving, 'confirm_resize'],
  async run(stage) {
    const { servers, cloud } = stage
    const { id, checkOn } = await bootWithTwo(stage)
    await servers.act(id, 'resize', { flavorRef: cloud.made.flavors[names.small] }, 'VERIFY_RESIZE')
    await checkOn(hostOf(await servers.get(id)))
    await servers.act(id, 'confirmResize', null, 'ACTIVE')
    await checkOn(hostOf(await servers.get(id)))
    await servers.checkPlaced(id, { flavor: names.small, disk: false })
  },
})

export const liveMigrate = scenario({
  name: 'live migrate with volumes',
  expects: 'connected to the other host alone; a volume can then be detached there',
  methods: ['pre_live_migration', 'live_migration', 'post_live_migration_at_destination', 'detach_volume'],
  async run(stage) {
    const { servers, volumes, away } = stage
    const { id, data, checkOn } = await bootWithTwo(stage)
    await servers.act(id, 'os-migrateLive', { host: away, block_migration: 'auto' })
    await servers.waitFor(id, 'ACTIVE', { also: (server) => hostOf(server) === away })
    await checkMigration(stage, id, 'live-migration', 'completed')
    await checkOn(away)
    await volumes.detach(data, id)
    await servers.checkActions(id, ['live-migration'])
  },
})

export const evacuateWithVolumes = scenario({
  name: 'evacuate with volumes',
  expects: 'connected to the other host alone, also when the own host is back',
  methods: ['rebuild_instance'],
  alone: true,
  timeoutSeconds: 180,
  async run(stage) {
    const { servers, away } = stage
    const { id, checkOn } = await bootWithTwo(stage)
    stage.afterwards(() => checkOn(away))
    await evacuateFrom(stage, id, { disk: false })
    await checkOn(away)
    await servers.checkActions(id, ['evacuate'])
  },
})

export const rebuildWithVolume = scenario({
  name: 'rebuild with a volume',
  expects: 'still attached under its device name',
  methods: ['rebuild_instance'],
  async run({ servers, volumes, cloud, home }) {
    const { id } = await servers.boot({ host: home })
    const volume = await volumes.create()
    await volumes.attach(volume, id)
    const { device } = await volumes.checkAttached(volume, id)
    await servers.act(id, 'rebuild', { imageRef: cloud.made.otherImage }, 'ACTIVE')
    assert.equal((await volumes.checkAttached(volume, id, { host: home })).device, device)
    await servers.checkActions(id, ['rebuild'])
  },
})

export const shelveWithVolume = scenario({
  name: 'shelve and unshelve with a volume',
  expects: 'still attached while SHELVED, kept for it while offloaded, connected to its new host after the unshelve',
  methods: ['shelve_instance', 'shelve_offload_instance', 'unshelve_instance'],
  async run({ servers, volumes, client, afterwards }) {
    // compute2 has shelved_offload_time = -1
    const { id } = await servers.boot({ host: 'compute2' })
    const volume = await volumes.create()
    await volumes.attach(volume, id)
    afterwards(async () => {
      const { images } = (await client.glance('GET', `/images?instance_uuid=${id}`)).body
      for (const image of images) await client.glance('DELETE', `/images/${image.id}`, undefined, { allow: [404] })
    })
    await servers.act(id, 'shelve', null, 'SHELVED')
    await servers.act(id, 'shelveOffload', null, 'SHELVED_OFFLOADED')
    await volumes.waitFor(volume, 'reserved')
    await servers.act(id, 'unshelve', null, 'ACTIVE')
    await volumes.checkAttached(volume, id, { host: hostOf(await servers.get(id)) })
    await servers.checkActions(id, ['shelve', 'shelveOffload', 'unshelve'])
  },
})
