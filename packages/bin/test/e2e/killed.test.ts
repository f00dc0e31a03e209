import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RequestContext } from '@micronova/model'
import { createBoot, createOperation, type Operation, reboot, stop, terminate } from './support/boots.js'
import { Cell, type InstanceState } from './support/cell.js'
import type { ControlPlane } from './support/control-plane.js'
import { eventually } from './support/eventually.js'
import { Gate } from './support/gate.js'
import { RawBroker } from './support/raw-broker.js'
import type { RunningService } from './support/running-service.js'
import { servicesSkip } from './support/services.js'

/** A request of nova-compute has gone out when it dies: either the conductor still gets it and does it, or it is lost. */
const fates = ['done', 'lost'] as const
type Fate = (typeof fates)[number]
/** Each fate has a host of its own, so that both happen at the same time. */
const hosts: Readonly<Record<Fate, string>> = { done: 'compute1', lost: 'compute2' }

/** Something asked of a compute, and the instance that is to be looked at afterwards. */
interface Asked {
  readonly uuid: string
  readonly ctx: RequestContext
  cast(): Promise<void>
}

interface Scene {
  readonly method: string
  /** Positions of its requests that are sent under the lock of the resource tracker: only one of them can be pending on a host. */
  readonly underLock: readonly number[]
  ask(world: World, host: string): Promise<Asked>
  /** How the instance may stand in the end. */
  isEnd(state: InstanceState): boolean
}

const scenes: readonly Scene[] = [
  {
    method: 'build_and_run_instance',
    underLock: [2, 3, 4],
    ask: async ({ plane }, host) => {
      const boot = await createBoot(plane, host)
      return { ...boot, cast: boot.build }
    },
    isEnd: ({ vm_state, task_state }) => (vm_state === 'active' || vm_state === 'error') && task_state === null,
  },
  operationScene('terminate_instance', terminate, [5], ({ vm_state, deleted }) => vm_state === 'deleted' && deleted !== 0),
  operationScene('stop_instance', stop, [], endsAs('stopped', 4)),
  operationScene('reboot_instance', reboot, [], endsAs('active', 1)),
]

function operationScene(method: string, operation: Operation, underLock: readonly number[], isEnd: Scene['isEnd']): Scene {
  const ask: Scene['ask'] = async (world, host) => {
    const uuid = await world.activeInstance(host)
    return { uuid, ...(await createOperation(world.plane, operation, uuid)) }
  }
  return { method, underLock, ask, isEnd }
}

function endsAs(vmState: string, powerState: number): Scene['isEnd'] {
  return ({ vm_state, task_state, power_state }) => vm_state === vmState && task_state === null && power_state === powerState
}

/** A cell whose computes talk to the conductor through a gate. */
class World {
  readonly cell: Cell
  readonly gate: Gate
  readonly plane: ControlPlane
  readonly #computes = new Map<string, RunningService>()

  constructor(cell: Cell, gate: Gate) {
    this.cell = cell
    this.gate = gate
    this.plane = cell.controlPlane({ exchange: Gate.exchange })
  }

  async startCompute(host: string): Promise<void> {
    const settings = { DEFAULT: { control_exchange: Gate.exchange, max_concurrent_builds: 0, host } }
    this.#computes.set(host, await this.cell.start('nova-compute', settings))
  }

  computeOn(host: string): RunningService {
    const compute = this.#computes.get(host)
    if (compute === undefined) throw new Error(`no compute was started on ${host}`)
    return compute
  }

  async activeInstance(host: string): Promise<string> {
    const boot = await createBoot(this.plane, host)
    await boot.build()
    await this.settled(boot.uuid, endsAs('active', 1))
    return boot.uuid
  }

  settled(uuid: string, isEnd: Scene['isEnd']): Promise<InstanceState> {
    return eventually(`${uuid} ends as it may`, async () => {
      const state = (await this.cell.instances()).get(uuid)
      return state !== undefined && isEnd(state) ? state : undefined
    })
  }

  /** What an operation asks of the conductor when nothing happens to it. */
  async requestsOf(scene: Scene): Promise<string[]> {
    const { uuid, ctx, cast } = await scene.ask(this, hosts.done)
    await cast()
    await this.settled(uuid, scene.isEnd)
    const names = () => this.gate.passed.filter(({ requestId }) => requestId === ctx.requestId).map(({ name }) => name)
    await eventually('its event ends', () => names().includes('InstanceActionEvent.event_finish_with_failure') || undefined)
    return names()
  }

  /** Have one operation wait for the answer to each of the requests at `positions`, kill the compute, start it again after `meanwhile`. */
  async dieAt(scene: Scene, positions: readonly number[], fate: Fate, meanwhile = async () => {}): Promise<readonly Asked[]> {
    const host = hosts[fate]
    const all = await Promise.all(positions.map(() => scene.ask(this, host)))
    const pending = []
    for (const [index, position] of positions.entries()) {
      const { ctx, cast } = all[index]!
      let count = 0
      const held = this.gate.hold(({ requestId }) => requestId === ctx.requestId && count++ === position)
      await cast()
      pending.push(await held)
    }
    await this.computeOn(host).kill()
    if (fate === 'done') await Promise.all(pending.map(({ releaseOfTheDead }) => releaseOfTheDead()))
    await meanwhile()
    await this.startCompute(host)
    return all
  }
}

test('a nova-compute that is killed leaves no half work', { skip: servicesSkip }, async (t) => {
  const cell = await Cell.create(t)
  await cell.start('nova-conductor')
  const world = new World(cell, await Gate.open(cell.cleanups, cell.brokerUrl))
  await Promise.all(Object.values(hosts).map((host) => world.startCompute(host)))

  for (const scene of scenes) {
    const requests = await world.requestsOf(scene)
    for (const positions of rounds(requests.length, scene.underLock)) {
      const names = positions.map((position) => `${position + 1} ${requests[position]}`).join(', ')
      await t.test(`${scene.method} with these requests pending, done or lost: ${names}`, async () => {
        const died = (fate: Fate) => world.dieAt(scene, positions, fate).then((all) => assertWhole(world, scene, hosts[fate], all))
        await Promise.all(fates.map(died))
      })
    }
  }
})

test('a build that the broker delivers again after a crash is not run twice', { skip: servicesSkip }, async (t) => {
  const cell = await Cell.create(t)
  await cell.start('nova-conductor')
  const world = new World(cell, await Gate.open(cell.cleanups, cell.brokerUrl))
  const host = hosts.done
  await world.startCompute(host)
  const broker = await RawBroker.open(cell.cleanups, cell.brokerUrl)
  let build: Buffer = Buffer.alloc(0)
  const toCompute = { exchange: Gate.exchange, routingKey: `compute.${host}` }
  await broker.consume('copies', ({ content }) => (build = content), toCompute)

  for (const [position, end] of [
    [0, 'active'],
    [8, 'error'],
    [12, 'active'],
  ] as const) {
    await t.test(`killed at its request ${position + 1}, with its message not acknowledged: ${end}`, async () => {
      const comeAgain = () => broker.publish(toCompute.routingKey, build, {}, Gate.exchange)
      const [asked] = await world.dieAt(scenes[0]!, [position], 'done', comeAgain)
      assert.ok(asked)
      await world.computeOn(host).logged(/dropped a duplicate/)
      await assertWhole(world, scenes[0]!, host, [asked])
      assert.equal((await cell.instances()).get(asked.uuid)?.vm_state, end)
      assert.ok(world.computeOn(host).matching(/seconds to build instance/).length <= 1)
    })
  }
})

/** Every position once, those under the lock last and in rounds of their own. */
function rounds(length: number, underLock: readonly number[]): number[][] {
  const free = Array.from({ length }, (_, position) => position).filter((position) => !underLock.includes(position))
  const [first, ...others] = underLock
  return [[...free, ...(first === undefined ? [] : [first])], ...others.map((position) => [position])]
}

/** The invariants after a crash, once all is done that the restart has to do. */
async function assertWhole(world: World, scene: Scene, host: string, all: readonly Asked[]): Promise<void> {
  const { cell } = world
  for (const { uuid } of all) {
    const { vm_state } = await world.settled(uuid, scene.isEnd)
    if (vm_state === 'error') assert.equal(await faultsOf(cell, uuid), 1)
  }
  await eventually('the journal is empty', () => cell.unfinishedWork(host).length === 0 || undefined)
  for (const { uuid } of all) await assertEventsEnded(cell, uuid)
  const instances = [...(await cell.instances())].filter(([, state]) => state.host === host && state.deleted === 0)
  assert.deepEqual(cell.guests(host), instances.map(([uuid]) => uuid).sort())
  const node = await cell.database.kysely.selectFrom('compute_nodes').selectAll().where('host', '=', host).executeTakeFirstOrThrow()
  assert.equal(node.vcpus_used, instances.length)
}

/** Nothing looks as if it went on for ever: the last event of each action has ended. */
async function assertEventsEnded({ database }: Cell, uuid: string): Promise<void> {
  const rows = await database.kysely
    .selectFrom('instance_actions')
    .innerJoin('instance_actions_events', 'instance_actions_events.action_id', 'instance_actions.id')
    .select(['action', 'event', 'instance_actions_events.finish_time', 'result'])
    .where('instance_uuid', '=', uuid)
    .orderBy('instance_actions_events.id')
    .execute()
  const last = new Map(rows.map((row) => [row.action, row]))
  for (const row of last.values()) assert.ok(row.finish_time !== null, JSON.stringify(rows))
}

async function faultsOf({ database }: Cell, uuid: string): Promise<number> {
  const faults = await database.kysely.selectFrom('instance_faults').select('message').where('instance_uuid', '=', uuid).execute()
  return faults.length
}
