// Placement and Neutron fail, as a compute sees them: it is started behind proxies that answer in their place.
import assert from 'node:assert/strict'
import { FaultProxy } from '../proxy.mjs'
import { restartWith } from '../restart.mjs'
import { scenario } from '../scenario.mjs'
import { pollUntil } from '../wait.mjs'

const configurations = ['python', 'our-compute', 'ours']
const hostOf = (server) => server['OS-EXT-SRV-ATTR:host']

/** Starts the compute of `home` anew behind proxies for Placement and Neutron; `prepare` scripts their first faults. */
async function behindProxies(stage, prepare = () => {}) {
  const { ports } = stage.cloud.settings
  const placement = new FaultProxy(ports.placement)
  const neutron = new FaultProxy(ports.neutron)
  const section = async (name, proxy) => `[${name}]\nendpoint_override = ${await proxy.start()}\n`
  // What goes wrong is put right when resources are next looked at: here after ten seconds at most instead of two minutes.
  const often = '[DEFAULT]\nupdate_resources_interval = 10\nperiodic_fuzzy_delay = 1\n'
  const config = often + (await section('placement', placement)) + (await section('neutron', neutron))
  prepare({ placement, neutron })
  await restartWith(stage, stage.home, config, async () => {
    await placement.stop()
    await neutron.stop()
  })
  return { placement, neutron }
}

export const downAtStart = scenario({
  name: 'Placement and Neutron are down when a compute starts',
  expects: 'it starts all the same; when they are back it takes servers',
  methods: ['build_and_run_instance'],
  // Zed's nova-compute ends with an AttributeError where Placement answers its start with 503.
  configurations: ['our-compute', 'ours'],
  alone: true,
  async run(stage) {
    const refuse = ({ placement, neutron }) => {
      for (const proxy of [placement, neutron]) proxy.add({ matches: () => true, status: 503 })
    }
    const { placement, neutron } = await behindProxies(stage, refuse)
    placement.reset()
    neutron.reset()
    const { id } = await stage.servers.boot({ host: stage.home })
    await stage.servers.delete(id)
    await stage.servers.checkGone(id)
  },
})

export const failedDeletion = scenario({
  name: 'Placement refuses to free what a server took',
  expects: 'the server is deleted all the same, or it is ERROR and a second delete removes it; nothing of it is left',
  methods: ['terminate_instance'],
  configurations,
  alone: true,
  async run(stage) {
    const { placement } = await behindProxies(stage)
    const { servers, home } = stage
    const { id } = await servers.boot({ host: home })
    const refusal = placement.add({ times: 1, status: 500, matches: (method, path) => method !== 'GET' && path.startsWith('/allocations') })
    await servers.delete(id).catch((error) => {
      // Zed tells the user that it failed; the second request finds Placement as it should be.
      if (error.name !== 'ServerFailed') throw error
      return servers.delete(id)
    })
    await pollUntil('its allocations to go', async () => Object.keys(await servers.allocations(id)).length === 0)
    assert.equal(refusal.met, 1)
  },
})

export const noNetwork = scenario({
  name: 'Neutron refuses while a server is built',
  expects: 'the server is built on the other host; where only this host may take it, it is ERROR with a fault; nothing is left on either',
  methods: ['build_and_run_instance'],
  configurations,
  alone: true,
  async run(stage) {
    const { neutron } = await behindProxies(stage)
    const { servers, home, away } = stage
    neutron.add({ status: 503, matches: (method, path) => method === 'POST' && path.startsWith('/v2.0/ports') })
    const pinned = await servers.create({ host: home })
    const { fault } = await servers.waitForFault(pinned)
    assert.ok(fault.message.length > 0)
    await servers.checkGone(pinned)
    for (let i = 0; i < 3; i++) assert.equal(hostOf(await servers.boot()), away)
  },
})

export const silentPlacement = scenario({
  name: 'Placement does not answer for a while',
  expects: 'the compute stays up and serves what needs no Placement; a delete ends when Placement is back',
  methods: ['stop_instance', 'terminate_instance'],
  configurations,
  alone: true,
  async run(stage) {
    const { placement } = await behindProxies(stage)
    const { servers, cloud, home } = stage
    const { id } = await servers.boot({ host: home })
    placement.add({ times: 3, cut: true, matches: () => true })
    await servers.act(id, 'os-stop', null, 'SHUTOFF')
    await servers.act(id, 'os-start', null, 'ACTIVE')
    const service = await pollUntil('the services', async () =>
      (await cloud.services()).find((one) => one.binary === 'nova-compute' && one.host === home),
    )
    assert.equal(service.state, 'up')
    placement.reset()
    await servers.delete(id)
    await servers.checkGone(id)
  },
})
