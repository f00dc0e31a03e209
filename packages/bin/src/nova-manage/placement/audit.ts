import { allocationsBody, isClientError, type PlacementClient, whileProvidersChange } from '@micronova/clients'
import type { Command } from 'commander'
import { errorText } from '../../error-text.js'
import { isCell0 } from '../cell-identity.js'
import type { Manage, ManageCommand } from '../command.js'

/** What Nova allocates; allocations of nothing of it are somebody else's. */
const classesOfNova: ReadonlySet<string> = new Set([
  'VCPU',
  'MEMORY_MB',
  'DISK_GB',
  'VGPU',
  'NET_BW_EGR_KILOBIT_PER_SEC',
  'NET_BW_IGR_KILOBIT_PER_SEC',
  'PCPU',
  'MEM_ENCRYPTION_CONTEXT',
])

interface AuditFlags {
  readonly verbose?: true
  readonly resource_provider?: string
  readonly delete?: true
}

/** Finds allocations of instances and migrations that are not on the host. */
export const placementAudit: ManageCommand = {
  name: 'audit',
  summary: 'Find allocations whose instance or migration is not there, and delete them.',
  statuses:
    '0 there are none, 1 one could not be deleted, or it failed; 3 there are some, 4 they were deleted, 127 there is no such provider.',
  declare(command: Command) {
    command
      .option('--verbose', 'say what is found')
      .option('--resource_provider <provider_uuid>', 'this provider alone')
      .option('--delete', 'delete what is found')
  },
  async run(manage: Manage, { verbose, resource_provider: uuid, delete: isDeleting }: AuditFlags) {
    const { ctx, print } = manage
    const placement = manage.placement()
    const providers = await placement.listResourceProviders(ctx, uuid === undefined ? {} : { uuid })
    if (uuid !== undefined && providers.length === 0) {
      print(`Resource provider with UUID ${uuid} does not exist.`)
      return 127
    }
    const say = (what: string) => verbose && print(what)
    let orphans = 0
    for (const provider of providers) {
      const owners = await ownersOn(manage, provider.root_provider_uuid)
      if (owners === null) say(`The compute node for UUID ${provider.root_provider_uuid} can not be found`)
      const { allocations } = await placement.getProviderAllocations(ctx, provider.uuid)
      for (const [consumer, { resources }] of Object.entries(allocations)) {
        if (owners?.has(consumer) || !Object.keys(resources).some((name) => classesOfNova.has(name))) continue
        const what = `consumer UUID ${consumer} on Resource Provider ${provider.uuid}: ${JSON.stringify(resources)}`
        if (!isDeleting) say(`Allocations can be deleted: ${what}`)
        else if (await remove(manage, placement, consumer, provider.uuid)) say(`Deleted allocations: ${what}`)
        else return 1
        orphans += 1
      }
    }
    if (orphans === 0) return 0
    say(`Processed ${orphans} allocation${orphans === 1 ? '.' : 's.'}`)
    return isDeleting ? 4 : 3
  },
}

/** Instances and migrations under way of a compute node; null if no cell has it. */
async function ownersOn({ databases, ctx }: Manage, uuid: string): Promise<ReadonlySet<string> | null> {
  const { stores } = await databases.api()
  for (const cell of await stores.cellMappings.list(ctx)) {
    if (isCell0(cell)) continue
    const { stores: inCell } = await databases.cell(cell)
    const [node] = await inCell.computeNodes.listByUuids(ctx, [uuid])
    if (node === undefined) continue
    const [host, name] = [node.host ?? '', node.hypervisor_hostname ?? '']
    const instances = await inCell.instances.listUuidsByHost(ctx, host, name)
    const migrations = await inCell.migrations.listInProgressAndError(ctx, host, name)
    return new Set([...instances, ...migrations.filter(({ status }) => status !== 'error').map((migration) => migration.uuid)])
  }
  return null
}

/** What the consumer has of other providers stays. @returns whether it worked; if not, that is said */
async function remove(manage: Manage, placement: PlacementClient, consumer: string, provider: string): Promise<boolean> {
  const { ctx, print } = manage
  try {
    await whileProvidersChange(manage, async () => {
      const present = await placement.getAllocations(ctx, consumer)
      const { [provider]: _gone, ...others } = present.allocations
      if (Object.keys(others).length === 0) await placement.deleteAllocations(ctx, consumer)
      else await placement.putAllocations(ctx, consumer, allocationsBody(present, others))
    })
    return true
  } catch (err) {
    if (!isClientError(err)) throw err
    print(`Not able to delete allocations for consumer UUID ${consumer}: ${errorText(err)}`)
    return false
  }
}
