import type { TestContext } from 'node:test'
import { systemClock } from '@micronova/lifecycle'
import { nullLogger } from '@micronova/log'
import { createTransport, MemoryBus, type RpcServer } from '@micronova/messaging'
import { Flavor, type Instance, Migration, novaErrorCatalogue, novaRegistry, type RequestContext, type Stores } from '@micronova/model'
import { type ComputeApi, createComputeApi, createNovaSerializer, FakeStores } from '@micronova/rpcapi'
import { FakeDriver } from '@micronova/virt'
import { computeEndpoints } from '../../src/endpoint.js'
import { resourceOptions } from '../../src/resource-tracker/options.js'
import { HostResourceTracker } from '../../src/resource-tracker/tracker.js'
import type { VolumeApi } from '../../src/volume/volume-api.js'
import {
  computeFixture,
  countingRandom,
  type Fixture,
  forever,
  nextUuid,
  rootDisk,
  smallFlavor,
  storedInstance,
} from './compute-fixture.js'
import { FakePlacement } from './fake-placement.js'
import { recordingStores, type StoreCall } from './recording-stores.js'
import { defaultsOf } from './tracker-fixture.js'
import { untilQuiet } from './until-quiet.js'

export interface PairedCompute extends Fixture {
  readonly driver: FakeDriver
  readonly tracker: HostResourceTracker
}

/** Two computes of one cell that talk over queues in memory, with real trackers, over the same stores and the same Placement. */
export interface ComputePair {
  readonly stores: FakeStores
  readonly placement: FakePlacement
  readonly compute1: PairedCompute
  readonly compute2: PairedCompute
  /** As the API and the conductor send. */
  readonly api: ComputeApi
  readonly ctx: RequestContext
  /** Resolves when neither does anything any more. */
  quiet(): Promise<void>
  /** The host no longer takes messages. */
  stopListening(host: 'compute1' | 'compute2'): Promise<void>
}

export interface ComputePairOptions {
  /** Makes a call of a store reject with what it returns. */
  fail?(call: StoreCall): unknown
  readonly toSameHost?: boolean
  readonly volumes?: VolumeApi
}

export const largeFlavor = Flavor.objStored({
  ...smallFlavor.objGetSet(),
  id: 2,
  name: 'm1.large',
  flavorid: '2',
  memory_mb: 4096,
  vcpus: 4,
  root_gb: 10,
})

export async function computePair(t: TestContext, options: ComputePairOptions = {}): Promise<ComputePair> {
  const stores = new FakeStores({ clock: systemClock, random: countingRandom })
  const placement = new FakePlacement()
  const serializer = createNovaSerializer({ registry: novaRegistry() })
  const deps = { log: nullLogger, clock: systemClock, random: countingRandom, errors: novaErrorCatalogue }
  const bus = new MemoryBus(deps)
  const transport = createTransport('memory://', { ...deps, bus })
  t.after(() => transport.stop(AbortSignal.timeout(1000)))
  const api = createComputeApi({ transport, serializer })
  const servers = new Map<string, RpcServer>()
  const started = async (host: string): Promise<PairedCompute> => {
    const compute = await pairedCompute(host, { stores, placement, computes: api, ...options })
    const server = transport.server({ topic: 'compute', server: host }, computeEndpoints(compute.parts), { serializer })
    await server.start(forever)
    servers.set(host, server)
    return compute
  }
  const [compute1, compute2] = [await started('compute1'), await started('compute2')]
  return {
    stores,
    placement,
    compute1,
    compute2,
    api,
    ctx: compute1.ctx,
    quiet: () => untilQuiet([...servers.values()]),
    stopListening: async (host) => servers.get(host)?.stop(forever),
  }
}

interface PairDeps extends ComputePairOptions {
  readonly stores: Stores
  readonly placement: FakePlacement
  readonly computes: ComputeApi
}

async function pairedCompute(host: string, { toSameHost = false, ...deps }: PairDeps): Promise<PairedCompute> {
  const driver = new FakeDriver({ log: nullLogger }, { toSameHost })
  await driver.initHost(host)
  const recorded = recordingStores(deps.stores, [], deps.fail)
  const trackerOptions = { host, hostIp: '127.0.0.1', resources: defaultsOf(resourceOptions) }
  const tracker = new HostResourceTracker({ stores: recorded, driver, log: nullLogger }, trackerOptions)
  const fixture = computeFixture({ ...deps, clock: systemClock, host, driver, tracker })
  await tracker.updateAvailableResource(fixture.ctx, host)
  return { ...fixture, driver, tracker }
}

export interface Move {
  readonly instance: Instance
  readonly migration: Migration
}

/**
 * A guest that runs on compute1, and a resize of it to `destination` as the conductor leaves both: the migration holds what
 * the instance had of its source, the instance has what the scheduler gave it at its destination.
 */
export async function moveOf(pair: ComputePair, destination: 'compute1' | 'compute2', flavor = largeFlavor, isOff = false): Promise<Move> {
  const { stores, ctx, placement, compute1 } = pair
  const at = {
    vm_state: isOff ? 'stopped' : 'active',
    task_state: 'resize_prep',
    power_state: isOff ? 4 : 1,
    host: 'compute1',
    node: 'compute1',
  }
  const instance = await storedInstance(pair, { ...at, instance_type_id: 1, old_flavor: null, new_flavor: null })
  await rootDisk(pair, instance)
  const spawned = { instance, network: [], blockDevices: [], image: {}, injectedFiles: [], adminPassword: null, powerOn: !isOff }
  await compute1.driver.spawn(ctx, spawned, forever)
  await compute1.tracker.updateAvailableResource(ctx, 'compute1')
  const migration = new Migration({
    uuid: nextUuid(),
    instance_uuid: instance.uuid,
    source_compute: 'compute1',
    source_node: 'compute1',
    dest_compute: destination,
    old_instance_type_id: 1,
    new_instance_type_id: flavor.id,
    migration_type: flavor.id === 1 ? 'migration' : 'resize',
    status: 'pre-migrating',
    hidden: false,
    cross_cell_move: false,
  })
  await stores.migrations.create(ctx, migration)
  placement.held.set(migration.uuid, { compute1: { resources: { VCPU: 1 } } })
  placement.held.set(instance.uuid, { [destination]: { resources: { VCPU: flavor.vcpus } } })
  await stores.actions.start(ctx, instance.uuid, 'resize')
  return { instance, migration }
}
