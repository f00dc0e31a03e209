import type { Clients } from '@micronova/clients'
import type { Clock, Random } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import type { Transport } from '@micronova/messaging'
import { type ApiStores, CELL0_UUID, type CellMapping, type CellStores, type Cells, type RequestContext } from '@micronova/model'
import {
  AUTOMATIC_LEVEL,
  AutomaticCap,
  type ComputeApi,
  createComputeApi,
  createNovaSerializer,
  createSchedulerApi,
  type StubTimeouts,
  type UpgradeLevels,
} from '@micronova/rpcapi'
import type { ObjectRegistry } from '@micronova/versionedobjects'
import type { ComputeTaskDeps, Deployment, TaskObservers } from './compute-task-deps.js'
import type { ComputeTaskSettings } from './options.js'

/** What a conductor needs to orchestrate. Nothing of it is closed here. */
export interface TaskParts extends TaskObservers {
  /** Of the cell that this conductor stands in. */
  readonly stores: CellStores
  /** null: it is the conductor of a cell, for which there is nothing above. */
  readonly above: { readonly api: ApiStores; readonly cells: Cells } | null
  readonly clients: Clients
  /** The broker of a cell, by the `transport_url` of its mapping; called once for each. Default: this conductor's own for all. */
  transportOf?(url: string): Transport
}

export interface TaskOptions {
  readonly settings: ComputeTaskSettings
  readonly upgradeLevels: UpgradeLevels
  readonly timeouts: StubTimeouts
}

interface Surroundings {
  readonly transport: Transport
  readonly registry: ObjectRegistry
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly host: string
}

/** The parts of `compute_task`, and what is to be thought over again on SIGHUP. */
export function createTaskDeps(
  { transport, registry, ...surroundings }: Surroundings,
  { stores, above, clients, transportOf = () => transport, ...observers }: TaskParts,
  { settings, upgradeLevels, timeouts }: TaskOptions,
): { readonly deps: ComputeTaskDeps; forget(): void } {
  const { log } = surroundings
  const serializer = createNovaSerializer({ registry })
  const minimumComputeVersion = (ctx: RequestContext) => oldestCompute(ctx, stores, above?.cells ?? null)
  const automatic = new AutomaticCap({ minimumComputeVersion, log })
  const upgradeLevel = upgradeLevels.compute === AUTOMATIC_LEVEL ? automatic : upgradeLevels.compute
  const computeOver = (broker: Transport): ComputeApi => createComputeApi({ transport: broker, serializer }, { upgradeLevel, ...timeouts })
  const local = computeOver(transport)
  const deps: ComputeTaskDeps = {
    ...surroundings,
    local: { cell: null, stores, compute: local },
    deployment: above === null ? null : { ...above, compute: computesOf(transportOf, transport, local, computeOver) },
    scheduler: createSchedulerApi({ transport, serializer }, { upgradeLevel: upgradeLevels.scheduler, ...timeouts }),
    clients,
    settings,
    ...observers,
  }
  return {
    deps,
    forget() {
      automatic.forget()
      above?.cells.refresh()
    },
  }
}

/** Those of each broker are made once. */
function computesOf(
  transportOf: (url: string) => Transport,
  own: Transport,
  local: ComputeApi,
  computeOver: (broker: Transport) => ComputeApi,
): Deployment['compute'] {
  const known = new Map<string, ComputeApi>()
  return ({ uuid, transport_url: url }: CellMapping) => {
    // Nobody computes in cell0, and it has no broker.
    if (uuid === CELL0_UUID) return local
    let compute = known.get(url)
    if (compute === undefined) {
      const broker = transportOf(url)
      compute = broker === own ? local : computeOver(broker)
      known.set(url, compute)
    }
    return compute
  }
}

/** Lowest service version of all nova-compute that this conductor may reach; 0 while there is none. */
export async function oldestCompute(ctx: RequestContext, own: Pick<CellStores, 'services'>, cells: Cells | null): Promise<number> {
  if (cells === null) return own.services.getMinimumVersion(ctx, 'nova-compute')
  const all = (await cells.list(ctx)).filter(({ disabled }) => !disabled)
  const found = await Promise.allSettled(
    all.map(async (cell) => (await cells.stores(cell)).services.getMinimumVersion(ctx, 'nova-compute')),
  )
  const versions = found.flatMap((result) => (result.status === 'fulfilled' && result.value > 0 ? [result.value] : []))
  return versions.length === 0 ? 0 : Math.min(...versions)
}
