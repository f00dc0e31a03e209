// One kind of a service takes over from the other while users work. Nothing that was asked for may be lost.
import assert from 'node:assert/strict'
import { CONTROLLER } from '../cloud.mjs'
import { scenario } from '../scenario.mjs'

const configurations = ['swap']
/** Beside the other on another host: the two have records of their own and share the queue `conductor`. */
const ourConductor = { kind: 'ours', program: 'nova-conductor', host: 'controller2' }
const theirConductor = { kind: 'python', program: 'nova-conductor', host: CONTROLLER }
const ourCompute = { kind: 'ours', program: 'nova-compute', host: 'compute1' }
const theirCompute = { kind: 'python', program: 'nova-compute', host: 'compute1' }

/** Asks for servers, one after another, until `until` is done; none may be refused or lost. */
async function createUntil(servers, until, options) {
  let done = false
  const change = until.finally(() => {
    done = true
  })
  change.catch(() => {})
  while (!done) {
    const id = await servers.create(options)
    // Not faster than two cores can build: a long queue would only lengthen the wait at the end.
    await servers.waitFor(id, 'ACTIVE', { timeoutMs: 90_000 })
  }
  await change
}

async function replace(cloud, older, newer) {
  await cloud.start(newer)
  await cloud.waitUntilUp(newer)
  await cloud.stop(older)
}

export const conductorSwap = scenario({
  name: 'conductors change places under load',
  expects: 'ours starts beside theirs, theirs stops, theirs starts again, ours stops: every server asked for meanwhile is ACTIVE',
  methods: ['build_and_run_instance'],
  configurations,
  alone: true,
  timeoutSeconds: 240,
  async run({ servers, cloud, afterwards }) {
    afterwards(async () => {
      await cloud.start(theirConductor)
      await cloud.waitUntilUp(theirConductor)
      await cloud.stop(ourConductor)
    })
    await createUntil(servers, replace(cloud, theirConductor, ourConductor), { networks: 'none' })
    const onOurs = servers.ids.length
    for (let i = 0; i < 3; i++) await servers.boot({ networks: 'none' })
    await createUntil(servers, replace(cloud, ourConductor, theirConductor), { networks: 'none' })
    assert.ok(onOurs > 0 && servers.ids.length > onOurs + 3, `${servers.ids.length} servers`)
    for (const id of servers.ids) await servers.checkPlaced(id, { ports: 0 })
  },
})

export const computeSwap = scenario({
  name: 'computes change places under their servers',
  expects: 'a server that one kind built is stopped, started, rebooted and deleted by the other, both ways; requests wait meanwhile',
  methods: ['build_and_run_instance', 'terminate_instance', 'reboot_instance'],
  configurations,
  alone: true,
  timeoutSeconds: 240,
  async run({ servers, client, cloud, afterwards }) {
    afterwards(async () => {
      await cloud.stop(ourCompute)
      await cloud.start(theirCompute)
      await cloud.waitUntilUp(theirCompute)
    })
    for (const [older, newer] of [
      [theirCompute, ourCompute],
      [ourCompute, theirCompute],
    ]) {
      const kept = await servers.boot({ host: 'compute1' })
      const deleted = await servers.boot({ host: 'compute1' })
      await cloud.stop(older)
      // Sent while nobody is there: it waits in the queue of the host.
      await client.nova('DELETE', `/servers/${deleted.id}`)
      await cloud.start(newer)
      await cloud.waitUntilUp(newer)
      await servers.waitUntilGone(deleted.id)
      await servers.checkGone(deleted.id)
      await servers.checkPlaced(kept.id)
      // The fake guest of the other kind is not there: a hard reboot makes it.
      await servers.act(kept.id, 'reboot', { type: 'HARD' }, 'ACTIVE')
      await servers.delete(kept.id)
      await servers.checkGone(kept.id)
    }
  },
})
