import type { ComputeNode, Service } from '@micronova/model'
import type { Command } from 'commander'
import type { Manage, ManageCommand } from '../command.js'
import type { OpenCell } from '../managed-databases.js'
import { ifFound, serviceCells } from './list.js'

/**
 * Deletes the record of a service. Of a nova-compute also its compute nodes, its host mapping and its places in aggregates, as nova-api
 * does, except for the resource providers in Placement, which are named.
 *
 * @see nova 26.2.2, `api/openstack/compute/services.py`, `delete`
 */
export const serviceDelete: ManageCommand = {
  name: 'delete',
  summary: 'Delete a service; of a nova-compute also its compute nodes, host mapping and places in aggregates.',
  statuses: '0 done, 1 there is no such service, 2 instances are on the host, 3 it takes part in a migration.',
  declare(command: Command) {
    command
      .argument('<service_uuid>', 'the service, as "service list" shows it')
      .option('--cell_uuid <cell_uuid>', 'look in this cell alone')
  },
  async run(manage: Manage, { cell_uuid }: { readonly cell_uuid?: string }, uuid: string) {
    const { ctx, print } = manage
    const found = await findService(manage, uuid, cell_uuid)
    if (found === null) {
      print(`Service ${uuid} was not found.`)
      return 1
    }
    const { service, cell } = found
    const isCompute = service.binary === 'nova-compute' && service.host !== null
    const nodes = isCompute ? await cell.stores.computeNodes.listByHosts(ctx, [service.host!]) : []
    if (isCompute) {
      const refused = await refusal(manage, cell, service.host!, nodes)
      if (refused !== null) return refused
      await forgetHost(manage, service.host!)
    }
    await cell.stores.services.destroy(ctx, service)
    for (const { uuid: provider, hypervisor_hostname: name } of nodes)
      print(`Placement is not asked: "openstack resource provider delete ${provider}" takes away the provider of ${name}, if there is one.`)
    return 0
  },
}

interface FoundService {
  readonly service: Service
  readonly cell: OpenCell
}

async function findService(manage: Manage, uuid: string, cellUuid?: string): Promise<FoundService | null> {
  for (const mapping of await serviceCells(manage, cellUuid)) {
    const cell = await manage.databases.cell(mapping)
    const service = await ifFound('ServiceNotFound', cell.stores.services.getByUuid(manage.ctx, uuid))
    if (service !== null) return { service, cell }
  }
  return null
}

/** Without its service an instance would be nobody's, and a migration could not be confirmed. */
async function refusal({ ctx, print }: Manage, { stores }: OpenCell, host: string, nodes: readonly ComputeNode[]): Promise<2 | 3 | null> {
  const instances = await stores.instances.listUuidsByHost(ctx, host)
  if (instances.length > 0) {
    print(`${instances.length} instances are on host ${host}: migrate or delete them first.`)
    return 2
  }
  for (const { hypervisor_hostname: node } of nodes) {
    const migrations = await stores.migrations.listInProgressAndError(ctx, host, node ?? '')
    // One in error can be deleted with its host, as upstream has it.
    const moving = migrations.filter(({ status }) => status !== 'error')
    if (moving.length === 0) continue
    print(`${moving.length} migrations involve host ${host}: confirm, revert or abort them first.`)
    return 3
  }
  return null
}

async function forgetHost({ databases, ctx }: Manage, host: string): Promise<void> {
  const { stores } = await databases.api()
  for (const aggregate of await stores.aggregates.listByHost(ctx, host)) await stores.aggregates.deleteHost(ctx, aggregate, host)
  const [mapping] = await stores.hostMappings.listByHosts(ctx, [host])
  if (mapping !== undefined) await stores.hostMappings.destroy(ctx, mapping)
}
