import { novaError } from '@micronova/model'
import { requireTrait } from './destination.js'
import type { RequestFilter } from './request-filter.js'

/** Only hosts that know ports of a SmartNIC, if one of the requested ports is such. All ports are looked up in one request. */
export const remoteManagedPorts: RequestFilter = async (ctx, spec, { neutron }, signal) => {
  const networks = spec.objIsSet('requested_networks') ? spec.requested_networks.objects : []
  const ids = networks.flatMap(({ port_id }) => port_id || [])
  if (ids.length === 0 || neutron === null) return
  const ports = await neutron.listPorts(ctx, { id: ids }, { fields: ['id', 'binding:vnic_type'], signal })
  const missing = ids.find((id) => !ports.some((port) => port.id === id))
  if (missing !== undefined) throw novaError('PortNotFound', { port_id: missing })
  if (ports.some((port) => port['binding:vnic_type'] === 'remote-managed')) requireTrait(spec, 'COMPUTE_REMOTE_MANAGED_PORTS')
}
