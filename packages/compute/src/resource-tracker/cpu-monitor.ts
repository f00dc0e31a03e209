import type { Clock } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import type { HostCpuTimes, VirtDriver } from '@micronova/virt'
import { notImplemented } from '../not-implemented.js'

/** A measurement as it stands in the record of a compute node, whose `metrics` is a JSON list of them. */
export interface HostMetric {
  /** `cpu.percent`, `cpu.user.time` ... */
  readonly name: string
  readonly timestamp: string
  readonly source: string
  /** Shares are between 0 and 1 in hundredths, times in nanoseconds, the frequency in MHz. */
  readonly value: number
}

export interface CpuMonitorDeps {
  readonly driver: Pick<VirtDriver, 'name' | 'hostCpuMetering'>
  readonly clock: Pick<Clock, 'now'>
  readonly log: Logger
}

/** The one monitor that there is, by all the names under which `compute_monitors` may have it. */
const names = ['virt_driver', 'cpu.virt_driver', 'nova.compute.monitors.cpu.virt_driver']

const parts = ['user', 'kernel', 'idle', 'iowait'] as const

/**
 * How busy the processors of the host are, for the scheduler's metrics weigher; nothing unless `compute_monitors` has it.
 *
 * @see nova 26.2.2, `compute/monitors/cpu/virt_driver.py`
 */
export class CpuMonitor {
  readonly #deps: CpuMonitorDeps
  readonly #isEnabled: boolean
  #before: HostCpuTimes = { user: 0, kernel: 0, idle: 0, iowait: 0, frequency: 0 }

  /** @param monitors `compute_monitors`; a name that is not known is warned of */
  constructor(deps: CpuMonitorDeps, monitors: readonly string[]) {
    this.#deps = deps
    this.#isEnabled = monitors.some((name) => names.includes(name))
    for (const name of monitors)
      if (!names.includes(name)) deps.log.warning(`There is no monitor ${name} for compute_monitors: cpu.virt_driver is the one there is`)
  }

  /** Never rejects: a host that cannot be measured has no metrics, and a warning says why. */
  async metrics(): Promise<readonly HostMetric[]> {
    if (!this.#isEnabled) return []
    const { driver, clock, log } = this.#deps
    try {
      const now = await (driver.hostCpuMetering ?? notImplemented()).hostCpuTimes()
      const values = cpuMetrics(now, this.#before)
      this.#before = now
      const timestamp = `${new Date(clock.now()).toISOString().slice(0, -1)}000`
      return Object.entries(values).map(([name, value]) => ({ name, timestamp, source: driver.name, value }))
    } catch (err) {
      log.warning('Cannot get the metrics of the processors', { err })
      return []
    }
  }
}

/** Absolute values of `now`, and what each part has taken of the time since `before`. */
export function cpuMetrics(now: HostCpuTimes, before: HostCpuTimes): Readonly<Record<string, number>> {
  const took = (part: (typeof parts)[number]) => now[part] - before[part]
  const total = parts.reduce((sum, part) => sum + took(part), 0)
  const share = (time: number) => (total > 0 ? Math.trunc((time / total) * 100) / 100 : 0)
  return {
    'cpu.frequency': now.frequency,
    ...Object.fromEntries(parts.map((part) => [`cpu.${part}.time`, now[part]])),
    ...Object.fromEntries(parts.map((part) => [`cpu.${part}.percent`, share(took(part))])),
    'cpu.percent': share(took('user') + took('kernel') + took('iowait')),
  }
}
