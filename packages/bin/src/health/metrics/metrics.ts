import { collectDefaultMetrics, Gauge, type MetricObject, type MetricObjectWithValues, type MetricValue, Registry } from 'prom-client'
import { type FiguresDeps, lookAtParts } from './figures.js'
import { watchLoopDelay } from './loop-delay.js'
import { Traffic } from './traffic.js'

/** The figures of a process as they go to another one. */
export type Snapshot = readonly MetricObjectWithValues<MetricValue<string>>[]

/** prom-client's own figures of the event loop contain the time between two looks, and nonsense where there was none between two scrapes. */
const leftOut = /^nodejs_eventloop_lag_/

export interface MetricsDeps extends FiguresDeps {
  /** Of Nova: what the program behaves like. */
  readonly release: string
}

/** All figures of this process. */
export class Metrics {
  readonly traffic: Traffic
  readonly #registry = new Registry()

  constructor(deps: MetricsDeps) {
    this.traffic = new Traffic(this.#registry)
    lookAtParts(this.#registry, deps)
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: 60_000 })
    for (const { name } of this.#registry.getMetricsAsArray()) if (leftOut.test(name)) this.#registry.removeSingleMetric(name)
    watchLoopDelay(this.#registry)
    const build = new Gauge({
      name: 'micronova_build_info',
      help: 'What runs here; always 1',
      labelNames: ['program', 'nova'],
      aggregator: 'first',
      registers: [this.#registry],
    })
    build.set({ program: deps.inspection.program, nova: deps.release }, 1)
  }

  text(): Promise<string> {
    return this.#registry.metrics()
  }

  async snapshot(): Promise<Snapshot> {
    return (await this.#registry.getMetricsAsJSON()) as Snapshot
  }

  /** Name, type and labels of each. */
  describe(): readonly MetricObject[] {
    return this.#registry.getMetricsAsArray()
  }
}
