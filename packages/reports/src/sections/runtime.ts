import { readdirSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'
import type { Section } from '../model.js'
import { seconds } from '../times.js'

const mebi = (bytes: number) => Math.round((bytes / 2 ** 20) * 10) / 10

/**
 * Event loop, memory, handles and CPU of this process. All of it is counted anyway, so that nothing has to be measured before somebody asks.
 *
 * @param loopDelayMs how late the loop came to what it was asked to do at once; null: it did not come
 */
export function runtimeSection(loopDelayMs: number | null): Section {
  const { utilization, active, idle } = performance.eventLoopUtilization()
  const { rss, heapTotal, heapUsed, external, arrayBuffers } = process.memoryUsage()
  const { heap_size_limit: limit } = getHeapStatistics()
  const { userCPUTime, systemCPUTime, fsRead, fsWrite } = process.resourceUsage()
  const handles: Record<string, number> = {}
  for (const name of process.getActiveResourcesInfo()) handles[name] = (handles[name] ?? 0) + 1
  return {
    name: 'runtime',
    title: 'Runtime',
    form: 'values',
    model: {
      uptime_seconds: seconds(process.uptime() * 1000),
      event_loop: {
        delay_seconds: loopDelayMs === null ? 'it does not turn' : seconds(loopDelayMs),
        utilization_percent: Math.round(utilization * 1000) / 10,
        active_seconds: seconds(active),
        idle_seconds: seconds(idle),
      },
      memory_mib: {
        resident: mebi(rss),
        heap_used: mebi(heapUsed),
        heap_total: mebi(heapTotal),
        heap_limit: mebi(limit),
        external: mebi(external),
        array_buffers: mebi(arrayBuffers),
      },
      cpu_seconds: { user: seconds(userCPUTime / 1000), system: seconds(systemCPUTime / 1000) },
      block_io: { reads: fsRead, writes: fsWrite },
      handles,
      open_files: openFiles(),
    },
  }
}

function openFiles(): number | null {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return null
  }
}
