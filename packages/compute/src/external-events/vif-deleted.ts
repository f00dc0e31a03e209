import { type Instance, isNovaError, type RequestContext, type Vif } from '@micronova/model'
import { cachedNetworkInfo } from '../network/network-api.js'
import type { ComputeParts } from '../parts.js'

/** Neutron has deleted a port of the instance: the info cache and then the guest lose the interface. */
export async function vifDeleted(parts: ComputeParts, ctx: RequestContext, instance: Instance, portId: string | null): Promise<void> {
  const { networks, locks, log } = parts
  const vif = cachedNetworkInfo(instance).find(({ id }) => id === portId)
  if (vif === undefined || portId === null) return
  const instanceUuid = instance.uuid
  log.info(`Neutron deleted the port ${portId}: its interface is taken off the guest`, { instanceUuid })
  if (vif.profile?.allocation)
    log.error(`What the port ${portId} had of resource providers stays allocated until the instance is deleted`, { instanceUuid })
  await networks.forgetPort(ctx, instance, portId)
  await locks.run(instanceUuid, () => unplug(parts, ctx, instance, vif))
}

/** A guest that keeps its interface has one that leads nowhere: the cache is right, so this is no failure of the event. */
async function unplug({ driver, log }: ComputeParts, ctx: RequestContext, instance: Instance, vif: Vif): Promise<void> {
  try {
    await driver.interfaceHotplug?.detachInterface(ctx, instance, vif)
  } catch (err) {
    if (!isNovaError(err, 'NovaException')) throw err
    const isGone = isNovaError(err, 'InstanceNotFound')
    log[isGone ? 'debug' : 'warning'](`The guest keeps the interface of port ${vif.id}`, { err, instanceUuid: instance.uuid })
  }
}
