import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { FakeCinder, FakeGlance, FakeNeutron, FakePlacement } from '@micronova/clients'
import { systemClock } from '@micronova/lifecycle'
import { RecordingLogger } from '@micronova/log'
import { createTransport, MemoryBus, type RpcServer, type Transport } from '@micronova/messaging'
import { novaErrorCatalogue, novaRegistry, type RequestContext, Service, type Stores } from '@micronova/model'
import { type ComputeApi, createComputeApi, createNovaSerializer, FakeStores } from '@micronova/rpcapi'
import type { PeriodicTask } from '@micronova/service'
import { FakeDriver } from '@micronova/virt'
import { computeEndpoints } from '../../src/endpoint.js'
import { GlanceImages } from '../../src/image/glance-images.js'
import { NeutronNetworks } from '../../src/network/neutron/neutron-networks.js'
import type { ComputeParts } from '../../src/parts.js'
import { createPeriodicTasks, periodicOptions, SelfRequests } from '../../src/periodic/index.js'
import { HostPlacement, placementOptions } from '../../src/placement/index.js'
import { resourceOptions } from '../../src/resource-tracker/options.js'
import { HostResourceTracker } from '../../src/resource-tracker/tracker.js'
import { CinderVolumes } from '../../src/volume/cinder-volumes.js'
import { computeFixture, countingRandom, type Fixture, forever } from './compute-fixture.js'
import { HurriedClock } from './hurried-clock.js'
import { PeerCalls } from './peer-calls.js'
import { defaultsOf } from './tracker-fixture.js'
import { untilQuiet } from './until-quiet.js'

export interface CellCompute extends Fixture {
  readonly driver: FakeDriver
  readonly tracker: HostResourceTracker
}

export type CellHost = 'compute1' | 'compute2'

/** Two computes with all the parts of a real one, over queues, stores, Placement, Neutron, Glance and Cinder in memory. */
export interface Cell {
  readonly stores: FakeStores
  readonly placement: FakePlacement
  readonly neutron: FakeNeutron
  readonly glance: FakeGlance
  readonly cinder: FakeCinder
  /** What the computes asked of their peers. */
  readonly peers: PeerCalls
  readonly compute1: CellCompute
  readonly compute2: CellCompute
  /** As the API and the conductor send. */
  readonly api: ComputeApi
  readonly transport: Transport
  readonly log: RecordingLogger
  readonly ctx: RequestContext
  /** What the API sends in the name of a user. */
  readonly userCtx: RequestContext
  /** What somebody else removed: ports, attachments. */
  readonly lost: Set<string>
  /** What of an instance its messages bring: all, or nothing that can be loaded when it is needed. */
  sends: 'all' | 'columns'
  /** Resolves when neither compute does anything any more. */
  quiet(): Promise<void>
  /** What the periodic tasks of both hosts do within their next three rounds. */
  mend(): Promise<void>
}

export const cellHosts: readonly CellHost[] = ['compute1', 'compute2']
const serializer = createNovaSerializer({ registry: novaRegistry() })
/** Those that look after what operations have left behind. */
const menders = [
  'update_available_resource',
  '_cleanup_running_deleted_instances',
  '_cleanup_incomplete_migrations',
  '_heal_instance_info_cache',
]

export async function cell(t: TestContext): Promise<Cell> {
  const clock = new HurriedClock()
  const log = new RecordingLogger('nova')
  const peers = new PeerCalls()
  const stores = new FakeStores({ clock, random: countingRandom })
  const services = { placement: new FakePlacement(), neutron: new FakeNeutron(), glance: new FakeGlance(), cinder: new FakeCinder() }
  const deps = { log, clock: systemClock, random: countingRandom, errors: novaErrorCatalogue }
  const transport = createTransport('memory://', { ...deps, bus: new MemoryBus(deps) })
  t.after(() => transport.stop(forever))
  const api = createComputeApi({ transport, serializer })
  const servers: RpcServer[] = []
  const started = async (host: CellHost): Promise<CellCompute> => {
    const compute = await cellCompute(host, { clock, log, peers, stores, computes: api, ...services })
    const server = transport.server({ topic: 'compute', server: host }, computeEndpoints(compute.parts), { serializer })
    await server.start(forever)
    servers.push(server)
    return compute
  }
  const [compute1, compute2] = [await started('compute1'), await started('compute2')]
  const { ctx } = compute1
  const made: Cell = {
    stores,
    ...services,
    peers,
    compute1,
    compute2,
    api,
    transport,
    log,
    ctx,
    lost: new Set(),
    sends: 'all',
    userCtx: { ...ctx, isAdmin: false, authToken: 'token' },
    async quiet() {
      await untilQuiet(servers)
      for (const host of cellHosts) await made[host].parts.liveMigrations.settled()
      await untilQuiet(servers)
    },
    async mend() {
      for (let round = 0; round < 3; round++) {
        clock.pass(3_600_000)
        for (const host of cellHosts) for (const task of mendersOf(made[host].parts, api)) await task.run(forever)
        await made.quiet()
      }
    },
  }
  await made.mend()
  return made
}

function mendersOf(parts: ComputeParts, compute: ComputeApi): readonly PeriodicTask[] {
  const requests = new SelfRequests({ stores: parts.stores, compute })
  const tasks = createPeriodicTasks({
    ...parts,
    periodic: defaultsOf(periodicOptions),
    requests,
    serviceDownTimeSeconds: 60,
    usageAudit: { isOn: false, period: 'month' },
  })
  return menders.map((name) => tasks.find((task) => task.name === name) ?? assert.fail(`there is no task ${name}`))
}

interface CellDeps {
  readonly placement: FakePlacement
  readonly neutron: FakeNeutron
  readonly glance: FakeGlance
  readonly cinder: FakeCinder
  readonly clock: HurriedClock
  readonly log: RecordingLogger
  readonly peers: PeerCalls
  readonly stores: Stores
  readonly computes: ComputeApi
}

async function cellCompute(host: CellHost, deps: CellDeps): Promise<CellCompute> {
  const { clock, log, peers } = deps
  const driver = new FakeDriver({ log })
  await driver.initHost(host)
  const stores = peers.ofStores(deps.stores)
  const resources = defaultsOf(resourceOptions)
  const tracker = new HostResourceTracker({ stores, driver, log }, { host, hostIp: '127.0.0.1', resources })
  const placement = new HostPlacement(
    { placement: peers.of('placement', deps.placement), stores, driver, clock, random: countingRandom, log },
    { host, resources, section: defaultsOf(placementOptions) },
  )
  const networks = new NeutronNetworks(
    { neutron: peers.of('neutron', deps.neutron), stores, clock, log },
    { allocateRetries: 0, ovsBridge: 'br-int', injected: false },
  )
  const images = new GlanceImages(peers.of('glance', deps.glance))
  const volumes = new CinderVolumes(peers.of('cinder', deps.cinder))
  const fixture = computeFixture({
    ...{ host, clock, stores, driver, tracker, placement, images, volumes, computes: deps.computes },
    settings: { vifPluggingTimeoutSeconds: 0, vifPluggingIsFatal: false },
  })
  const parts: ComputeParts = { ...fixture.parts, networks, log }
  await deps.stores.services.create(
    fixture.ctx,
    new Service({ host, binary: 'nova-compute', topic: 'compute', disabled: false, version: 66 }),
  )
  return { ...fixture, parts, driver, tracker }
}
