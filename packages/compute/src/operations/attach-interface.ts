import { type Instance, isNovaError, novaError, type RequestContext, type Vif } from '@micronova/model'
import type { InterfaceRequest } from '../network/network-api.js'
import { defineOperation } from '../operation.js'
import type { ComputeParts } from '../parts.js'
import { PortResources } from './port-resources.js'

interface AttachInterfaceArgs {
  readonly instance: Instance
  readonly request: InterfaceRequest
}

/**
 * Give a guest one more interface. Wire: `attach_interface`, call, compute 5.0 and 6.0; answers with the interface as the info
 * cache has it.
 */
export const attachInterface = defineOperation<AttachInterfaceArgs>({
  method: 'attach_interface',
  parameters: ['instance', 'network_id', 'port_id', 'requested_ip', 'tag'],
  policy: { lock: 'run', event: 'compute_attach_interface', recordFault: true, expected: ['Invalid'] },
  decode: ({ instance, network_id, port_id, requested_ip, tag }) => ({
    instance: instance as Instance,
    request: {
      networkId: network_id as string | null,
      portId: port_id as string | null,
      address: requested_ip as string | null,
      tag: tag as string | null,
    },
  }),
  async run(parts, ctx, { instance, request }) {
    const { driver, notifications } = parts
    const { uuid: instance_uuid } = instance
    if (driver.interfaceHotplug === undefined) throw novaError('AttachInterfaceNotSupported', { instance_uuid })
    if (request.tag !== null && !driver.interfaceHotplug.honoursTags) throw novaError('NetworkInterfaceTaggedAttachNotSupported')
    await notifications.action(ctx, instance, 'interface_attach', 'start')
    const resources = new PortResources(parts, ctx, instance)
    const vif = await attachPort(parts, ctx, instance, request, resources)
    try {
      await driver.interfaceHotplug.attachInterface(ctx, instance, vif)
    } catch (err) {
      await giveBack(parts, ctx, instance, vif, err)
      await resources.giveBack()
      await notifications.action(ctx, instance, 'interface_attach', 'error', { failure: err })
      throw isNovaError(err, 'NovaException') ? novaError('InterfaceAttachFailed', { instance_uuid }, { cause: err }) : err
    }
    await notifications.action(ctx, instance, 'interface_attach', 'end')
    return vif
  },
})

async function attachPort(
  { networks }: ComputeParts,
  ctx: RequestContext,
  instance: Instance,
  request: InterfaceRequest,
  resources: PortResources,
): Promise<Vif> {
  try {
    return await networks.attachInterface(ctx, instance, request, (needs) => resources.claim(needs))
  } catch (err) {
    await resources.giveBack()
    throw err
  }
}

async function giveBack({ networks, log }: ComputeParts, ctx: RequestContext, instance: Instance, vif: Vif, why: unknown): Promise<void> {
  log.warning(`The guest did not get the interface of port ${vif.id}, which is given back`, { err: why, instanceUuid: instance.uuid })
  try {
    await networks.detachInterface(ctx, instance, vif.id ?? '')
  } catch (err) {
    log.warning(`Port ${vif.id} could not be given back`, { err, instanceUuid: instance.uuid })
  }
}
