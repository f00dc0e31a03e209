import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { JsonObject } from '@micronova/messaging'
import { createBoot, dataOf, recordedBuild } from './support/boots.js'
import { Cell } from './support/cell.js'
import { eventually } from './support/eventually.js'
import { Gate, type Passing } from './support/gate.js'
import { Load } from './support/load.js'
import type { Settings } from './support/nova-conf.js'
import { RawBroker } from './support/raw-broker.js'
import { contextOf } from './support/recorded.js'
import type { RunningService } from './support/running-service.js'
import { servicesSkip } from './support/services.js'

const ended = (status: number) => ({ status, signal: null })
/** What ends "at once" ends within this many milliseconds on a machine that has other things to do. */
const atOnceMs = 8000

describe('starting and stopping', { skip: servicesSkip, concurrency: true }, () => {
  test('without peers', async (t) => {
    const cell = await Cell.create(t)
    const begunMs = performance.now()
    const waiting = cell.run('nova-compute')
    await waiting.logged(/Start-up step load_virt_driver done/)

    await t.test('nova-compute has its plugs and the means to start privileged helpers, and has started none', () => {
      assert.equal(waiting.matching(/Start-up step (privsep|os_vif) done/).length, 2)
      assert.equal(waiting.matching(/Loaded VIF plugins: linux_bridge, noop, ovs$/).length, 1)
      assert.equal(readFileSync(`/proc/${waiting.pid}/task/${waiting.pid}/children`, 'utf8'), '')
    })

    await t.test('a helper_command that cannot work is named in one warning at the start', async () => {
      const helper_command = 'sudo nova-rootwrap /etc/nova/rootwrap.conf privsep-helper'
      const compute = cell.run('nova-compute', { DEFAULT: { host: 'compute3' }, vif_plug_ovs_privileged: { helper_command } })
      const warning = await compute.logged(/ WARNING .*privileged functions/)
      assert.match(warning, /of vif_plug_ovs\.privsep\.vif_plug will fail: \[vif_plug_ovs_privileged\] helper_command names privsep-helper/)
      assert.deepEqual(await compute.stop(), ended(0))
    })

    for (const [name, run, sentence] of failingStarts(cell)) {
      await t.test(`${name}: status 1 and one sentence`, async () => {
        const service = run()
        assert.deepEqual(await service.ended(), ended(1))
        const [said = '', ...others] = service.matching(/^(?!.* (INFO|WARNING) )/)
        assert.match(said, sentence)
        assert.deepEqual(others, [])
        assertNoSecret(service)
      })
    }

    await t.test('a broker that refuses the password is named with the user at each try, for it may yet learn it', async () => {
      const url = new URL(cell.transportUrl)
      url.password = 'NOVA_PASS'
      const compute = cell.run('nova-compute', { DEFAULT: { transport_url: url.href } })
      const refusal =
        /AMQP server on \S+ is unreachable: the login of user 'guest' was refused; check transport_url .* Trying again in \S+ seconds\.$/
      assert.match(await compute.logged(/ ERROR /), refusal)
      assertNoSecret(compute)
      assert.deepEqual(await compute.stop(), ended(0))
    })

    await t.test('SIGTERM ends nova-compute at once while it waits for the conductor, with status 0', async () => {
      const compute = cell.run('nova-compute', { DEFAULT: { host: 'compute2' } })
      await compute.logged(/Start-up step load_virt_driver done/)
      compute.signal('SIGTERM')
      assert.deepEqual(await compute.ended(atOnceMs), ended(0))
    })

    for (const program of ['nova-compute', 'nova-conductor'] as const) {
      await t.test(`SIGTERM ends ${program} at once while no broker answers, with status 0`, async () => {
        const service = cell.run(program, { DEFAULT: { host: 'controller2', transport_url: 'rabbit://guest:guest@127.0.0.1:1/' } })
        await service.logged(/ ERROR .*AMQP server on 127\.0\.0\.1:1 is unreachable/)
        service.signal('SIGTERM')
        assert.deepEqual(await service.ended(atOnceMs), ended(0))
      })
    }

    await t.test('SIGTERM ends nova-conductor at once while it waits for the database, with status 0', async () => {
      const conductor = cell.run('nova-conductor', { database: { connection: 'mysql+pymysql://nova:NOVA_DBPASS@127.0.0.1:1/nova' } })
      await conductor.logged(/ WARNING .*the database does not answer/)
      conductor.signal('SIGTERM')
      assert.deepEqual(await conductor.ended(atOnceMs), ended(0))
      assertNoSecret(conductor)
    })

    await t.test('nova-compute waits for the conductor with one warning a try, and starts when it comes', async () => {
      await cell.start('nova-conductor')
      await waiting.started()
      const triesAtMost = Math.floor((performance.now() - begunMs) / 10_000)
      const tries = waiting.matching(/ WARNING .*nova-conductor did not answer within 10 s/).length
      assert.ok(tries >= 1 && tries <= triesAtMost, `${tries} warnings`)
    })

    await t.test('a provider configuration that is wrong ends the start with status 1 and one sentence', async () => {
      writeFileSync(join(cell.folder, 'gpu.yaml'), "meta:\n  schema_version: '1.0'\nproviders:\n  - identification: {host: compute9}\n")
      const compute = cell.run('nova-compute', {
        DEFAULT: { host: 'compute9' },
        compute: { provider_config_location: cell.folder },
        placement: { auth_type: 'password', auth_url: 'http://127.0.0.1:9', username: 'nova', password: 'NOVA_PASS' },
      })
      assert.deepEqual(await compute.ended(), ended(1))
      assert.match(
        await compute.logged(/could not start/),
        /the provider config file gpu\.yaml is wrong: providers\[0\]\.identification must have either uuid or name, and nothing else$/,
      )
      assertNoSecret(compute)
    })
  })

  test('at work', async (t) => {
    const cell = await Cell.create(t)
    await cell.start('nova-conductor')
    const gate = await Gate.open(cell.cleanups, cell.brokerUrl)
    const plane = cell.controlPlane({ exchange: Gate.exchange })
    const broker = await RawBroker.open(cell.cleanups, cell.brokerUrl)

    /** A compute in the middle of a build: a request of it waits for its answer. */
    const building = async (host: string, options: Settings[string] = {}) => {
      const settings = { DEFAULT: { control_exchange: Gate.exchange, host, ...options } }
      const compute = await cell.start('nova-compute', settings)
      const boot = await createBoot(plane, host)
      const held = gate.hold(isSaveOf('spawning'))
      await boot.build()
      return { compute, boot, settings, release: (await held).release }
    }

    await t.test('SIGTERM lets a build in hand finish, leaves the next one in the queue, and a restart takes that', async () => {
      const { compute, boot, settings, release } = await building('compute1')
      compute.signal('SIGTERM')
      await compute.logged(/Caught SIGTERM/)
      await eventually('its queue has no consumer', async () => (await broker.queue('compute.compute1')).consumers === 0 || undefined)
      const next = await createBoot(plane, 'compute1')
      await next.build()
      assert.equal((await broker.queue('compute.compute1')).messages, 1)
      assert.ok(compute.isRunning)
      await release()
      assert.deepEqual(await compute.ended(), ended(0))
      assert.equal((await cell.instances()).get(boot.uuid)?.vm_state, 'active')
      await cell.start('nova-compute', settings)
      await eventually('the next build ends', async () => (await cell.instances()).get(next.uuid)?.vm_state === 'active' || undefined)
    })

    await t.test('a second SIGTERM ends nova-compute at once with status 1, whatever it has in hand', async () => {
      const { compute } = await building('compute2')
      compute.signal('SIGTERM')
      await compute.logged(/Caught SIGTERM/)
      compute.signal('SIGTERM')
      assert.deepEqual(await compute.ended(atOnceMs), ended(1))
      assert.equal(compute.matching(/Caught a second SIGTERM signal, instantaneous exiting/).length, 1)
    })

    await t.test(
      'work that outlasts graceful_shutdown_timeout is left in the journal, the status is 1, and a restart deals with it',
      async () => {
        const { compute, boot, settings } = await building('compute3', { graceful_shutdown_timeout: 1 })
        compute.signal('SIGTERM')
        assert.deepEqual(await compute.ended(1000 + atOnceMs), ended(1))
        assert.equal(compute.matching(/Graceful shutdown timeout exceeded/).length, 1)
        assert.deepEqual(cell.unfinishedWork('compute3'), ['build_and_run_instance'])
        await cell.start('nova-compute', settings)
        await eventually('the build has ended', async () => (await cell.instances()).get(boot.uuid)?.task_state === null || undefined)
        await eventually('the journal is empty', () => cell.unfinishedWork('compute3').length === 0 || undefined)
      },
    )

    await t.test('SIGTERM to the whole process group lets a build in hand finish too', async () => {
      const { compute, boot, release } = await building('compute6')
      compute.signalGroup('SIGTERM')
      await compute.logged(/Caught SIGTERM/)
      await release()
      assert.deepEqual(await compute.ended(), ended(0))
      assert.equal((await cell.instances()).get(boot.uuid)?.vm_state, 'active')
    })

    await t.test('SIGTERM at any request of a start ends nova-compute at once with status 0, and nobody consumes its queue', async (t) => {
      const seen = gate.passed.length
      await (await cell.start('nova-compute', { DEFAULT: { control_exchange: Gate.exchange, host: 'compute7' } })).stop()
      const requests = gate.passed.slice(seen).filter(ofHost('compute7'))
      assert.ok(requests.length >= 3, `${requests.length} requests`)
      t.diagnostic(requests.map(({ name }) => name).join(', '))
      for (const position of requests.keys()) {
        const host = `starting${position}`
        let passed = 0
        const held = gate.hold((passing) => ofHost(host)(passing) && passed++ === position)
        const compute = cell.run('nova-compute', { DEFAULT: { control_exchange: Gate.exchange, host } })
        const { name } = await held
        compute.signal('SIGTERM')
        assert.deepEqual(await compute.ended(atOnceMs), ended(0), name)
        assert.deepEqual(compute.matching(/ (ERROR|CRITICAL) /), [], name)
        assert.equal((await broker.queue(`compute.${host}`)).consumers, 0, name)
      }
    })

    await t.test('SIGHUP to nova-compute loses no call and no build, and it takes its mutable options over', async () => {
      const file = cell.configFile({ DEFAULT: { host: 'compute8' } })
      const compute = cell.execute('nova-compute', '--config-file', file)
      await compute.started()
      const direct = cell.controlPlane({ responseTimeoutSeconds: 20 })
      const ctx = contextOf(recordedBuild)
      const load = new Load(cell.cleanups, async () => {
        await direct.base('compute').ping(ctx, { arg: 'x' })
      })
      const boots = await Promise.all(Array.from({ length: 20 }, () => createBoot(direct, 'compute8')))
      for (const [index, boot] of boots.entries()) {
        const from = compute.lines.length
        cell.configFile({ DEFAULT: { host: 'compute8' }, compute: { resource_provider_association_refresh: 100 + index } }, file)
        compute.signal('SIGHUP')
        await boot.build()
        await compute.logged(new RegExp(`compute\\.resource_provider_association_refresh changed from .* to \\[${100 + index}\\]`), {
          from,
        })
        await load.answered(10)
      }
      const isActive = async ({ uuid }: { uuid: string }) => (await cell.instances()).get(uuid)?.vm_state === 'active'
      await eventually('every build ends well', async () => (await Promise.all(boots.map(isActive))).every(Boolean) || undefined)
      await load.stop()
      assert.deepEqual(load.errors, [])
      assert.deepEqual(await compute.stop(), ended(0))
    })

    await t.test(
      'without standard input, output and error, and with an error output that nobody reads any more, services serve',
      async () => {
        const logFile = (host: string) => ({ DEFAULT: { host, log_file: `${host}.log` } })
        const closed = cell.executeIn('exec "$@" <&- >&- 2>&-', 'nova-compute', logFile('compute9'))
        await eventually('it consumes', async () => (await broker.queue('compute.compute9')).consumers === 1 || undefined)
        closed.signal('SIGHUP')
        const unread = await cell.start('nova-compute', logFile('compute10'))
        unread.closeOutput()
        for (const signal of ['SIGHUP', 'SIGHUP'] as const) {
          unread.signal(signal)
          await eventually('it says so in its file', () =>
            readFileSync(join(cell.folder, 'log', 'compute10.log'), 'utf8').includes('Caught SIGHUP'),
          )
        }
        assert.equal((await broker.queue('compute.compute10')).consumers, 1)
        assert.deepEqual(await closed.stop(), ended(0))
        assert.deepEqual(await unread.stop(), ended(0))
        assert.match(
          readFileSync(join(cell.folder, 'log', 'compute9.log'), 'utf8'),
          /Caught SIGHUP, handling(.|\n)*Caught SIGTERM, handling/,
        )
      },
    )

    await t.test('SIGHUP applies debug, names what takes a restart, and leaves all as it was if the file is wrong', async () => {
      const file = cell.configFile({ DEFAULT: { host: 'compute4' } })
      const compute = cell.execute('nova-compute', '--config-file', file)
      await compute.started()
      assert.deepEqual(compute.matching(/ DEBUG /), [])
      cell.configFile({ DEFAULT: { host: 'compute4', debug: true, report_interval: 1 } }, file)
      compute.signal('SIGHUP')
      await compute.logged(/Option DEFAULT\.debug changed from \[false\] to \[true\]/)
      assert.match(await compute.logged(/ WARNING .*only after a restart/), /\[DEFAULT\] report_interval$/)
      cell.configFile({ DEFAULT: { host: 'compute4', debug: 'perhaps' } }, file)
      compute.signal('SIGHUP')
      await compute.logged(/ ERROR .*could not be read again/)
      await broker.publish('compute.compute4', '{"method": "nothing", "args": {}, "_unique_id": "1"}')
      await compute.logged(/ DEBUG .*nothing|Exception during message handling of nothing/)
      assert.deepEqual(await compute.stop(), ended(0))
    })
  })
})

type FailingStart = readonly [name: string, run: () => RunningService, sentence: RegExp]

function failingStarts(cell: Cell): FailingStart[] {
  const file = join(cell.folder, 'file')
  writeFileSync(file, '[DEFAULT]\nthis is no option\n')
  const { host } = new URL(cell.databaseUrl)
  const compute = (options: Settings[string]) => () => cell.run('nova-compute', { DEFAULT: options })
  const conductor = (connection: string | null) => () => cell.run('nova-conductor', { database: { connection } })
  const withFile = (path: string) => () => cell.execute('nova-compute', '--config-file', path)
  const required = (option: string, group: string) => new RegExp(`the option ${option} of the group ${group} is required and not set$`)
  return [
    ['no compute_driver', compute({ compute_driver: null }), required('compute_driver', 'DEFAULT')],
    [
      'a compute_driver that there is not',
      compute({ compute_driver: 'libvirt.NoSuchDriver' }),
      /compute_driver libvirt\.NoSuchDriver is none of the drivers that there are: fake\.FakeDriver, /,
    ],
    [
      'a value of the wrong type',
      compute({ report_interval: 'soon' }),
      /^nova-compute: \S+\.conf:\d+:\d+: \[DEFAULT\] report_interval = 'soon': not an integer$/,
    ],
    ['a file that is not there', withFile(`${file}s`), /^nova-compute: cannot read \S+files: it does not exist$/],
    ['a file that is none', withFile(file), /^nova-compute: \S+file:2:\d+: /],
    ['a transport_url of another kind', compute({ transport_url: 'kafka://nova:NOVA_PASS@controller' }), /^nova-compute: .*kafka/],
    [
      'limits of Keystone of no endpoint',
      () => cell.run('nova-conductor', { api_database: { connection: 'sqlite://' }, quota: { driver: 'nova.quota.UnifiedLimitsDriver' } }),
      /^nova-conductor: \[oslo_limit\] endpoint_id is needed to ask Keystone for limits$/,
    ],
    ['no database', conductor(null), required('connection', 'database')],
    [
      'a database that refuses the password',
      conductor(`mysql+pymysql://nova:NOVA_DBPASS@${host}/nova`),
      /nova-conductor could not start: mysql:\/\/nova@\S+: Access denied for user 'nova'/,
    ],
  ]
}

/** A request of the start of `host`, whose name stands somewhere in its arguments; the one to see whether a conductor is there is no step. */
function ofHost(host: string) {
  return ({ args }: Passing) => JSON.stringify(args).includes(`"${host}"`)
}

function isSaveOf(taskState: string) {
  return ({ name, args }: Passing) => name === 'Instance.save' && dataOf((args as JsonObject).objinst).task_state === taskState
}

function assertNoSecret(service: RunningService): void {
  assert.deepEqual(service.matching(/NOVA_(DB)?PASS|^\s+at /), [])
}
