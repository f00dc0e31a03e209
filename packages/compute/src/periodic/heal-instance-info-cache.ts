import { type Instance, isNovaError, type RequestContext } from '@micronova/model'
import type { PeriodicParts, PeriodicTaskFactory } from './periodic-parts.js'

const name = '_heal_instance_info_cache'

/**
 * One instance a run, in turn: its info cache says what Neutron has, and its ports are bound to this host. So events of
 * Neutron that got lost do no lasting harm, and the task costs the same on hosts with few and with many instances.
 */
export const healInstanceInfoCache: PeriodicTaskFactory = (parts) => {
  /** Uuids of those whose turn comes in this round. */
  let waiting: string[] = []
  return {
    name,
    spacingSeconds: () => parts.periodic.heal_instance_info_cache_interval,
    runImmediately: false,
    async run() {
      if (parts.periodic.heal_instance_info_cache_interval <= 0) return
      const ctx = parts.adminContext()
      if (waiting.length === 0) waiting = await uuidsToHeal(parts, ctx)
      const instance = await nextInstance(parts, ctx, waiting)
      if (instance !== null) await heal(parts, ctx, instance)
    },
  }
}

async function uuidsToHeal({ stores, host }: PeriodicParts, ctx: RequestContext): Promise<string[]> {
  const instances = await stores.instances.listByHost(ctx, host, [], { replica: true })
  return instances.filter(isSettled).map(({ uuid }) => uuid)
}

/** Building and deleting allocate and give back themselves. */
function isSettled({ vm_state, task_state }: Instance): boolean {
  return vm_state !== 'building' && task_state !== 'deleting'
}

/** The first that is still there and still here; those before it are taken off the list. */
async function nextInstance({ stores, host }: PeriodicParts, ctx: RequestContext, waiting: string[]): Promise<Instance | null> {
  for (;;) {
    const uuid = waiting.shift()
    if (uuid === undefined) return null
    try {
      const instance = await stores.instances.getByUuid(ctx, uuid, ['system_metadata', 'info_cache', 'flavor'])
      if (instance.host === host && isSettled(instance)) return instance
    } catch (err) {
      if (!isNovaError(err, 'InstanceNotFound')) throw err
    }
  }
}

async function heal({ networks, host, log }: PeriodicParts, ctx: RequestContext, instance: Instance): Promise<void> {
  const instanceUuid = instance.uuid
  try {
    await networks.healNetworkInfo(ctx, instance, host, instance.task_state === null)
  } catch (err) {
    if (isNovaError(err, 'InstanceNotFound')) log.debug('The instance is gone; its info cache needs no healing', { instanceUuid })
    else log.error('The info cache of the instance could not be compared with Neutron', { err, instanceUuid })
  }
}
