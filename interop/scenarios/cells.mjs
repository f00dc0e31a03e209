// Servers move from a cell to another one. Each of the two has one host.
import assert from 'node:assert/strict'
import { configurations as all } from '../configurations.mjs'
import { checkMigration } from '../migrations.mjs'
import { names } from '../provision.mjs'
import { scenario } from '../scenario.mjs'
import { pollUntil } from '../wait.mjs'

const configurations = all.filter(({ hasCells }) => hasCells).map(({ name }) => name)
/** Where ours leads the moves. */
const ourConductors = ['cells-our-conductor', 'cells-mixed', 'cells-ours']
const moving = ['prep_snapshot_based_resize_at_dest', 'prep_snapshot_based_resize_at_source', 'finish_snapshot_based_resize_at_dest']
const reverting = ['revert_snapshot_based_resize_at_dest', 'finish_revert_snapshot_based_resize_at_source']
const common = { configurations, alone: true, timeoutSeconds: 240 }

/** Neutron says ACTIVE of a binding made active when an agent has plugged the port, and there is none. */
const unplugged = { plugged: false }

const hostOf = (server) => server['OS-EXT-SRV-ATTR:host']

/** nova-api that lets users move servers between cells. */
async function permissive({ cloud, client, afterwards }) {
  await cloud.startService('nova-api-cells')
  afterwards(() => cloud.stopService('nova-api-cells'))
  const headers = { 'openstack-api-version': 'compute 2.90' }
  return (id, action, argument = null) =>
    client.request('nova-api-cells', 'POST', `/v2.1/servers/${id}/action`, { body: { [action]: argument }, headers })
}

/** Lists look into every cell: each server is in one of them. */
async function checkOnce({ client, servers }, id, host) {
  const { body } = await client.nova('GET', '/servers/detail')
  const found = body.servers.filter((server) => server.id === id)
  assert.deepEqual(found.map(hostOf), [host], 'where lists find it')
  assert.equal(hostOf(await servers.get(id)), host)
}

/** What it was made of for the way is gone. */
async function checkNoImage({ client }, id) {
  await pollUntil('the image of the way to go', async () => {
    const { images } = (await client.glance('GET', '/images')).body
    return !images.some(({ instance_uuid: of, name }) => of === id || name.endsWith('-resize-temp'))
  })
}

export const resizeAndConfirm = scenario({
  ...common,
  name: 'resize to another cell, confirm, and back',
  expects: 'VERIFY_RESIZE in the other cell with the port bound there; ACTIVE after the confirmation; then the same way back',
  methods: [...moving, 'confirm_snapshot_based_resize_at_source'],
  async run(stage) {
    const { servers, cloud, home, away } = stage
    const act = await permissive(stage)
    const { id } = await servers.boot({ host: home })
    for (const [host, flavor] of [
      [away, names.small],
      [home, names.tiny],
    ]) {
      await act(id, 'resize', { flavorRef: cloud.made.flavors[flavor] })
      await servers.waitFor(id, 'VERIFY_RESIZE', { timeoutMs: 60_000 })
      await checkOnce(stage, id, host)
      await servers.checkPlaced(id, { flavor, ...unplugged })
      await act(id, 'confirmResize')
      await servers.waitFor(id, 'ACTIVE')
      await checkOnce(stage, id, host)
      await servers.checkPlaced(id, { flavor, ...unplugged })
      assert.equal((await servers.get(id)).flavor.original_name, flavor)
      await checkMigration(stage, id, 'resize', 'confirmed')
      await checkNoImage(stage, id)
    }
    const [action] = (await servers.actions(id)).filter((one) => one.action === 'confirmResize')
    for (const event of action.events) assert.equal(event.result, 'Success', `event ${event.event}: ${event.traceback}`)
  },
})

export const resizeAndRevert = scenario({
  ...common,
  name: 'resize to another cell, revert',
  expects: 'VERIFY_RESIZE in the other cell, then ACTIVE where it was, with the old size, the old allocations and its port; and once more',
  methods: [...moving, ...reverting],
  async run(stage) {
    const { servers, cloud, home, away } = stage
    const act = await permissive(stage)
    const { id } = await servers.boot({ host: home })
    // What the first time leaves in the other cell would be in the way of the second.
    for (let time = 0; time < 2; time++) {
      await act(id, 'resize', { flavorRef: cloud.made.flavors[names.small] })
      await servers.waitFor(id, 'VERIFY_RESIZE', { timeoutMs: 60_000 })
      await checkOnce(stage, id, away)
      await act(id, 'revertResize')
      await servers.waitFor(id, 'ACTIVE', { timeoutMs: 60_000 })
      await checkOnce(stage, id, home)
      await servers.checkPlaced(id, unplugged)
      assert.equal((await servers.get(id)).flavor.original_name, names.tiny)
      await checkMigration(stage, id, 'resize', 'reverted')
      await checkNoImage(stage, id)
    }
    await servers.act(id, 'os-stop', null, 'SHUTOFF')
    await servers.act(id, 'os-start', null, 'ACTIVE')
  },
})

export const migrateToCell = scenario({
  ...common,
  name: 'cold migrate to a host of another cell',
  expects: 'a stopped server goes to the host that is named, stays stopped, and is SHUTOFF there after the confirmation',
  methods: [...moving, 'confirm_snapshot_based_resize_at_source'],
  async run(stage) {
    const { servers, home, away } = stage
    const act = await permissive(stage)
    const { id } = await servers.boot({ host: home })
    await servers.act(id, 'os-stop', null, 'SHUTOFF')
    await act(id, 'migrate', { host: away })
    await servers.waitFor(id, 'VERIFY_RESIZE', { timeoutMs: 60_000 })
    await checkOnce(stage, id, away)
    await act(id, 'confirmResize')
    await servers.waitFor(id, 'SHUTOFF')
    await checkOnce(stage, id, away)
    await checkMigration(stage, id, 'migration', 'confirmed')
    await servers.act(id, 'os-start', null, 'ACTIVE')
    await servers.checkPlaced(id, unplugged)
  },
})

export const deleteWhileDeciding = scenario({
  ...common,
  name: 'delete a server that waits in another cell for a decision',
  expects: 'it is gone from both cells, with what it held in each',
  methods: [...moving, 'confirm_snapshot_based_resize_at_source', 'terminate_instance'],
  async run(stage) {
    const { servers, home, away } = stage
    const act = await permissive(stage)
    const { id } = await servers.boot({ host: home })
    await act(id, 'migrate', { host: away })
    await servers.waitFor(id, 'VERIFY_RESIZE', { timeoutMs: 60_000 })
    await servers.delete(id, { timeoutMs: 60_000 })
    await servers.checkGone(id)
  },
})

export const destinationGone = scenario({
  ...common,
  // Zed's conductor leaves the server in resize_prep for ever: to end the task it looks for the info cache in the other cell.
  configurations: configurations.filter((name) => ourConductors.includes(name)),
  name: 'resize to a cell whose host does not answer',
  expects: 'the server stays ACTIVE on its host with its size, its port and its allocations; once the host is back it can go there',
  methods: moving,
  timeoutSeconds: 420,
  async run(stage) {
    const { servers, cloud, configuration, home, away } = stage
    const act = await permissive(stage)
    const { id } = await servers.boot({ host: home })
    const destination = configuration.members.find(({ host, program }) => host === away && program === 'nova-compute')
    const back = async () => {
      if ((await cloud.running()).includes(`${destination.kind}-${destination.program}-${destination.host}`)) return
      await cloud.start(destination)
      await cloud.waitUntilUp(destination)
    }
    stage.afterwards(back)
    await cloud.stop(destination)
    // Its last report is young enough for the scheduler to choose it.
    await act(id, 'resize', { flavorRef: cloud.made.flavors[names.small] })
    await servers.waitFor(id, 'ACTIVE', { timeoutMs: 150_000 })
    await checkOnce(stage, id, home)
    await servers.checkPlaced(id, unplugged)
    assert.equal((await servers.get(id)).flavor.original_name, names.tiny)
    await checkMigration(stage, id, 'resize', 'error')
    await back()
    await act(id, 'migrate', { host: away })
    await servers.waitFor(id, 'VERIFY_RESIZE', { timeoutMs: 60_000 })
    await checkOnce(stage, id, away)
    await servers.checkPlaced(id, unplugged)
  },
})
