import { type Instance, novaError, type RequestContext } from '@micronova/model'
import { asUser, deviceOwner, type PortDeps } from './ports.js'

/**
 * One more address for the instance on a network, on the first of its ports there that can have one. With the user's rights.
 *
 * @throws NovaError `NetworkNotFoundForInstance`
 */
export async function addFixedIp({ neutron, log }: PortDeps, ctx: RequestContext, instance: Instance, networkId: string): Promise<void> {
  const filters = { device_id: instance.uuid, device_owner: deviceOwner(instance), network_id: networkId }
  const [subnets, ports] = await Promise.all([
    neutron.listSubnets(ctx, { network_id: networkId }, { ...asUser, fields: ['id'] }),
    neutron.listPorts(ctx, filters, asUser),
  ])
  for (const port of ports) {
    for (const { id } of subnets) {
      try {
        await neutron.updatePort(ctx, port.id, { fixed_ips: [...port.fixed_ips, { subnet_id: id }] }, asUser)
        return
      } catch (err) {
        log.debug(`Port ${port.id} gets no address of subnet ${id}`, { err, instanceUuid: instance.uuid })
      }
    }
  }
  throw novaError('NetworkNotFoundForInstance', { instance_id: instance.uuid })
}

/**
 * Take an address off the port that has it. With the user's rights.
 *
 * @throws NovaError `FixedIpNotFoundForInstance`
 */
export async function removeFixedIp({ neutron, log }: PortDeps, ctx: RequestContext, instance: Instance, address: string): Promise<void> {
  const filters = { device_id: instance.uuid, device_owner: deviceOwner(instance), fixed_ips: `ip_address=${address}` }
  const [port] = await neutron.listPorts(ctx, filters, asUser)
  if (port === undefined) throw novaError('FixedIpNotFoundForInstance', { instance_uuid: instance.uuid, ip: address })
  const fixedIps = port.fixed_ips.filter(({ ip_address }) => ip_address !== address)
  try {
    await neutron.updatePort(ctx, port.id, { fixed_ips: fixedIps }, asUser)
  } catch (err) {
    log.warning(`Port ${port.id} keeps the address ${address}`, { err, instanceUuid: instance.uuid })
  }
}
