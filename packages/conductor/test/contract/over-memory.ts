import { systemClock, systemRandom } from '@micronova/lifecycle'
import { type Logger, nullLogger } from '@micronova/log'
import { createTransport, MemoryBus, type Transport } from '@micronova/messaging'
import { novaErrorCatalogue, novaRegistry, type Stores } from '@micronova/model'
import { type ConductorApi, createConductorApi, createConductorStores, createNovaSerializer } from '@micronova/rpcapi'
import { ConductorManager } from '../../src/index.js'

export interface RemoteConductor {
  readonly transport: Transport
  readonly api: ConductorApi
  /** `stores` as a service without a database sees them. */
  readonly stores: Stores
  stop(): Promise<void>
}

/** A conductor over `stores`, on a bus of its own in this process. */
export async function startConductor(stores: Stores, log: Logger = nullLogger): Promise<RemoteConductor> {
  const registry = novaRegistry()
  const deps = { log, clock: systemClock, random: systemRandom, errors: novaErrorCatalogue }
  const transport = createTransport('memory://', { ...deps, bus: new MemoryBus(deps) })
  const manager = new ConductorManager({ stores, registry, host: 'controller1', log })
  const serializer = createNovaSerializer({ registry })
  const server = transport.server({ topic: 'conductor', server: 'controller1' }, manager.endpoints, { serializer })
  await server.start(new AbortController().signal)
  const api = createConductorApi({ transport, serializer })
  return {
    transport,
    api,
    stores: createConductorStores(api, registry),
    async stop() {
      await server.stop(AbortSignal.timeout(1000))
      await transport.stop(AbortSignal.timeout(1000))
    },
  }
}
