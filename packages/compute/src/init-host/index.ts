import { type Instance, novaError, type RequestContext } from '@micronova/model'
import type { StartSteps } from '@micronova/service'
import type { ComputeParts } from '../parts.js'
import { destroyEvacuatedGuests } from './evacuated.js'
import { type BlockDevicesByInstance, reconcileInstance } from './reconcile.js'

/** What reconciling needs with every instance; asked for at once, so that a thousand instances cost one round trip. */
const neededAttributes = ['info_cache', 'metadata', 'numa_topology', 'flavor', 'system_metadata'] as const

export interface InitHostDeps {
  readonly parts: ComputeParts
  readonly steps: StartSteps
  /**
   * Called with the instances of this host before any of them is touched.
   * @returns those that unfinished work of the journal takes care of
   */
  recoverWork(ctx: RequestContext, instances: readonly Instance[], signal: AbortSignal): Promise<ReadonlySet<string>>
}

/**
 * Bring the host into a known state: the driver up, every instance of this host in a state that its record agrees with.
 * The number of round trips to the conductor does not depend on the number of instances that need nothing.
 *
 * @throws NovaError `InvalidConfiguration`; whatever the driver throws: the service cannot start
 * @see nova 26.2.2, `compute/manager.py`, `init_host`
 */
export async function initHost({ parts, steps, recoverWork }: InitHostDeps, signal: AbortSignal): Promise<void> {
  const { driver, stores, host, scheduler } = parts
  checkSettings(parts)
  await steps.run('driver_init_host', () => driver.initHost(host, signal), signal)
  const ctx = parts.adminContext()
  const instances = await steps.run('load_instances', () => stores.instances.listByHost(ctx, host, neededAttributes), signal)
  try {
    const evacuated = await steps.run('evacuated_instances', () => destroyEvacuatedGuests(parts, ctx), signal)
    const recovered = await steps.run('recover_journal', () => recoverWork(ctx, instances, signal), signal)
    const open = instances.filter(({ uuid }) => !evacuated.has(uuid) && !recovered.has(uuid))
    await steps.run('reconcile_instances', () => reconcileAll(parts, ctx, open, signal), signal)
  } finally {
    if (instances.length > 0) await scheduler.update(ctx, instances)
  }
}

function checkSettings({ settings }: ComputeParts): void {
  if (settings.maxDiskDevices !== 0) return
  const reason =
    '[compute]max_disk_devices_to_attach has been set to 0, which will prevent instances from being able to boot. ' +
    'Set -1 for unlimited or set >= 1 to limit the maximum number of disk devices.'
  throw novaError('InvalidConfiguration', {}, reason)
}

async function reconcileAll(parts: ComputeParts, ctx: RequestContext, instances: readonly Instance[], signal: AbortSignal): Promise<void> {
  const blockDevices = await blockDevicesToResume(parts, ctx, instances)
  for (const instance of instances) {
    signal.throwIfAborted()
    await reconcileInstance(parts, ctx, instance, blockDevices, signal)
  }
}

/** Read only where guests are to be started again, and then all at once. */
async function blockDevicesToResume(
  { settings, stores }: ComputeParts,
  ctx: RequestContext,
  instances: readonly Instance[],
): Promise<BlockDevicesByInstance> {
  if (!settings.resumeGuestsOnHostBoot || instances.length === 0) return new Map()
  return stores.blockDeviceMappings.mapByInstanceUuids(
    ctx,
    instances.map(({ uuid }) => uuid),
  )
}
