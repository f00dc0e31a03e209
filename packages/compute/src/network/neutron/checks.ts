import type { Network, Port, SecurityGroup } from '@micronova/clients'
import { type Instance, novaError, type RequestContext } from '@micronova/model'

/**
 * A port that the user had made may be used for the instance.
 *
 * @throws NovaError `PortNotUsable`, `PortInUse`, `PortNotUsableDNS`, `PortBindingFailed`
 */
export function checkRequestedPort(port: Port, instance: Instance): void {
  const { id: port_id } = port
  if (port.tenant_id !== instance.project_id) throw novaError('PortNotUsable', { port_id, instance: instance.uuid })
  if (port.device_id) throw novaError('PortInUse', { port_id })
  const { dns_name: value } = port
  if (value && value !== instance.hostname)
    throw novaError('PortNotUsableDNS', { port_id, instance: instance.uuid, value, hostname: instance.hostname })
  checkBinding(port)
}

/** @throws NovaError `PortBindingFailed`: nothing on the host can serve the port */
export function checkBinding(port: Port): void {
  if (port['binding:vif_type'] === 'binding_failed') throw novaError('PortBindingFailed', { port_id: port.id })
}

/** A network that a user may not attach a guest to: outside, and not shared. Administrators may. */
export function isForbiddenNetwork(ctx: RequestContext, network: Network): boolean {
  return !ctx.isAdmin && network['router:external'] === true && !network.shared
}

/**
 * Security groups need addresses and port security.
 *
 * @throws NovaError `SecurityGroupCannotBeApplied`
 */
export function checkPortSecurity({ port_security_enabled: enabled = true, subnets = [] }: Network, groupIds: readonly string[]): void {
  const isImpossible = enabled ? subnets.length === 0 : groupIds.length > 0
  if (isImpossible) throw novaError('SecurityGroupCannotBeApplied')
}

/** The groups that have to be named to Neutron, which gives every port the group `default` by itself. */
export function namedSecurityGroups(wanted: readonly string[]): readonly string[] {
  return wanted.length === 1 && wanted[0] === 'default' ? [] : wanted
}

/**
 * Ids of the groups that the user has named; a name goes before an id of the same spelling.
 *
 * @throws NovaError `NoUniqueMatch`, `SecurityGroupNotFound`
 */
export function securityGroupIds(wanted: readonly string[], groups: readonly SecurityGroup[]): string[] {
  return wanted.map((nameOrId) => {
    const named = groups.filter(({ name }) => name === nameOrId)
    if (named.length > 1)
      throw novaError('NoUniqueMatch', {}, `Multiple security groups found matching '${nameOrId}'. Use an ID to be more specific.`)
    const found = named[0] ?? groups.find(({ id }) => id === nameOrId)
    if (found === undefined) throw novaError('SecurityGroupNotFound', { security_group_id: nameOrId })
    return found.id
  })
}
