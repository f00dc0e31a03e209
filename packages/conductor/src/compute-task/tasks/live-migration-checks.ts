import { MessagingTimeout } from '@micronova/messaging'
import {
  type ComputeNode,
  type Instance,
  isNovaError,
  type LibvirtLiveMigrateData,
  type Migration,
  novaError,
  powerStateName,
  powerStates,
  pythonJson,
  type RequestContext,
  type SchedulerLimits,
} from '@micronova/model'
import type { CellScope, ComputeTaskDeps } from '../compute-task-deps.js'
import { bindPortsOn, hasExtendedBinding } from '../networks.js'
import { ensureComputeUp, firstNodeOf } from '../services.js'
import type { LiveMigration } from './live-migrate.js'

/** What the computes tell each other; each driver has a class of its own, which are alike here. */
export type MigrateData = LibvirtLiveMigrateData

/** Service versions from which on computes can do something. @see nova 26.2.2, `conductor/tasks/live_migrate.py` */
const versionFor = { vifPci: 36, numa: 40, vpmem: 51 } as const

/** @throws NovaError `InstanceInvalidState`, `MigrationPreCheckError` */
export async function checkInstance(
  { settings, log }: ComputeTaskDeps,
  { stores }: CellScope,
  ctx: RequestContext,
  instance: Instance,
): Promise<void> {
  const { uuid, power_state: state } = instance
  if (state !== powerStates.running && state !== powerStates.paused)
    throw novaError('InstanceInvalidState', {
      instance_uuid: uuid,
      attr: 'power_state',
      state: powerStateName(state ?? 0),
      method: 'live migrate',
    })
  if (!instance.objIsSet('numa_topology')) await stores.instances.load(ctx, instance, ['numa_topology'])
  if (instance.numa_topology === null) return
  const node = await stores.computeNodes.getByHostAndNode(ctx, instance.host ?? '', instance.node ?? '')
  if (node.hypervisor_type?.toLowerCase() !== 'qemu') return
  if ((await stores.services.getMinimumVersion(ctx, 'nova-compute')) >= versionFor.numa) return
  const reason =
    'Instance has an associated NUMA topology, and the cell has computes older than Train, which cannot adapt it to another host'
  if (!settings.enableNumaLiveMigration) throw preCheck(`${reason}; the workaround enable_numa_live_migration is disabled.`)
  log.warning(`${reason}: it will not be adapted, as enable_numa_live_migration is set`, { instanceUuid: uuid, context: ctx })
}

/**
 * What the scheduler would have seen to, had it been asked.
 *
 * @throws NovaError `UnableToMigrateToSelf`, `ComputeServiceUnavailable`, `MigrationPreCheckError`, `InvalidHypervisorType`, `DestinationHypervisorTooOld`
 */
export async function checkForced(
  deps: ComputeTaskDeps,
  scope: CellScope,
  ctx: RequestContext,
  instance: Instance,
  host: string,
): Promise<{ readonly from: ComputeNode; readonly to: ComputeNode }> {
  const { uuid, memory_mb: wanted } = instance
  if (host === instance.host) throw novaError('UnableToMigrateToSelf', { instance_id: uuid, host })
  await ensureComputeUp(deps, scope, ctx, host)
  const { memory_mb: total = 0, free_ram_mb: free = 0, ram_allocation_ratio: ratio = 1 } = await firstNodeOf(scope, ctx, host)
  const available = (total ?? 0) * (ratio ?? 1) - ((total ?? 0) - (free ?? 0))
  if (!wanted || available <= wanted)
    throw preCheck(`Unable to migrate ${uuid} to ${host}: Lack of memory(host:${available} <= instance:${wanted})`)
  return refuseOtherHypervisor(deps, scope, ctx, instance.host ?? '', host)
}

/** @throws NovaError `InvalidHypervisorType`, `DestinationHypervisorTooOld` */
export async function refuseOtherHypervisor(
  { settings }: ComputeTaskDeps,
  scope: CellScope,
  ctx: RequestContext,
  source: string,
  host: string,
): Promise<{ readonly from: ComputeNode; readonly to: ComputeNode }> {
  const [from, to] = await Promise.all([firstNodeOf(scope, ctx, source), firstNodeOf(scope, ctx, host)])
  if (from.hypervisor_type !== to.hypervisor_type) throw novaError('InvalidHypervisorType')
  if (!settings.skipHypervisorVersionCheck && (from.hypervisor_version ?? 0) > (to.hypervisor_version ?? 0))
    throw novaError('DestinationHypervisorTooOld')
  return { from, to }
}

/** A host, and what is known of it. */
export interface Candidate {
  readonly host: string
  readonly migration: Migration
  readonly limits: SchedulerLimits | null
  /** By port, the providers that serve what it asks for. */
  readonly providers: ReadonlyMap<string, readonly string[]>
}

/**
 * Let the computes decide whether the instance can go there, then bind its ports there.
 *
 * @throws NovaError `MigrationPreCheckError` and what the computes find
 */
export async function checkDestination(
  deps: ComputeTaskDeps,
  scope: CellScope,
  ctx: RequestContext,
  order: LiveMigration,
  candidate: Candidate,
): Promise<MigrateData> {
  const { instance } = order
  await checkResources(scope, ctx, instance)
  await checkPci(deps, scope, ctx, instance, candidate.host)
  const data = await askComputes(scope, ctx, order, candidate)
  if (await hasExtendedBinding(deps, ctx)) await bindPorts(deps, ctx, instance, candidate, data)
  return data
}

async function askComputes(
  { compute }: CellScope,
  ctx: RequestContext,
  order: LiveMigration,
  { host, migration, limits }: Candidate,
): Promise<MigrateData> {
  const { instance, blockMigration, diskOverCommit } = order
  try {
    return await compute.checkCanLiveMigrateDestination(ctx, { host, instance, blockMigration, diskOverCommit, migration, limits })
  } catch (err) {
    if (err instanceof MessagingTimeout) throw preCheck(`Timeout while checking if we can live migrate to host: ${host}`)
    throw err
  }
}

async function checkResources({ stores }: CellScope, ctx: RequestContext, instance: Instance): Promise<void> {
  if (!instance.objIsSet('resources')) await stores.instances.load(ctx, instance, ['resources'])
  const names = instance.resources?.objects.map(({ resource_class }) => resource_class) ?? []
  if (!names.some((name) => name.startsWith('CUSTOM_PMEM_NAMESPACE_'))) return
  if ((await stores.services.getMinimumVersion(ctx, 'nova-compute')) < versionFor.vpmem)
    throw preCheck('Cannot live migrate with virtual persistent memory, the operation is not supported.')
}

async function checkPci(
  deps: ComputeTaskDeps,
  { stores }: CellScope,
  ctx: RequestContext,
  instance: Instance,
  host: string,
): Promise<void> {
  if (!instance.objIsSet('pci_requests')) await stores.instances.load(ctx, instance, ['pci_requests'])
  const requests = instance.pci_requests?.requests ?? []
  if (requests.length === 0) return
  // A request of a port has no alias; one of a flavor has.
  if (requests.some(({ alias_name: alias }) => alias !== null))
    throw preCheck('non-VIF related PCI requests for instance are not allowed for live migration.')
  if (!(await hasExtendedBinding(deps, ctx)))
    throw preCheck('Cannot live migrate VIF with related PCI, Neutron does not support required port binding extension.')
  const services = await Promise.all([instance.host ?? '', host].map((name) => stores.services.getByComputeHost(ctx, name)))
  if (services.some(({ version }) => version < versionFor.vifPci))
    throw preCheck('Cannot live migrate VIF with related PCI, source and destination nodes do not support the operation.')
}

async function bindPorts(
  deps: ComputeTaskDeps,
  ctx: RequestContext,
  instance: Instance,
  { host, providers }: Candidate,
  data: MigrateData,
): Promise<void> {
  const vifs = data.objIsSet('vifs') ? data.vifs : []
  const profiles = new Map<string, Record<string, unknown>>()
  for (const vif of vifs) {
    const profile = vif.objIsSet('profile_json') ? (JSON.parse(vif.profile_json) as Record<string, unknown>) : {}
    const allocation = providers.get(vif.port_id)
    const merged = allocation === undefined ? profile : { ...profile, allocation: allocation[0] }
    if (Object.keys(merged).length > 0) profiles.set(vif.port_id, merged)
  }
  try {
    const bindings = await bindPortsOn(deps, ctx, instance, host, profiles)
    for (const vif of vifs) {
      const binding = bindings.get(vif.port_id)
      if (binding === undefined) continue
      vif.profile_json = pythonJson(binding.profile ?? null)
      vif.vnic_type = binding.vnic_type
      if (binding.vif_details !== undefined) vif.vif_details_json = pythonJson(binding.vif_details)
      if (binding.vif_type !== undefined) vif.vif_type = binding.vif_type
    }
  } catch (err) {
    if (!isNovaError(err, 'PortBindingFailed')) throw err
    throw preCheck(err.message)
  }
}

function preCheck(reason: string) {
  return novaError('MigrationPreCheckError', { reason })
}
