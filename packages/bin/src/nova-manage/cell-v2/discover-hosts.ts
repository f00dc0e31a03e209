import { isDatabaseError } from '@micronova/db'
import { type CellMapping, HostMapping } from '@micronova/model'
import type { Command } from 'commander'
import { isCell0 } from '../cell-identity.js'
import type { Manage, ManageCommand } from '../command.js'

interface DiscoverFlags {
  readonly cell_uuid?: string
  readonly verbose?: true
  readonly strict?: true
  readonly byService?: true
}

/** Maps the hosts of compute nodes, or of nova-compute services, that are in no cell. */
export const discoverHosts: ManageCommand = {
  name: 'discover_hosts',
  summary: 'Look for new hosts in all cells, or in one, and map them.',
  statuses: '0 done, 1 with --strict: nothing was found, 2 another process maps hosts at the same time, 255 it failed.',
  failureStatus: 255,
  declare(command: Command) {
    command
      .option('--cell_uuid <cell_uuid>', 'this cell alone')
      .option('--verbose', 'say what is looked at and what is found')
      .option('--strict', 'end with status 1 unless a host was found')
      .option('--by-service', 'by the nova-compute services, not by the compute nodes; finds hosts without a node')
  },
  async run(manage: Manage, { cell_uuid, verbose, strict, byService }: DiscoverFlags) {
    const { databases, ctx, print } = manage
    const say = (what: string) => verbose && print(what)
    const { stores } = await databases.api()
    const cells = cell_uuid ? [await stores.cellMappings.getByUuid(ctx, cell_uuid)] : await stores.cellMappings.list(ctx)
    if (!cell_uuid) say(`Found ${cells.length} cell mappings.`)
    let found = 0
    for (const cell of cells) {
      if (isCell0(cell)) {
        say('Skipping cell0 since it does not contain hosts.')
        continue
      }
      say(`Getting computes from cell${cell.name ? ` '${cell.name}'` : ''}: ${cell.uuid}`)
      const added = await (byService ? mapServices : mapNodes)(manage, cell, say)
      if (added === null) return 2
      say(`Found ${added} unmapped computes in cell: ${cell.uuid}`)
      found += added
    }
    return strict && found === 0 ? 1 : 0
  },
}

type Say = (what: string) => void

/** @returns how many hosts are new; null after a collision, which is said */
async function mapNodes(manage: Manage, cell: CellMapping, say: Say): Promise<number | null> {
  const { databases, ctx } = manage
  const { stores: inCell } = await databases.cell(cell)
  let added = 0
  for (const node of await inCell.computeNodes.listUnmapped(ctx)) {
    const host = node.host ?? ''
    say(`Checking host mapping for compute host '${host}': ${node.uuid}`)
    if (await isMapped(manage, host)) continue
    say(`Creating host mapping for compute host '${host}': ${node.uuid}`)
    if (!(await map(manage, cell, host))) return null
    node.mapped = 1
    await inCell.computeNodes.save(ctx, node)
    added += 1
  }
  return added
}

async function mapServices(manage: Manage, cell: CellMapping, say: Say): Promise<number | null> {
  const { databases, ctx } = manage
  const { stores: inCell } = await databases.cell(cell)
  let added = 0
  for (const service of await inCell.services.list(ctx, { binary: 'nova-compute' })) {
    const host = service.host ?? ''
    if (await isMapped(manage, host)) continue
    say(`Creating host mapping for service ${host}`)
    if (!(await map(manage, cell, host))) return null
    added += 1
  }
  return added
}

async function isMapped({ databases, ctx }: Manage, host: string): Promise<boolean> {
  return (await (await databases.api()).stores.hostMappings.listByHosts(ctx, [host])).length > 0
}

async function map({ databases, ctx, print }: Manage, cell: CellMapping, host: string): Promise<boolean> {
  const { stores } = await databases.api()
  try {
    await stores.hostMappings.create(ctx, new HostMapping({ host, cell_mapping: cell }))
    return true
  } catch (err) {
    if (!isDatabaseError(err, 'unique_violation')) throw err
    print(`ERROR: host ${host} was mapped meanwhile: run this command in one place at a time, after the hosts are deployed.`)
    return false
  }
}
