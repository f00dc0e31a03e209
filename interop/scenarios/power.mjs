// Power, as a user switches it.
import assert from 'node:assert/strict'
import { scenario } from '../scenario.mjs'

const RUNNING = 1
const SHUTDOWN = 4

export const stopAndStart = scenario({
  name: 'stop and start',
  expects: 'SHUTOFF with the power off, then ACTIVE and running; both actions end in success',
  methods: ['stop_instance', 'start_instance'],
  async run({ servers }) {
    const { id } = await servers.boot()
    await servers.act(id, 'os-stop', null, 'SHUTOFF')
    assert.equal((await servers.get(id))['OS-EXT-STS:power_state'], SHUTDOWN)
    await servers.act(id, 'os-start', null, 'ACTIVE')
    assert.equal((await servers.get(id))['OS-EXT-STS:power_state'], RUNNING)
    await servers.checkActions(id, ['stop', 'start'])
    await servers.checkPlaced(id)
  },
})

export const reboot = scenario({
  name: 'reboot, soft and hard',
  expects: 'ACTIVE and running after either',
  methods: ['reboot_instance'],
  async run({ servers }) {
    const { id } = await servers.boot()
    await servers.act(id, 'reboot', { type: 'SOFT' }, 'ACTIVE')
    await servers.act(id, 'reboot', { type: 'HARD' }, 'ACTIVE')
    assert.equal((await servers.get(id))['OS-EXT-STS:power_state'], RUNNING)
    await servers.checkActions(id, ['reboot'])
  },
})

export const pauseAndSuspend = scenario({
  name: 'pause, unpause, suspend, resume',
  expects: 'PAUSED, ACTIVE, SUSPENDED, ACTIVE',
  methods: ['pause_instance', 'unpause_instance', 'suspend_instance', 'resume_instance'],
  async run({ servers }) {
    const { id } = await servers.boot()
    await servers.act(id, 'pause', null, 'PAUSED')
    await servers.act(id, 'unpause', null, 'ACTIVE')
    await servers.act(id, 'suspend', null, 'SUSPENDED')
    await servers.act(id, 'resume', null, 'ACTIVE')
    await servers.checkActions(id, ['pause', 'unpause', 'suspend', 'resume'])
  },
})
