import type { RequestContext } from '@micronova/model'
import type { ComputeTaskDeps } from './compute-task-deps.js'

/** The availability zones of `hosts`, with one look at the aggregates. Without the API database nobody knows any but the default. */
export async function zonesOf(deps: ComputeTaskDeps, ctx: RequestContext, hosts: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { deployment, settings } = deps
  const zones = new Map<string, string>()
  const aggregates = deployment === null ? [] : await deployment.api.aggregates.listByMetadataKey(ctx, 'availability_zone', hosts)
  for (const { hosts: members, metadata } of aggregates)
    for (const host of members ?? []) if (!zones.has(host)) zones.set(host, metadata!.availability_zone!)
  for (const host of hosts) if (!zones.has(host)) zones.set(host, settings.defaultZone)
  return zones
}

export async function zoneOf(deps: ComputeTaskDeps, ctx: RequestContext, host: string): Promise<string> {
  return (await zonesOf(deps, ctx, [host])).get(host)!
}
