// Servers change their size or their host.
import assert from 'node:assert/strict'
import { checkMigration, evacuateFrom } from '../migrations.mjs'
import { names } from '../provision.mjs'
import { scenario } from '../scenario.mjs'

const resizing = ['prep_resize', 'resize_instance', 'finish_resize']
const reverting = ['revert_resize', 'finish_revert_resize']
const hostOf = (server) => server['OS-EXT-SRV-ATTR:host']

/** A server group keeps a server where it is, also when it is resized. */
async function affinityHints({ client, afterwards }, name) {
  const group = { name, policy: 'affinity' }
  const { id } = (await client.nova('POST', '/os-server-groups', { server_group: group })).body.server_group
  afterwards(() => client.nova('DELETE', `/os-server-groups/${id}`))
  return { group: id }
}

/** Two servers, so that the group binds the resized one to the host of the other. */
async function bootBound(stage, name) {
  const hints = await affinityHints(stage, name)
  const { id } = await stage.servers.boot({ hints, host: stage.home })
  await stage.servers.boot({ hints, networks: 'none' })
  return id
}

export const resizeConfirm = scenario({
  name: 'resize on the same host, confirm',
  expects: 'VERIFY_RESIZE with both sizes held in Placement, then ACTIVE with the new one alone',
  methods: [...resizing, 'confirm_resize'],
  async run(stage) {
    const { servers, home } = stage
    const id = await bootBound(stage, 'interop-resize')
    await servers.act(id, 'resize', { flavorRef: stage.cloud.made.flavors[names.small] }, 'VERIFY_RESIZE')
    assert.equal(hostOf(await servers.get(id)), home)
    await servers.checkPlaced(id, { flavor: names.small })
    await servers.act(id, 'confirmResize', null, 'ACTIVE')
    await servers.checkPlaced(id, { flavor: names.small })
    assert.equal((await servers.get(id)).flavor.original_name, names.small)
    await checkMigration(stage, id, 'resize', 'confirmed')
    await servers.checkActions(id, ['resize', 'confirmResize'])
  },
})

export const resizeRevert = scenario({
  name: 'resize on the same host, revert',
  expects: 'VERIFY_RESIZE, then ACTIVE with the old size and the old allocations',
  methods: [...resizing, ...reverting],
  async run(stage) {
    const { servers } = stage
    const id = await bootBound(stage, 'interop-revert')
    await servers.act(id, 'resize', { flavorRef: stage.cloud.made.flavors[names.small] }, 'VERIFY_RESIZE')
    await servers.act(id, 'revertResize', null, 'ACTIVE')
    await servers.checkPlaced(id)
    assert.equal((await servers.get(id)).flavor.original_name, names.tiny)
    await checkMigration(stage, id, 'resize', 'reverted')
    await servers.checkActions(id, ['resize', 'revertResize'])
  },
})

export const resizeAway = scenario({
  name: 'resize to the other host',
  expects: 'with its own host disabled the server is resized to the other one: reverted, it is back; confirmed, it stays',
  methods: [...resizing, ...reverting, 'confirm_resize'],
  alone: true,
  async run(stage) {
    const { servers, client, cloud, home, away } = stage
    const { id } = await servers.boot({ host: home })
    const service = (await cloud.services()).find((one) => one.binary === 'nova-compute' && one.host === home)
    const set = (status) => client.nova('PUT', `/os-services/${service.id}`, { status })
    stage.afterwards(() => set('enabled'))
    await set('disabled')
    const resize = () => servers.act(id, 'resize', { flavorRef: cloud.made.flavors[names.small] }, 'VERIFY_RESIZE')
    await resize()
    assert.equal(hostOf(await servers.get(id)), away)
    await servers.act(id, 'revertResize', null, 'ACTIVE')
    assert.equal(hostOf(await servers.get(id)), home)
    await servers.checkPlaced(id)
    await resize()
    await servers.act(id, 'confirmResize', null, 'ACTIVE')
    assert.equal(hostOf(await servers.get(id)), away)
    await servers.checkPlaced(id, { flavor: names.small })
    await checkMigration(stage, id, 'resize', 'confirmed')
    await servers.checkActions(id, ['resize', 'revertResize', 'confirmResize'])
  },
})

export const migrateConfirm = scenario({
  name: 'cold migrate to the other host, confirm',
  expects: 'VERIFY_RESIZE on the other host, the port bound there; ACTIVE after the confirmation',
  methods: [...resizing, 'confirm_resize'],
  async run(stage) {
    const { servers, home, away } = stage
    const { id } = await servers.boot({ host: home })
    await servers.act(id, 'migrate', { host: away }, 'VERIFY_RESIZE')
    assert.equal(hostOf(await servers.get(id)), away)
    await servers.checkPlaced(id)
    await servers.act(id, 'confirmResize', null, 'ACTIVE')
    await servers.checkPlaced(id)
    await checkMigration(stage, id, 'migration', 'confirmed')
    await servers.checkActions(id, ['migrate', 'confirmResize'])
  },
})

export const migrateRevert = scenario({
  name: 'cold migrate to the other host, revert',
  expects: 'back on the first host, with port and allocations',
  methods: [...resizing, ...reverting],
  async run(stage) {
    const { servers, home, away } = stage
    const { id } = await servers.boot({ host: home })
    await servers.act(id, 'migrate', { host: away }, 'VERIFY_RESIZE')
    await servers.act(id, 'revertResize', null, 'ACTIVE')
    assert.equal(hostOf(await servers.get(id)), home)
    await servers.checkPlaced(id)
    await checkMigration(stage, id, 'migration', 'reverted')
    await servers.checkActions(id, ['migrate', 'revertResize'])
  },
})

export const migrateStopped = scenario({
  name: 'cold migrate a stopped server',
  expects: 'it stays off: SHUTOFF after the confirmation, on the other host',
  methods: [...resizing, 'confirm_resize', 'stop_instance'],
  async run({ servers, home, away }) {
    const { id } = await servers.boot({ host: home })
    await servers.act(id, 'os-stop', null, 'SHUTOFF')
    await servers.act(id, 'migrate', { host: away }, 'VERIFY_RESIZE')
    await servers.act(id, 'confirmResize', null, 'SHUTOFF')
    await servers.checkPlaced(id)
  },
})

export const liveMigrate = scenario({
  name: 'live migrate',
  expects: 'ACTIVE on the other host, the port bound there, the migration completed',
  methods: [
    'check_can_live_migrate_destination',
    'check_can_live_migrate_source',
    'pre_live_migration',
    'live_migration',
    'post_live_migration_at_destination',
  ],
  async run(stage) {
    const { servers, home, away } = stage
    const { id } = await servers.boot({ host: home })
    await servers.act(id, 'os-migrateLive', { host: away, block_migration: 'auto' })
    await servers.waitFor(id, 'ACTIVE', { also: (server) => hostOf(server) === away })
    // A binding made for a migration comes up by an agent's word, and there is none here.
    await servers.checkPlaced(id, { plugged: false })
    await checkMigration(stage, id, 'live-migration', 'completed')
    await servers.checkActions(id, ['live-migration'])
  },
})

export const evacuate = scenario({
  name: 'evacuate',
  expects: 'rebuilt on the other host while its own is down; the own host drops its guest and its allocations when it returns',
  methods: ['rebuild_instance'],
  alone: true,
  timeoutSeconds: 180,
  async run(stage) {
    const { servers, home } = stage
    const { id } = await servers.boot({ host: home })
    await evacuateFrom(stage, id)
    await servers.checkActions(id, ['evacuate'])
  },
})

export const rebuild = scenario({
  name: 'rebuild',
  expects: 'ACTIVE with the same address; with another image that image is shown',
  methods: ['rebuild_instance'],
  async run({ servers, cloud }) {
    const { id, addresses } = await servers.boot()
    await servers.act(id, 'rebuild', { imageRef: cloud.made.image }, 'ACTIVE')
    await servers.act(id, 'rebuild', { imageRef: cloud.made.otherImage, name: 'interop-rebuilt' }, 'ACTIVE')
    const server = await servers.get(id)
    assert.equal(server.image.id, cloud.made.otherImage)
    assert.equal(server.name, 'interop-rebuilt')
    assert.deepEqual(server.addresses, addresses)
    await servers.checkPlaced(id)
    await servers.checkActions(id, ['rebuild'])
  },
})
