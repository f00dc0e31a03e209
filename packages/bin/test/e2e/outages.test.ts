import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MessagingTimeout } from '@micronova/messaging'
import { type PrivateBroker, privateBrokerSkip, startPrivateBroker } from '@micronova/testing'
import { type Boot, createBoot } from './support/boots.js'
import { Cell, type InstanceState } from './support/cell.js'
import type { ControlPlane } from './support/control-plane.js'
import { eventually } from './support/eventually.js'
import { callConductor, Load } from './support/load.js'
import { RawBroker } from './support/raw-broker.js'
import type { ProgramName, RunningService } from './support/running-service.js'
import { breakConnections, servicesSkip } from './support/services.js'

const builds = 20
interface BusyCellOptions {
  readonly durable: boolean
  /** Longer than the outage: no call ends because of it. Shorter: those whose request or reply is lost end soon. */
  readonly responseTimeoutSeconds: number
}

/** A cell at work, on queues that survive the broker (`amqp_durable_queues`) or on those of Nova's defaults, which do not. */
class BusyCell {
  readonly cell: Cell
  readonly #options: BusyCellOptions
  readonly #plane: ControlPlane

  constructor(cell: Cell, options: BusyCellOptions) {
    this.cell = cell
    this.#options = options
    this.#plane = cell.controlPlane(options)
  }

  start(program: ProgramName): Promise<RunningService> {
    const { durable, responseTimeoutSeconds } = this.#options
    return this.cell.start(program, {
      DEFAULT: { rpc_response_timeout: responseTimeoutSeconds },
      oslo_messaging_rabbit: { amqp_durable_queues: durable },
    })
  }

  /** Builds are cast and calls are made while `incident` happens. Resolves when all have ended. */
  async work(incident: () => Promise<void>): Promise<{ readonly states: readonly string[]; readonly load: Load }> {
    const boots = await Promise.all(Array.from({ length: builds }, () => createBoot(this.#plane, 'compute1')))
    const load = new Load(this.cell.cleanups, callConductor(this.#plane))
    const casts = Promise.all(boots.map((boot) => boot.build()))
    await eventually(
      'builds are under way',
      async () => (await this.#statesOf(boots)).some((state) => state?.task_state === 'spawning') || undefined,
    )
    await incident()
    await casts
    const states = await this.#ended(boots)
    await load.stop()
    return { states, load }
  }

  /** Resolves when everyone consumes who shall. */
  async consuming(): Promise<void> {
    const broker = await RawBroker.open(this.cell.cleanups, this.cell.brokerUrl, this.#options.durable)
    for (const name of ['conductor', 'compute', 'compute.compute1'])
      await eventually(`${name} is consumed`, async () => (await broker.queue(name)).consumers > 0 || undefined)
  }

  /** How builds have ended: `active`, `error`, or `lost`, whose message never came to a compute. */
  async #ended(boots: readonly Boot[]): Promise<string[]> {
    return eventually(
      'every build ends',
      async () => {
        const endings = (await this.#statesOf(boots)).map(endingOf)
        const isQuiet = this.cell.unfinishedWork('compute1').length === 0
        return isQuiet && endings.every((ending) => ending !== null) ? (endings as string[]) : undefined
      },
      40_000,
    )
  }

  async #statesOf(boots: readonly Boot[]): Promise<(InstanceState | undefined)[]> {
    const states = await this.cell.instances()
    return boots.map(({ uuid }) => states.get(uuid))
  }
}

function endingOf(state: InstanceState | undefined): string | null {
  if (state?.task_state === null && (state.vm_state === 'active' || state.vm_state === 'error')) return state.vm_state
  return state?.vm_state === 'building' && state.task_state === 'scheduling' ? 'lost' : null
}

test('outages', { skip: servicesSkip || privateBrokerSkip(), timeout: 170_000 }, async (t) => {
  const broker = await startPrivateBroker(t)
  const lasting = new BusyCell(await Cell.create(t, { brokerUrl: broker.url }), { durable: true, responseTimeoutSeconds: 40 })
  const passing = new BusyCell(await Cell.create(t, { brokerUrl: await virtualHost(broker, 'passing') }), {
    durable: false,
    responseTimeoutSeconds: 6,
  })
  const cells = [lasting, passing] as const
  const [conductor, passingConductor] = await Promise.all([lasting.start('nova-conductor'), passing.start('nova-conductor')])
  const [compute] = await Promise.all([lasting.start('nova-compute'), passing.start('nova-compute')])

  const restartBroker = async () => {
    await broker.kill()
    await broker.start()
    const begunMs = performance.now()
    await Promise.all(cells.map((busy) => busy.consuming()))
    t.diagnostic(`all consume ${(performance.now() - begunMs).toFixed(0)} ms after the return of the broker`)
  }

  await t.test('a broker that is killed while nothing happens: all consume again after its return', restartBroker)

  await t.test(
    'a broker that is killed under load: each call and each accepted build ends; with durable queues no build is lost',
    async () => {
      let restarted: Promise<void> | null = null
      const restart = () => {
        restarted ??= restartBroker()
        return restarted
      }
      const [withDurable, withPassing] = await Promise.all([lasting.work(restart), passing.work(restart)])
      none(withDurable.states, 'lost', 'error')
      for (const { load } of [withDurable, withPassing]) {
        assert.ok(load.results > 0)
        for (const err of load.errors) assert.ok(err instanceof MessagingTimeout, String(err))
      }
      t.diagnostic(`on durable queues ${withDurable.load.errors.length} calls timed out`)
      t.diagnostic(`on others ${withPassing.load.errors.length} calls timed out, builds ended ${withPassing.states.join(' ')}`)
    },
  )

  await t.test('a conductor that is replaced under load: no call and no build fails', async () => {
    const { states, load } = await lasting.work(async () => {
      await lasting.start('nova-conductor')
      assert.deepEqual(await conductor.stop(), { status: 0, signal: null })
    })
    none(states, 'lost', 'error')
    assert.deepEqual(load.errors, [])
  })

  await t.test('database connections that break under load: no call fails, nor a build unless its commit was cut off', async () => {
    let broken = 0
    const { states, load } = await lasting.work(async () => {
      for (let times = 0; times < 5; times++) broken += await breakConnections(lasting.cell.databaseUrl)
    })
    assert.ok(broken > 5, `${broken} connections were broken`)
    none(states, 'lost')
    assert.deepEqual(load.errors, [])
    const failed = states.filter((state) => state === 'error').length
    const logged = compute.matching(/ ERROR .*the connection to the database broke during a commit/).length
    assert.ok(logged >= failed, `${failed} builds failed, ${logged} because of a commit that was cut off`)
    t.diagnostic(`${broken} connections were broken, builds ended ${states.join(' ')}`)
  })

  await t.test('a conductor that is killed under load: each call and each build ends', async () => {
    const { states, load } = await passing.work(async () => {
      await passingConductor.kill()
      await passing.start('nova-conductor')
    })
    none(states, 'lost')
    for (const err of load.errors) assert.ok(err instanceof MessagingTimeout, String(err))
    t.diagnostic(`${load.errors.length} calls timed out, builds ended ${states.join(' ')}`)
  })

  await t.test('after all this the guests are those that the database knows', async () => {
    for (const { cell } of cells) {
      const active = [...(await cell.instances())].filter(([, { host, vm_state }]) => host === 'compute1' && vm_state === 'active')
      assert.deepEqual(cell.guests('compute1'), active.map(([uuid]) => uuid).sort())
    }
  })
})

async function virtualHost({ ctl, url }: PrivateBroker, name: string): Promise<string> {
  await ctl('add_vhost', name)
  await ctl('set_permissions', '-p', name, 'guest', '.*', '.*', '.*')
  return new URL(`/${name}`, url).href
}

function none(endings: readonly string[], ...unwanted: readonly string[]): void {
  assert.deepEqual(
    endings.filter((ending) => unwanted.includes(ending)),
    [],
  )
}
