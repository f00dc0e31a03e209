import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nullLogger } from '@micronova/log'
import { isKindOf, isNovaError, novaError } from '@micronova/model'
import { readFixtureLines } from '@micronova/testing'
import { FakeDriver, type VirtDriver } from '@micronova/virt'
import { type FixtureOptions, settings } from '../../test/support/compute-fixture.js'
import { prepared, run } from '../../test/support/operation-cases.js'
import { accessUrlOf } from './get-remote-console.js'

const idle = { vm_state: 'active', task_state: '' }
const everyKind = {
  consoles: {
    tokenTtlSeconds: 600,
    proxyUrls: { vnc: 'http://vnc', spice: 'http://spice', rdp: 'http://rdp', mks: 'http://mks', serial: 'ws://serial' },
  },
}

async function ask(method: string, type: string, options: FixtureOptions = {}) {
  const { fixture, instance } = await prepared(idle, options)
  const answer = (await run(fixture, method, instance, { console_type: type })) as Record<string, unknown>
  return { answer, fixture, instance }
}

test('the answer and the token of a VNC console are the recorded ones', async () => {
  const messages = readFixtureLines('wire/11-console-and-actions.jsonl').map((line) => JSON.parse(line).message)
  const { _msg_id: id } = messages.find((message) => message.method === 'get_vnc_console')
  const recorded = messages.find((message) => message._msg_id === id && 'result' in message).result
  const authorized = messages.find(({ args }) => args?.objmethod === 'authorize').args
  const { answer, fixture, instance } = await ask('get_vnc_console', 'novnc')
  assert.deepEqual(Object.keys(answer).sort(), Object.keys(recorded).sort())
  const { token, access_url, ...address } = recorded
  assert.deepEqual({ ...answer, token, access_url }, { ...address, token, access_url })
  assert.equal(answer.access_url, `http://127.0.0.1:6080/vnc_auto.html?path=%3Ftoken%3D${String(answer.token)}`)
  const [call] = fixture.calls.filter(({ method }) => method === 'consoleAuthTokens.authorize')
  const { instance_uuid: _, ...ours } = call!.changes
  const { instance_uuid: __, ...theirs } = authorized.objinst['nova_object.data']
  assert.deepEqual([ours, call!.args], [theirs, authorized.args])
  assert.equal(call!.changes.instance_uuid, instance.uuid)
})

for (const [method, type, url] of [
  ['get_spice_console', 'spice-html5', 'http://spice'],
  ['get_rdp_console', 'rdp-html5', 'http://rdp'],
  ['get_mks_console', 'webmks', 'http://mks'],
  ['get_serial_console', 'serial', 'ws://serial'],
] as const) {
  test(`${method} gives the address of its own proxy`, async () => {
    const { answer } = await ask(method, type, { settings: everyKind })
    assert.equal(answer.access_url, `${url}?token=${String(answer.token)}`)
    assert.deepEqual([answer.port, answer.internal_access_path, answer.tlsPort], [6969, 'FAKE', type === 'spice-html5' ? 6970 : undefined])
  })

  test(`${method} is refused where this kind of console is off`, async () => {
    const off = {
      consoles: { ...settings.consoles, proxyUrls: { ...everyKind.consoles.proxyUrls, spice: null, rdp: null, mks: null, serial: null } },
    }
    await assert.rejects(ask(method, type, { settings: off }), (err) => isNovaError(err, 'ConsoleTypeUnavailable'))
  })
}

test('a type that is not of this kind is refused, but for serial consoles, which have one', async () => {
  await assert.rejects(ask('get_vnc_console', 'xvpvnc'), (err) => isNovaError(err, 'ConsoleTypeInvalid'))
  assert.ok((await ask('get_serial_console', 'whatever', { settings: everyKind })).answer.token)
})

test('a driver without this kind of console is NotImplementedError, which a caller expects', async () => {
  const driver: VirtDriver = Object.assign(new FakeDriver({ log: nullLogger }), { remoteConsoles: {} })
  await assert.rejects(ask('get_vnc_console', 'novnc', { driver }), (err) => isKindOf(err, 'NotImplementedError'))
})

for (const [vmState, kind] of [
  ['building', 'InstanceNotReady'],
  ['active', 'InstanceNotFound'],
] as const) {
  test(`the console of an instance that is ${vmState} and has no guest is ${kind}`, async () => {
    const driver = new FakeDriver({ log: nullLogger })
    const remoteConsoles = { vnc: () => Promise.reject(novaError('InstanceNotFound', { instance_id: 'x' })) }
    const { fixture, instance } = await prepared(
      { vm_state: vmState, task_state: '' },
      { driver: Object.assign(driver, { remoteConsoles }) },
    )
    await assert.rejects(run(fixture, 'get_vnc_console', instance, { console_type: 'novnc' }), (err) => isNovaError(err, kind))
  })
}

test('a console is where its proxy thinks it is only at the same port, given as text', async () => {
  const { fixture, instance } = await prepared(idle)
  const valid = (port: unknown, type: string) => run(fixture, 'validate_console_port', instance, { port, console_type: type })
  for (const type of ['novnc', 'spice-html5', 'rdp-html5', 'serial', 'webmks']) assert.equal(await valid('6969', type), true)
  assert.equal(await valid('6970', 'novnc'), false)
  assert.equal(await valid(6969, 'novnc'), false)
})

test('a token stands in the path for noVNC and in the query for all others', () => {
  assert.equal(accessUrlOf('http://a', 'novnc', 't1'), 'http://a?path=%3Ftoken%3Dt1')
  assert.equal(accessUrlOf('ws://a', 'serial', 't1'), 'ws://a?token=t1')
})
