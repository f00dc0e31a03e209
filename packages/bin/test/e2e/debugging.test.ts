import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { systemClock, systemRandom } from '@micronova/lifecycle'
import type { JsonObject } from '@micronova/messaging'
import { adminContext } from '@micronova/model'
import { createBoot } from './support/boots.js'
import { Cell } from './support/cell.js'
import { eventually } from './support/eventually.js'
import { evaluateInInspector } from './support/inspector-client.js'
import { RawBroker } from './support/raw-broker.js'
import type { RunningService } from './support/running-service.js'
import { servicesSkip } from './support/services.js'

const ended = (status: number) => ({ status, signal: null })
const newContext = () => adminContext({ clock: systemClock, random: systemRandom })

describe('debugging', { skip: servicesSkip, concurrency: true }, () => {
  test('the console', async (t) => {
    const cell = await Cell.create(t)
    const socket = join(cell.folder, 'backdoor-{pid}.sock')
    const conductor = await cell.start('nova-conductor', { DEFAULT: { backdoor_port: '0' } })
    const compute = await cell.start('nova-compute', { DEFAULT: { backdoor_socket: socket } })
    const { base } = cell.controlPlane()
    const path = socket.replace('{pid}', String(compute.pid))
    const [, port = ''] = /listening on 127\.0\.0\.1:(\d+) for process/.exec(await conductor.logged(/Backdoor listening/)) ?? []

    await t.test('get_backdoor_port answers the port, of a socket its path as upstream', async () => {
      assert.equal(await base('conductor').getBackdoorPort(newContext(), { host: 'compute1' }), Number(port))
      assert.equal(await base('compute').getBackdoorPort(newContext(), { host: 'compute1' }), path)
    })

    await t.test('shows the service that it is in', async () => {
      assert.equal(statSync(path).mode & 0o777, 0o600)
      const text = await converse(
        path,
        'service.state',
        'service.pid',
        'config.DEFAULT.transport_url',
        'periodic.length > 3',
        'inHand',
        'quit',
      )
      assert.deepEqual(text.match(/(?<=> ).+(?=\n)/g)?.slice(-5), ["'running'", String(compute.pid), "'***'", 'true', '[]'])
      assert.match(await converse(Number(port), 'service.program', 'quit'), /'nova-conductor'/)
    })

    await t.test('an error in it does not end the service', async () => {
      await converse(path, "setImmediate(() => { throw new Error('of a console') })", "Promise.reject(new Error('of a console'))", 'quit')
      assert.equal((await base('compute').ping(newContext(), { arg: 1 })).service, 'compute')
      assert.deepEqual(compute.matching(/ (ERROR|CRITICAL) /), [])
    })

    await t.test('a client that is there does not keep the service from ending, and the socket goes with it', async () => {
      const client = connect(path)
      await once(client, 'data')
      assert.deepEqual(await compute.stop(), ended(0))
      assert.ok(!existsSync(path))
      assert.deepEqual(compute.matching(/ (ERROR|CRITICAL) /), [])
    })
  })

  test('without a console get_backdoor_port answers null, and of several workers each has a port of the range', async (t) => {
    const cell = await Cell.create(t)
    const from = 20_000 + (process.pid % 20_000)
    const settings = { DEFAULT: { backdoor_port: `${from}:${from + 50}` }, conductor: { workers: 2 } }
    const conductor = cell.run('nova-conductor', settings)
    const ports = await eventually('both workers listen', () => {
      const found = conductor.matching(/Backdoor listening on 127\.0\.0\.1:\d+/)
      return found.length === 2 ? found.map((line) => /127\.0\.0\.1:(\d+)/.exec(line)?.[1]) : undefined
    })
    assert.equal(new Set(ports).size, 2)
    await cell.start('nova-compute')
    assert.equal(await cell.controlPlane().base('compute').getBackdoorPort(newContext(), { host: 'compute1' }), null)
    assert.deepEqual(await conductor.stop(), ended(0))
  })

  test('the inspector', async (t) => {
    const cell = await Cell.create(t)
    const conductor = cell.execute('nova-conductor', '--config-file', cell.configFile(), '--remote_debug-port', '0')
    await conductor.started()
    const address = await addressOf(conductor)

    await t.test('a debugger attaches and evaluates', async (t) => {
      assert.equal(await evaluateInInspector(t, address, '1 + 1'), 2)
      assert.equal(await evaluateInInspector(t, address, 'process.pid'), conductor.pid)
    })

    await t.test('a port that is taken is an error in the log, and the service serves', async () => {
      const other = cell.run('nova-conductor', { DEFAULT: { host: 'c2' }, remote_debug: { port: Number(address.split(':')[1]) } })
      await other.started()
      assert.equal(other.matching(/ ERROR .*No debugger can connect to this process: \[remote_debug\] port \d+: .*EADDRINUSE/).length, 1)
      assert.deepEqual(
        other.matching(/not implemented/).filter((line) => /remote_debug|backdoor/.test(line)),
        [],
      )
      assert.deepEqual(await other.stop(), ended(0))
    })

    await t.test('a debugger that is attached does not keep the service from ending', async (t) => {
      await evaluateInInspector(t, address, '1', { stay: true })
      assert.deepEqual(await conductor.stop(), ended(0))
    })

    await t.test('nor does it keep it from ending at once', async (t) => {
      const hasty = cell.run('nova-conductor', { remote_debug: { port: 0 } })
      await hasty.started()
      await evaluateInInspector(t, await addressOf(hasty), '1', { stay: true })
      hasty.signal('SIGINT')
      assert.deepEqual(await hasty.ended(), ended(1))
    })
  })

  test('monkey_patch', async (t) => {
    const cell = await Cell.create(t)
    const broker = await RawBroker.open(cell.cleanups, cell.brokerUrl)
    const told: JsonObject[] = []
    await broker.consume('listener', ({ content }) => told.push(innerOf(content)), { exchange: 'nova', routingKey: 'notifications.info' })
    const audit = join(cell.folder, 'audit.mjs')
    writeFileSync(audit, auditModule)
    const modules = `nova.compute.manager:nova.notifications.notify_decorator, nova.compute.manager:${audit}#audit`
    const on = { monkey_patch: true, monkey_patch_modules: modules }
    await cell.start('nova-conductor')
    const telling = { oslo_messaging_notifications: { driver: 'messagingv2' } }
    const compute = await cell.start('nova-compute', { DEFAULT: { ...on, periodic_fuzzy_delay: 0 }, ...telling })
    const plane = cell.controlPlane()
    const boot = await createBoot(plane, 'compute1')
    const prefix = 'nova.compute.manager.ComputeManager.'
    const eventsOf = (name: string) => told.filter(({ event_type }) => event_type === `${prefix}${name}`)

    await t.test('each call is told on the queue before it runs, by its name in Nova, without secrets', async () => {
      await boot.build()
      const { publisher_id, payload, priority } = await eventually('the build is told', () => eventsOf('build_and_run_instance')[0])
      assert.deepEqual([publisher_id, priority], ['api.compute1', 'INFO'])
      const { args, kwarg } = payload as { args: unknown; kwarg: JsonObject }
      assert.deepEqual(args, [])
      assert.match(JSON.stringify(kwarg.instance), new RegExp(boot.uuid))
      assert.equal(kwarg.injected_files, '***')
      await eventually('it is built', async () => ((await cell.instances()).get(boot.uuid)?.vm_state === 'active' ? true : undefined))
      assert.equal(eventsOf('build_and_run_instance').length, 1)
      assert.deepEqual(
        told.filter(({ event_type }) => /ping|get_backdoor_port/.test(String(event_type))),
        [],
      )
    })

    await t.test("an operator's own decorator is asked too: what it throws is the caller's", async () => {
      const uptime = plane.compute.getHostUptime(newContext(), { host: 'compute1' })
      await assert.rejects(uptime, /nova\.compute\.manager\.ComputeManager\.get_host_uptime is not for you/)
    })

    await t.test('periodic tasks are told', async () => {
      await eventually('a task is told', () => told.find(({ event_type }) => String(event_type).startsWith(`${prefix}_`)))
    })

    await t.test('the start says what is wrapped, and warns that the options are old', async () => {
      assert.equal(compute.matching(/ INFO .*operations of nova\.compute\.manager are wrapped in /).length, 2)
      assert.equal(compute.matching(/Start-up step monkey_patch done/).length, 1)
      assert.equal(compute.matching(/ WARNING .*\[DEFAULT\] monkey_patch is deprecated/).length, 1)
      assert.deepEqual(compute.matching(/these options do not exist/), [])
    })

    for (const [entry, sentence] of wrongEntries(audit))
      await t.test(`'${entry.slice(entry.indexOf(':'))}' ends the start with one sentence`, async () => {
        const service = cell.run('nova-compute', { DEFAULT: { host: 'compute9', ...on, monkey_patch_modules: entry } })
        assert.deepEqual(await service.ended(), ended(1))
        const [said = '', ...others] = service.matching(/^(?!.* (INFO|WARNING) )/)
        assert.match(said, sentence)
        assert.deepEqual(others, [])
      })
  })
})

const auditModule = `export function audit(name, call) {
  return async (ctx, args, signal) => {
    if (name.endsWith('.get_host_uptime')) throw new Error(name + ' is not for you')
    return call(ctx, args, signal)
  }
}
export const number = 7
`

function wrongEntries(audit: string): readonly [entry: string, sentence: RegExp][] {
  return [
    [
      'nova.network.manager:nova.notifications.notify_decorator',
      /^nova-compute: monkey_patch_modules: .*there is no module nova\.network\.manager/,
    ],
    ['nova.compute.manager:nova.nothing', /^nova-compute: monkey_patch_modules: .*there is no decorator nova\.nothing/],
    [
      'nova.compute.manager:/nowhere/x.mjs#x',
      / CRITICAL .*nova-compute could not start: monkey_patch_modules: \/nowhere\/x\.mjs cannot be loaded/,
    ],
    [
      `nova.compute.manager:${audit}#number`,
      / CRITICAL .*could not start: monkey_patch_modules: \S+audit\.mjs exports no function number$/,
    ],
  ]
}

/** Types lines into a console. @returns all that it wrote */
async function converse(where: number | string, ...lines: string[]): Promise<string> {
  const socket = typeof where === 'number' ? connect(where, '127.0.0.1') : connect(where)
  let text = ''
  socket.on('data', (data) => {
    text += String(data)
  })
  socket.write(lines.map((line) => `${line}\n`).join(''))
  await once(socket, 'close')
  return text
}

async function addressOf(service: RunningService): Promise<string> {
  const line = await service.logged(/A debugger can connect/)
  return /ws:\/\/(\S+)$/.exec(line)?.[1] ?? ''
}

function innerOf(content: Buffer): JsonObject {
  const { 'oslo.message': inner } = JSON.parse(content.toString()) as { 'oslo.message': string }
  return JSON.parse(inner) as JsonObject
}
