import { AggregatorRegistry, Gauge, Registry } from 'prom-client'
import type { Snapshot } from './metrics.js'

/** How many workers are in which state. */
export type WorkerStates = Readonly<Record<'ready' | 'not_ready' | 'silent', number>>

/**
 * The figures of several processes as one. What a worker has counted stays when it ends, or is silent for once: a counter that fell
 * would look like the restart of the whole.
 */
export class SumOfWorkers {
  /** What workers that have ended had counted when they were last asked; added up at the next look. */
  #past: Snapshot[] = []
  readonly #last = new Map<number, Snapshot>()

  learn(pid: number, snapshot: Snapshot): void {
    this.#last.set(pid, snapshot)
  }

  ended(pid: number): void {
    const last = this.#last.get(pid)
    if (last !== undefined) this.#past.push(counted(last))
    this.#last.delete(pid)
  }

  /** @param answered the workers that have just been asked with success: only their gauges count */
  async text(answered: ReadonlySet<number>, states: WorkerStates): Promise<string> {
    const present = [...this.#last].map(([pid, snapshot]) => (answered.has(pid) ? snapshot : counted(snapshot)))
    if (this.#past.length > 1) this.#past = [await merged(this.#past.splice(0))]
    const sum = aggregated([...present, ...this.#past])
    return `${await registryOf(states).metrics()}${await sum.metrics()}`
  }
}

function counted(snapshot: Snapshot): Snapshot {
  return snapshot.filter(({ type }) => String(type) === 'counter' || String(type) === 'histogram')
}

function aggregated(snapshots: readonly Snapshot[]): Registry {
  return AggregatorRegistry.aggregate(snapshots.map((snapshot) => [...snapshot])) as Registry
}

async function merged(snapshots: readonly Snapshot[]): Promise<Snapshot> {
  return (await aggregated(snapshots).getMetricsAsJSON()) as Snapshot
}

function registryOf(states: WorkerStates): Registry {
  const registry = new Registry()
  const workers = new Gauge({
    name: 'micronova_workers',
    help: 'Processes of the service; a silent one has not answered in time, and its gauges are missing here',
    labelNames: ['state'],
    registers: [registry],
  })
  for (const [state, count] of Object.entries(states)) workers.set({ state }, count)
  return registry
}
