import { isClientError, type PlacementClient } from '@micronova/clients'
import { type Aggregate, isNovaError } from '@micronova/model'
import type { Command } from 'commander'
import { errorText } from '../../error-text.js'
import type { Manage, ManageCommand } from '../command.js'

/** Puts the providers of the hosts of an aggregate into Placement's aggregate of the same uuid. */
export const placementSyncAggregates: ManageCommand = {
  name: 'sync_aggregates',
  summary: "Add the hosts of Nova's aggregates to those of Placement.",
  statuses:
    '0 done, 1 a host has several compute nodes, or it failed; 2 Placement does not say what a provider is in, 3 it could not be written, 4 hosts are not mapped, 5 hosts have no compute node, 6 providers are not in Placement.',
  declare(command: Command) {
    command.option('--verbose', 'say what is looked at')
  },
  async run(manage: Manage, { verbose }: { readonly verbose?: true }) {
    const { databases, ctx, print } = manage
    const say = (what: string) => verbose && print(what)
    const placement = manage.placement()
    const { stores } = await databases.api()
    const missing = { mappings: new Set<string>(), nodes: new Set<string>(), providers: new Map<string, string>() }
    for (const aggregate of await stores.aggregates.list(ctx)) {
      say(`Processing aggregate: ${aggregate.name}`)
      for (const host of aggregate.hosts ?? []) {
        say(`Processing host: ${host}`)
        const found = await nodeOf(manage, host)
        if (found === 'not mapped') missing.mappings.add(host)
        else if (found === 'no node') missing.nodes.add(host)
        else if (found === 'several') {
          print(`Host ${host} has more than one compute node: providers of such hosts are in no aggregate.`)
          return 1
        } else {
          const outcome = await addProvider(manage, placement, aggregate, found.uuid)
          if (outcome === 'not there') missing.providers.set(host, found.uuid)
          else if (outcome !== 'added') return outcome
          else say(`Successfully added host (${host}) and provider (${found.uuid}) to aggregate (${aggregate.uuid}).`)
        }
      }
    }
    return report(manage, missing)
  },
}

async function nodeOf({ databases, ctx }: Manage, host: string): Promise<{ readonly uuid: string } | 'not mapped' | 'no node' | 'several'> {
  const { stores } = await databases.api()
  const [mapping] = await stores.hostMappings.listByHosts(ctx, [host])
  if (mapping === undefined) return 'not mapped'
  const [node, ...others] = await (await databases.cell(mapping.cell_mapping)).stores.computeNodes.listByHosts(ctx, [host])
  if (node === undefined) return 'no node'
  return others.length > 0 ? 'several' : node
}

/** How often a write is tried that another one was quicker than. */
const tries = 4

async function addProvider(
  { ctx, print }: Manage,
  placement: PlacementClient,
  { uuid }: Aggregate,
  provider: string,
): Promise<'added' | 'not there' | 2 | 3> {
  for (let left = tries; ; left--) {
    let present: Awaited<ReturnType<PlacementClient['getAggregates']>>
    try {
      present = await placement.getAggregates(ctx, provider)
    } catch (err) {
      if (isClientError(err, 'not_found')) return 'not there'
      if (!isClientError(err)) throw err
      print(`The aggregates of provider ${provider} cannot be read: ${errorText(err)}`)
      return 2
    }
    if (present.aggregates.includes(uuid)) return 'added'
    try {
      await placement.putAggregates(ctx, provider, { ...present, aggregates: [...present.aggregates, uuid] })
      return 'added'
    } catch (err) {
      if (isClientError(err, 'conflict') && left > 1) continue
      if (!isClientError(err) && !isNovaError(err, 'NovaException')) throw err
      print(`Provider ${provider} cannot be added to aggregate ${uuid}: ${errorText(err)}`)
      return 3
    }
  }
}

function report(
  { print }: Manage,
  missing: { readonly mappings: Set<string>; readonly nodes: Set<string>; readonly providers: Map<string, string> },
): number {
  const { mappings, nodes, providers } = missing
  if (mappings.size > 0)
    print(`Hosts of aggregates that are in no cell ("nova-manage cell_v2 discover_hosts" maps them): ${[...mappings].join(',')}`)
  if (nodes.size > 0) print(`Hosts without a compute node, whose nova-compute may need a restart: ${[...nodes].join(',')}`)
  if (providers.size > 0) {
    const named = [...providers].sort(([a], [b]) => (a < b ? -1 : 1)).map(([host, uuid]) => `(${host}=${uuid})`)
    print(`Hosts whose provider is not in Placement; a restart of nova-compute makes it: ${named.join(',')}`)
    return 6
  }
  return nodes.size > 0 ? 5 : mappings.size > 0 ? 4 : 0
}
