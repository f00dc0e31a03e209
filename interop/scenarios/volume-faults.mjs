// Cinder fails, or a move ends before its end: nothing of a volume may be left where it should not be.
import assert from 'node:assert/strict'
import { checkMigration } from '../migrations.mjs'
import { FaultProxy } from '../proxy.mjs'
import { restartWith } from '../restart.mjs'
import { scenario } from '../scenario.mjs'
import { bootFrom } from '../volumes.mjs'
import { pollUntil } from '../wait.mjs'

const hostOf = (server) => server['OS-EXT-SRV-ATTR:host']
const refusal = { badRequest: { code: 400, message: 'scripted fault' } }

/** Starts the compute of `host` anew behind a proxy for Cinder. */
async function behindProxy(stage, host) {
  const cinder = new FaultProxy(stage.cloud.settings.ports.cinder)
  const config = `[cinder]\nendpoint_template = ${await cinder.start()}/v3/%(project_id)s\n`
  await restartWith(stage, host, config, () => cinder.stop())
  return cinder
}

/** The newest action of that name has an event that failed. */
async function checkFailed(servers, id, wanted) {
  await pollUntil(`${wanted} to have failed`, async () => {
    const [action] = (await servers.actions(id)).filter(({ action }) => action === wanted)
    return action?.events.some(({ result }) => result === 'Error')
  })
}

export const failedAttach = scenario({
  name: 'Cinder fails while a volume is attached',
  expects:
    'the volume is said to be gone, or connecting or completing fails: the volume is available, the server does not name it, and a second try works',
  methods: ['reserve_block_device_name', 'attach_volume'],
  alone: true,
  async run(stage) {
    const { servers, volumes, client, home } = stage
    const cinder = await behindProxy(stage, home)
    const { id } = await servers.boot({ host: home })
    const faults = [
      { matches: (method, path) => method === 'GET' && /\/volumes\/[0-9a-f-]{36}$/.test(path), status: 404 },
      { matches: (method, path) => method === 'PUT' && path.includes('/attachments/'), status: 400 },
      { matches: (method, path) => method === 'POST' && /\/attachments\/.*\/action/.test(path), status: 400 },
    ]
    for (const one of faults) {
      const volume = await volumes.create()
      const fault = cinder.add({ ...one, times: 1, body: refusal })
      await client.nova('POST', `/servers/${id}/os-volume_attachments`, { volumeAttachment: { volumeId: volume } })
      await pollUntil('the fault', async () => fault.met === 1)
      await volumes.checkFree(volume)
      await checkFailed(servers, id, 'attach_volume')
      assert.deepEqual(await volumes.attachmentsOf(id), [])
      await volumes.attach(volume, id)
      await volumes.checkAttached(volume, id, { host: home })
      await volumes.detach(volume, id)
    }
    await servers.delete(id)
  },
})

export const failedDetach = scenario({
  name: 'Cinder fails while a volume is detached',
  expects: 'the attachment is asked to go until it goes, for as long as the back end is busy; the volume is available',
  methods: ['detach_volume'],
  alone: true,
  async run(stage) {
    const { servers, volumes, home } = stage
    const cinder = await behindProxy(stage, home)
    const { id } = await servers.boot({ host: home })
    const volume = await volumes.create()
    await volumes.attach(volume, id)
    const fault = cinder.add({
      matches: (method, path) => method === 'DELETE' && path.includes('/attachments/'),
      times: 2,
      status: 504,
      body: refusal,
    })
    await volumes.detach(volume, id)
    assert.equal(fault.met, 2)
    await servers.delete(id)
  },
})

export const failedVolume = scenario({
  name: 'Cinder cannot make the volume of a server',
  expects: 'refused, or made and then in error: the server is ERROR with a fault, and no volume is left',
  methods: ['build_and_run_instance'],
  alone: true,
  async run(stage) {
    const { servers, client, cloud, home } = stage
    const cinder = await behindProxy(stage, home)
    const all = async () => (await client.cinder('GET', '/volumes')).body.volumes.map(({ id }) => id)
    const before = await all()
    const attempt = async (size) => {
      const id = await servers.create({ ...bootFrom('image', cloud.made.image, { size }), host: home })
      const server = await servers.waitForFault(id)
      assert.ok(server.fault.message.length > 0)
      await servers.delete(id)
      await pollUntil('the volume to go', async () => (await all()).length === before.length)
    }
    const fault = cinder.add({ matches: (method, path) => method === 'POST' && path.endsWith('/volumes'), status: 500, body: refusal })
    await attempt(1)
    assert.ok(fault.met > 0)
    cinder.reset()
    await attempt(1000) // more than the back end can make
  },
})

export const failedLiveMigration = scenario({
  name: 'the destination of a live migration does not get the volumes',
  expects: 'ACTIVE where it was, connected there alone, the migration in error; a second try succeeds',
  methods: ['pre_live_migration', 'remove_volume_connection'],
  alone: true,
  async run(stage) {
    const { servers, volumes, home, away } = stage
    const cinder = await behindProxy(stage, away)
    const { id } = await servers.boot({ host: home })
    const [first, second] = [await volumes.create(), await volumes.create()]
    for (const volume of [first, second]) await volumes.attach(volume, id)
    const creates = (method, path) => method === 'POST' && path.endsWith('/attachments')
    // The first volume is connected there by then.
    let asked = 0
    const fault = cinder.add({ matches: (method, path) => creates(method, path) && ++asked === 2, times: 1, status: 400, body: refusal })
    const migrate = () => servers.act(id, 'os-migrateLive', { host: away, block_migration: 'auto' })
    await migrate()
    await pollUntil('the fault', async () => fault.met === 1)
    assert.equal(hostOf(await servers.waitFor(id, 'ACTIVE')), home)
    await checkMigration(stage, id, 'live-migration', 'failed')
    for (const volume of [first, second]) await volumes.checkAttached(volume, id, { host: home })
    await servers.checkPlaced(id)
    cinder.reset()
    await migrate()
    await servers.waitFor(id, 'ACTIVE', { also: (server) => hostOf(server) === away })
    for (const volume of [first, second]) await volumes.checkAttached(volume, id, { host: away })
    await servers.delete(id)
  },
})

export const endedLiveMigration = scenario({
  name: 'abort a live migration, or complete it by force',
  expects: 'aborted: ACTIVE where it was, with its volume, the migration cancelled; forced: ACTIVE on the other host, with its volume',
  methods: ['live_migration_abort', 'live_migration_force_complete', 'remove_volume_connection'],
  alone: true,
  async run(stage) {
    const { servers, volumes, client, home, away } = stage
    // A live migration takes five seconds there if nobody ends it.
    await restartWith(stage, home, '[DEFAULT]\ncompute_driver = fake.FakeLiveMigrateDriver\n')
    const { id } = await servers.boot({ host: home })
    const volume = await volumes.create()
    await volumes.attach(volume, id)
    const begin = async () => {
      await servers.act(id, 'os-migrateLive', { host: away, block_migration: 'auto' })
      const path = `/servers/${id}/migrations`
      return pollUntil(
        'the migration to run',
        async () => {
          const { migrations } = (await client.nova('GET', path)).body
          return migrations[0]?.status === 'running' && `${path}/${migrations[0].id}`
        },
        { everyMs: 50 },
      )
    }
    await client.nova('DELETE', await begin())
    assert.equal(hostOf(await servers.waitFor(id, 'ACTIVE')), home)
    await checkMigration(stage, id, 'live-migration', 'cancelled')
    await volumes.checkAttached(volume, id, { host: home })
    await servers.checkPlaced(id)
    await client.nova('POST', `${await begin()}/action`, { force_complete: null })
    await servers.waitFor(id, 'ACTIVE', { also: (server) => hostOf(server) === away })
    await checkMigration(stage, id, 'live-migration', 'completed')
    await volumes.checkAttached(volume, id, { host: away })
    await servers.checkActions(id, ['live_migration_cancel', 'live_migration_force_complete'])
  },
})
