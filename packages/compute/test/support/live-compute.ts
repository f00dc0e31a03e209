import { systemClock } from '@micronova/lifecycle'
import { nullLogger } from '@micronova/log'
import { createTransport, MemoryBus, type RpcServer, type Transport } from '@micronova/messaging'
import { novaErrorCatalogue, novaRegistry } from '@micronova/model'
import { type ComputeApi, createComputeApi, createNovaSerializer } from '@micronova/rpcapi'
import { StartSteps } from '@micronova/service'
import { FakeDriver, type VirtDriver } from '@micronova/virt'
import { ComputeManager } from '../../src/compute-manager.js'
import { journalPath } from '../../src/compute-service.js'
import { JournalFile } from '../../src/journal/journal-file.js'
import { StartSignal } from '../../src/start-signal.js'
import { computeFixture, countingRandom, type Fixture, forever, host } from './compute-fixture.js'
import { persistentStores } from './persistent-stores.js'
import type { StoreCall } from './recording-stores.js'
import { untilQuiet } from './until-quiet.js'

/** A compute manager behind its queue, with everything that outlives it in one folder. */
export interface LiveCompute {
  readonly fixture: Fixture
  readonly manager: ComputeManager
  readonly api: ComputeApi
  readonly server: RpcServer
  readonly transport: Transport
  /** For a further transport to the same queues. */
  readonly bus: MemoryBus
  /** As a service starts: the host, the queue, then what was left over. */
  start(): Promise<void>
  /** Resolves when everything that follows from the work of an earlier run is done. */
  quiet(): Promise<void>
  /** Waits for all work, also that of an earlier run. */
  stop(): Promise<void>
}

export interface LiveComputeOptions {
  /** A promise that never settles makes the call hang. */
  fail?(call: StoreCall): unknown
  readonly driver?: (stateFile: string) => VirtDriver
}

export function liveCompute(folder: string, { fail, driver }: LiveComputeOptions = {}): LiveCompute {
  const stateFile = `${folder}/guests.json`
  const serializer = createNovaSerializer({ registry: novaRegistry() })
  const deps = { log: nullLogger, clock: systemClock, random: countingRandom, errors: novaErrorCatalogue }
  const bus = new MemoryBus(deps)
  const transport = createTransport('memory://', { ...deps, bus })
  const api = createComputeApi({ transport, serializer })
  const fixture = computeFixture({
    computes: api,
    clock: systemClock,
    stores: persistentStores(`${folder}/stores.json`),
    driver: driver?.(stateFile) ?? new FakeDriver({ log: nullLogger }, { stateFile }),
    ...(fail === undefined ? {} : { fail }),
  })
  const manager = new ComputeManager({
    parts: fixture.parts,
    periodicTasks: [],
    steps: new StartSteps({ log: nullLogger, clock: systemClock }),
    journalFile: new JournalFile({ log: nullLogger }, { path: journalPath(folder, host) }),
    serializer,
    startSignal: new StartSignal(),
  })
  const server = manager.listen(transport, { topic: 'compute', server: host })
  return {
    fixture,
    manager,
    server,
    transport,
    bus,
    api,
    async start() {
      await manager.initHost(forever)
      await server.start(forever)
      await manager.postStartHook(forever)
    },
    async quiet() {
      await manager.replayed()
      await untilQuiet([server])
    },
    async stop() {
      await manager.replayed()
      const { signal } = new AbortController()
      await server.stop(signal)
      await manager.cleanupHost(signal)
      await transport.stop(signal)
    },
  }
}
