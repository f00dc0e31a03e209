import { type Instance, isNovaError, novaError, type RequestContext, type Vif } from '@micronova/model'
import { ensureLoaded } from '../instance-attributes.js'
import { cachedNetworkInfo } from '../network/network-api.js'
import { notImplemented } from '../not-implemented.js'
import { defineOperation } from '../operation.js'
import type { ComputeParts } from '../parts.js'
import { PortResources } from './port-resources.js'

interface DetachInterfaceArgs {
  readonly instance: Instance
  readonly portId: string
}

/** Take an interface off a guest. Wire: `detach_interface`, cast, compute 5.0 and 6.0. */
export const detachInterface = defineOperation<DetachInterfaceArgs>({
  method: 'detach_interface',
  parameters: ['instance', 'port_id'],
  policy: { lock: 'run', event: 'compute_detach_interface', recordFault: true },
  decode: ({ instance, port_id }) => ({ instance: instance as Instance, portId: port_id as string }),
  async run(parts, ctx, { instance, portId }) {
    const vif = await attachedVif(parts, ctx, instance, portId)
    const hotplug = parts.driver.interfaceHotplug ?? notImplemented()
    await parts.notifications.action(ctx, instance, 'interface_detach', 'start')
    try {
      await hotplug.detachInterface(ctx, instance, vif)
    } catch (err) {
      if (!isNovaError(err, 'NovaException')) throw err
      const isGone = isNovaError(err, 'InstanceNotFound')
      parts.log[isGone ? 'debug' : 'warning'](`The guest keeps the interface of port ${portId}`, { err, instanceUuid: instance.uuid })
      throw novaError('InterfaceDetachFailed', { instance_uuid: instance.uuid }, { cause: err })
    }
    const allocations = await parts.networks.detachInterface(ctx, instance, portId)
    await new PortResources(parts, ctx, instance).release(allocations)
    await parts.notifications.action(ctx, instance, 'interface_detach', 'end')
  },
})

/** As the database has it now: whoever came before may just have changed it. @throws NovaError `PortNotFound` */
async function attachedVif({ stores }: ComputeParts, ctx: RequestContext, instance: Instance, portId: string): Promise<Vif> {
  await ensureLoaded(stores, ctx, instance, ['info_cache'])
  if (instance.info_cache !== null) await stores.infoCaches.refresh(ctx, instance.info_cache)
  const vif = cachedNetworkInfo(instance).find(({ id }) => id === portId)
  if (vif === undefined) throw novaError('PortNotFound', { port_id: portId }, `Port ${portId} is not attached`)
  return vif
}
