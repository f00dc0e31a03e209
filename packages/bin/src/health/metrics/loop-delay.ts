import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Gauge, type Registry } from 'prom-client'

/** How often the event loop is looked at, in milliseconds. More often costs an idle process more, 20 wake-ups a second are hardly seen. */
const lookMs = 50
const quantiles = [0.5, 0.9, 0.99, 1]

/** By how much the event loop was late since the last look at the metrics. Of several workers the worst counts. */
export function watchLoopDelay(registry: Registry): void {
  const histogram = monitorEventLoopDelay({ resolution: lookMs })
  histogram.enable()
  const gauge: Gauge = new Gauge({
    name: 'micronova_event_loop_delay_seconds',
    help: 'By how much the event loop was late since this was last asked',
    labelNames: ['quantile'],
    aggregator: 'max',
    registers: [registry],
    collect() {
      // Node's figures contain the time between two looks.
      for (const quantile of quantiles) {
        const late = histogram.count === 0 ? 0 : histogram.percentile(quantile * 100) / 1e9 - lookMs / 1000
        gauge.set({ quantile: String(quantile) }, Math.max(0, late))
      }
      histogram.reset()
    },
  })
}
