// Ways into a server and looks at it: consoles, log, password, diagnostics, interfaces.
import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { scenario } from '../scenario.mjs'
import { pollUntil } from '../wait.mjs'

const kinds = [
  ['vnc', 'novnc'],
  ['spice', 'spice-html5'],
  ['serial', 'serial'],
  ['mks', 'webmks'],
  ['rdp', 'rdp-html5'],
]

export const consoles = scenario({
  name: 'remote consoles',
  expects: 'a URL with a token for each protocol; the token leads to the host and port of the console',
  methods: ['get_vnc_console', 'get_spice_console', 'get_serial_console', 'get_mks_console', 'get_rdp_console'],
  async run({ servers, client }) {
    const { id } = await servers.boot({ networks: 'none' })
    for (const [protocol, type] of kinds) {
      const wanted = { remote_console: { protocol, type } }
      const { remote_console: given } = (await client.nova('POST', `/servers/${id}/remote-consoles`, wanted)).body
      assert.deepEqual([given.protocol, given.type], [protocol, type])
      const token = /token(?:%3D|=)([0-9a-f-]{36})/.exec(given.url)?.[1]
      assert.ok(token, `no token in ${given.url}`)
      const { console: found } = (await client.nova('GET', `/os-console-auth-tokens/${token}`)).body
      assert.equal(found.instance_uuid, id)
      assert.ok(found.host && found.port, `${protocol}: ${JSON.stringify(found)}`)
    }
  },
})

/** Opens a WebSocket at the proxy, and resolves when the proxy closes it. */
async function openConsole(port, token) {
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': randomBytes(16).toString('base64'),
    'sec-websocket-protocol': 'binary',
  }
  const asked = request({ host: '127.0.0.1', port, path: `/websockify?token=${token}`, headers })
  asked.end()
  const [, socket] = await once(asked, 'upgrade')
  socket.on('error', () => {})
  socket.resume()
  await once(socket, 'close')
}

export const consoleProxy = scenario({
  name: 'console proxy',
  expects: 'it asks the compute whether a token still leads to the console: then it goes there, where a fake console does not answer',
  methods: ['get_vnc_console', 'validate_console_port'],
  async run({ servers, client, cloud, afterwards }) {
    const { id } = await servers.boot({ networks: 'none' })
    await cloud.startService('nova-novncproxy')
    afterwards(() => cloud.stopService('nova-novncproxy'))
    const wanted = { remote_console: { protocol: 'vnc', type: 'novnc' } }
    const { remote_console: given } = (await client.nova('POST', `/servers/${id}/remote-consoles`, wanted)).body
    const token = /token(?:%3D|=)([0-9a-f-]{36})/.exec(given.url)?.[1]
    const { console: found } = (await client.nova('GET', `/os-console-auth-tokens/${token}`)).body
    const told = () => readFileSync(join(cloud.settings.stateDir, 'log', 'nova-novncproxy.log'), 'utf8')
    const goesTo = `connecting to: ${found.host}:${found.port}`
    const before = told().split(goesTo).length
    await openConsole(cloud.settings.ports['nova-novncproxy'], randomUUID())
    assert.equal(told().split(goesTo).length, before, 'a token that nobody gave')
    await openConsole(cloud.settings.ports['nova-novncproxy'], token)
    await pollUntil('the proxy to go to the console', async () => told().split(goesTo).length === before + 1)
  },
})

export const consoleLog = scenario({
  name: 'console log',
  expects: 'text, of as many lines as asked for',
  methods: ['get_console_output'],
  async run({ servers }) {
    const { id } = await servers.boot({ networks: 'none' })
    const { output } = await servers.act(id, 'os-getConsoleOutput', {})
    assert.ok(output.length > 0)
    const { output: last } = await servers.act(id, 'os-getConsoleOutput', { length: 1 })
    assert.equal(last.trimEnd().split('\n').length, 1)
  },
})

export const password = scenario({
  name: 'change the password',
  expects: 'accepted; the server stays ACTIVE',
  methods: ['set_admin_password'],
  async run({ servers }) {
    const { id } = await servers.boot({ networks: 'none' })
    await servers.act(id, 'changePassword', { adminPass: 'interop-secret' }, 'ACTIVE')
    await servers.checkActions(id, ['changePassword'])
  },
})

export const diagnostics = scenario({
  name: 'diagnostics',
  expects: 'the form of today, and the one before microversion 2.48',
  methods: ['get_instance_diagnostics', 'get_diagnostics'],
  async run({ servers, client }) {
    const { id } = await servers.boot({ networks: 'none' })
    const today = (await client.nova('GET', `/servers/${id}/diagnostics`)).body
    assert.equal(today.state, 'running')
    assert.ok(Array.isArray(today.cpu_details) && today.memory_details)
    const before = (await client.nova('GET', `/servers/${id}/diagnostics`, undefined, { microversion: '2.47' })).body
    assert.equal(typeof before.memory, 'number')
  },
})

export const crashDump = scenario({
  name: 'crash dump',
  expects: 'accepted; the server stays ACTIVE',
  methods: ['trigger_crash_dump'],
  async run({ servers }) {
    const { id } = await servers.boot({ networks: 'none' })
    await servers.act(id, 'trigger_crash_dump', null, 'ACTIVE')
    await servers.checkActions(id, ['trigger_crash_dump'])
  },
})

export const interfaces = scenario({
  name: 'attach and detach an interface',
  expects: 'a second bound port whose address is shown; after the detach port and address are gone',
  methods: ['attach_interface', 'detach_interface'],
  async run({ servers, client, cloud }) {
    const { id } = await servers.boot()
    const wanted = { interfaceAttachment: { net_id: cloud.made.network } }
    const { interfaceAttachment: made } = (await client.nova('POST', `/servers/${id}/os-interface`, wanted)).body
    await pollUntil('both addresses to be shown', async () => Object.values((await servers.get(id)).addresses).flat().length === 2)
    await servers.checkPlaced(id, { ports: 2 })
    const { interfaceAttachments: all } = (await client.nova('GET', `/servers/${id}/os-interface`)).body
    assert.ok(all.some((one) => one.port_id === made.port_id))
    await client.nova('DELETE', `/servers/${id}/os-interface/${made.port_id}`)
    await pollUntil('the port to go', async () => (await servers.ports(id)).length === 1)
    await pollUntil('its address to go', async () => Object.values((await servers.get(id)).addresses).flat().length === 1)
    await servers.checkActions(id, ['attach_interface', 'detach_interface'])
  },
})

export const fixedIps = scenario({
  name: 'add and remove an address',
  expects: 'before microversion 2.44: a second address on the port, which goes again',
  methods: ['add_fixed_ip_to_instance', 'remove_fixed_ip_from_instance'],
  async run({ servers, cloud }) {
    const { id } = await servers.boot()
    const addresses = async () =>
      Object.values((await servers.get(id)).addresses)
        .flat()
        .map((one) => one.addr)
    const [first] = await addresses()
    const old = { microversion: '2.43' }
    await servers.act(id, 'addFixedIp', { networkId: cloud.made.network }, undefined, old)
    const added = await pollUntil('a second address', async () => (await addresses()).find((one) => one !== first))
    await servers.act(id, 'removeFixedIp', { address: added }, undefined, old)
    await pollUntil('the second address to go', async () => (await addresses()).length === 1)
    assert.deepEqual(await addresses(), [first])
  },
})

export const networkInfo = scenario({
  name: 'network information',
  expects: 'injected again, and refreshed after an event from outside: a new address of the port is shown',
  methods: ['inject_network_info', 'external_instance_event'],
  async run({ servers, client }) {
    const { id } = await servers.boot()
    await servers.act(id, 'injectNetworkInfo')
    const [port] = await servers.ports(id)
    const fixed = [...port.fixed_ips, { subnet_id: port.fixed_ips[0].subnet_id }]
    await client.neutron('PUT', `/ports/${port.id}`, { port: { fixed_ips: fixed } })
    const events = [{ name: 'network-changed', server_uuid: id, tag: port.id }]
    const { body } = await client.nova('POST', '/os-server-external-events', { events })
    assert.equal(body.events[0].status, 'completed')
    await pollUntil('the new address to be shown', async () => Object.values((await servers.get(id)).addresses).flat().length === 2)
  },
})
