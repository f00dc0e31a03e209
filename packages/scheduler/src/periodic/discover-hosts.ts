import type { Logger } from '@micronova/log'
import { type ApiStores, HostMapping, isNovaError, type RequestContext } from '@micronova/model'
import type { PeriodicTask } from '@micronova/service'
import type { CellDirectory } from '../hosts/cell-directory.js'

export interface DiscoverHostsDeps {
  readonly directory: CellDirectory
  readonly hostMappings: Pick<ApiStores['hostMappings'], 'getByHost' | 'create'>
  readonly log: Logger
  context(): RequestContext
}

/** `[scheduler] discover_hosts_in_cells_interval`: hosts that have a compute node and no mapping get one. For one scheduler alone. */
export function discoverHostsTask(deps: DiscoverHostsDeps, intervalSeconds: () => number): PeriodicTask {
  let hasWarned = false
  return {
    name: '_discover_hosts_in_cells',
    spacingSeconds: intervalSeconds,
    runImmediately: true,
    async run(signal) {
      try {
        const found = await discoverHosts(deps, signal)
        if (found.length > 0) deps.log.info(`Discovered ${found.length} new hosts: ${found.join(',')}`)
      } catch (err) {
        if (!isNovaError(err, 'HostMappingExists')) throw err
        const message = `This periodic task should only be enabled on a single scheduler to prevent collisions between multiple schedulers: ${err.message}`
        if (hasWarned) deps.log.debug(message)
        else deps.log.warning(message)
        hasWarned = true
      }
    },
  }
}

/** @returns `CELL:HOST` of each new one. @throws NovaError `HostMappingExists` if another scheduler does the same */
async function discoverHosts({ directory, hostMappings, context }: DiscoverHostsDeps, signal: AbortSignal): Promise<readonly string[]> {
  const ctx = context()
  const found: string[] = []
  for (const cell of await directory.all(ctx)) {
    const { hostSurvey, computeNodes } = await directory.stores(cell)
    for (const node of await hostSurvey.listUnmappedNodes(ctx)) {
      if (signal.aborted) return found
      const host = node.host ?? ''
      const isMapped = await hostMappings.getByHost(ctx, host).then(
        () => true,
        (err) => {
          if (isNovaError(err, 'HostMappingNotFound')) return false
          throw err
        },
      )
      if (isMapped) continue
      await hostMappings.create(ctx, new HostMapping({ host, cell_mapping: cell }))
      found.push(`${cell.name ?? ''}:${host}`)
      node.mapped = 1
      await computeNodes.save(ctx, node)
    }
  }
  return found
}
