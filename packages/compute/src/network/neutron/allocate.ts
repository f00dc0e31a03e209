import { isClientError, type Network, type Port, type PortBody } from '@micronova/clients'
import { type Instance, novaError, type RequestContext, type Vif } from '@micronova/model'
import type { PortNeeds, ProviderMappings } from '../network-api.js'
import { checkBinding, checkPortSecurity, checkRequestedPort, namedSecurityGroups, securityGroupIds } from './checks.js'
import { chooseNetworks, type PortWish } from './choose-networks.js'
import { type Addressing, isComplete, readAddressing, readFloatingIps, unique } from './facts.js'
import { asNovaError, isGone, isNeutronError } from './failures.js'
import { allocationOf, needsOf } from './port-needs.js'
import { all, asAdmin, asUser, deletePorts, deviceOwner, hasDns, isUncertain, type PortDeps, portsOf, unbindPorts } from './ports.js'
import { bindingProfile, vifOf } from './vif.js'

/** What an instance shall get. */
export interface NetworkWish {
  /** None: the project's only network. */
  readonly ports: readonly PortWish[]
  /** A network may be made if the project has none. */
  readonly auto: boolean
  readonly securityGroups: readonly string[]
  readonly providerMappings: ProviderMappings | null
  /** Claims what a port needs that was not planned for when the instance was scheduled. */
  readonly claim?: (needs: PortNeeds) => Promise<ProviderMappings>
  /** To which the ports are bound. */
  readonly host: string
}

export interface AllocatedVif {
  readonly vif: Vif
  /** The user's name for it inside the guest. */
  readonly tag: string | null
}

/** A port to be. `port` is null until it is there. */
interface Slot {
  readonly wish: PortWish
  readonly network: Network
  /** The user had made it. */
  readonly isGiven: boolean
  port: Port | null
}

/**
 * Ports for an instance, bound to its host. Everything is taken back if one fails.
 *
 * What belongs to the user (a new port, its security groups) is done with the user's rights, as Neutron's policy has a say in it;
 * binding is done with Nova's own. Round trips: networks; new ports, beside which subnets are read; binding; the ports as they are then.
 *
 * @throws NovaError
 * @see nova 26.2.2, `network/neutron.py`, `allocate_for_instance`
 */
export async function allocatePorts(
  deps: PortDeps,
  ctx: RequestContext,
  instance: Instance,
  wish: NetworkWish,
): Promise<readonly AllocatedVif[]> {
  if (!instance.project_id) throw novaError('InvalidInput', { reason: `empty project id for instance ${instance.uuid}` })
  void begun(deps.neutron.extensions(ctx, asAdmin)) // beside what follows, where they are not known yet
  const given = await givenPorts(deps, ctx, instance, wish.ports)
  const chosen = await chooseNetworks(deps, ctx, instance, wish, given)
  if (chosen.length === 0) return []
  const slots = chosen.map(({ wish, network }): Slot => {
    const port = wish.portId === null ? null : (given.get(wish.portId) ?? null)
    return { wish, network, isGiven: port !== null, port }
  })
  const addressing = begun(readAddressing(deps.neutron, ctx, unique(slots.map(({ network }) => network.id))))
  try {
    await createMissing(deps, ctx, instance, wish, slots)
    await bindAll(deps, ctx, instance, wish, slots)
    return await describe(deps, ctx, instance, slots, await addressing)
  } catch (err) {
    await takeBack(deps, ctx, instance, slots)
    throw asNovaError(err)
  }
}

/** Its failure is seen by whoever awaits it, if anybody does. */
function begun<T>(work: Promise<T>): Promise<T> {
  work.catch(() => {})
  return work
}

/** @throws NovaError `PortNotFound`; those of `checkRequestedPort` */
async function givenPorts(
  { neutron }: PortDeps,
  ctx: RequestContext,
  instance: Instance,
  wishes: readonly PortWish[],
): Promise<ReadonlyMap<string, Port>> {
  const ids = wishes.flatMap(({ portId }) => portId ?? [])
  if (ids.length === 0) return new Map()
  const ports = new Map((await neutron.listPorts(ctx, { id: unique(ids) }, asAdmin)).map((port) => [port.id, port]))
  for (const id of ids) {
    const port = ports.get(id)
    if (port === undefined) throw novaError('PortNotFound', { port_id: id })
    checkRequestedPort(port, instance)
  }
  return ports
}

async function createMissing(
  deps: PortDeps,
  ctx: RequestContext,
  instance: Instance,
  wish: NetworkWish,
  slots: readonly Slot[],
): Promise<void> {
  const missing = slots.filter(({ isGiven }) => !isGiven)
  const groupIds = missing.length === 0 ? [] : await groupIdsFor(deps, ctx, instance, wish.securityGroups)
  for (const { network } of slots) checkPortSecurity(network, groupIds)
  const hasGroups = (await deps.neutron.extensions(ctx, asAdmin)).has('port-resource-request-groups')
  await all(
    missing.map(async (slot) => {
      slot.port = await createPort(deps, ctx, instance, slot, groupIds)
      if (needsOf(slot.port, hasGroups).groups.length > 0)
        throw novaError('NetworksWithQoSPolicyNotSupported', { instance_uuid: instance.uuid, network_id: slot.network.id })
      checkBinding(slot.port)
    }),
  )
}

async function groupIdsFor({ neutron }: PortDeps, ctx: RequestContext, instance: Instance, wanted: readonly string[]): Promise<string[]> {
  const named = namedSecurityGroups(wanted)
  if (named.length === 0) return []
  const filters = { tenant_id: instance.project_id ?? '' }
  try {
    return securityGroupIds(named, await neutron.listSecurityGroups(ctx, filters, { ...asUser, fields: ['id', 'name'] }))
  } catch (err) {
    throw asNovaError(err, 'user')
  }
}

/** With the user's rights. The instance's name is on it from the start, so that whatever becomes of us it can be found. */
async function createPort(
  { neutron, log }: PortDeps,
  ctx: RequestContext,
  instance: Instance,
  { wish: { address }, network }: Slot,
  groupIds: readonly string[],
): Promise<Port> {
  const body: PortBody = {
    device_id: instance.uuid,
    ...(address === null ? {} : { fixed_ips: [{ ip_address: address }] }),
    network_id: network.id,
    admin_state_up: true,
    tenant_id: instance.project_id ?? '',
    ...(groupIds.length === 0 ? {} : { security_groups: groupIds }),
  }
  try {
    return await neutron.createPort(ctx, body, asUser)
  } catch (err) {
    log.warning(`Neutron made no port on the network ${network.id}`, { instanceUuid: instance.uuid })
    // It may have made one all the same: then it is found by the instance's name on it.
    if (isUncertain(err)) await deleteStrays({ neutron, log }, ctx, instance, network.id)
    throw createFailure(err, network.id, address, groupIds)
  }
}

function createFailure(err: unknown, networkId: string, address: string | null, groupIds: readonly string[]): unknown {
  const options = { cause: err }
  if (isNeutronError(err, 'InvalidIpForNetwork'))
    return novaError('InvalidInput', { reason: `Fixed IP ${address} is not a valid ip address for network ${networkId}.` }, options)
  if (isNeutronError(err, 'IpAddressInUse', 'IpAddressAlreadyAllocated'))
    return novaError('FixedIpAlreadyInUse', {}, { ...options, message: `Fixed IP ${address} is already in use.` })
  if (isNeutronError(err, 'OverQuota')) return novaError('PortLimitExceeded', {}, options)
  if (isNeutronError(err, 'IpAddressGenerationFailure')) return novaError('NoMoreFixedIps', { net: networkId }, options)
  if (isNeutronError(err, 'NetworkNotFound')) return novaError('NetworkNotFound', { network_id: networkId }, options)
  if (isNeutronError(err, 'SecurityGroupNotFound'))
    return novaError('SecurityGroupNotFound', { security_group_id: groupIds.join() }, options)
  return asNovaError(err, 'user')
}

/** Ports that were made for the instance without our having heard of it: bound to nothing, and in no slot. */
async function deleteStrays(
  { neutron, log }: Pick<PortDeps, 'neutron' | 'log'>,
  ctx: RequestContext,
  instance: Instance,
  networkId: string,
): Promise<void> {
  const filters = { device_id: instance.uuid, tenant_id: instance.project_id ?? '', network_id: networkId }
  try {
    const ports = await neutron.listPorts(ctx, filters, asAdmin)
    for (const { id } of ports.filter(({ device_owner }) => device_owner === '')) await neutron.deletePort(ctx, id, asAdmin)
  } catch (err) {
    log.warning('A port may be left that nobody uses', { err, instanceUuid: instance.uuid })
  }
}

async function bindAll(deps: PortDeps, ctx: RequestContext, instance: Instance, wish: NetworkWish, slots: readonly Slot[]): Promise<void> {
  const { neutron } = deps
  const extensions = await neutron.extensions(ctx, asAdmin)
  const withNames = await hasDns(deps, ctx)
  await all(
    slots.map(async (slot) => {
      if (slot.port === null) return
      if (slot.wish.pciRequestId !== null)
        throw novaError('PciDeviceNotFound', {}, `PCI device not found for request ID ${slot.wish.pciRequestId}.`)
      const allocation = slot.isGiven ? await allocationFor(slot.port, extensions.has('port-resource-request-groups'), wish) : null
      const profile = { ...bindingProfile(slot.port), ...(allocation === null ? {} : { allocation }) }
      const body: PortBody = {
        device_id: instance.uuid,
        device_owner: deviceOwner(instance),
        ...(slot.isGiven && Object.keys(profile).length > 0 ? { 'binding:profile': profile } : {}),
        'binding:host_id': wish.host,
        ...(withNames && !slot.network.dns_domain && instance.hostname ? { dns_name: instance.hostname } : {}),
      }
      slot.port = await bindPort(deps, ctx, slot.port, body)
      if (withNames && slot.network.dns_domain && instance.hostname) await nameInUsersZone(deps, ctx, slot.port, instance.hostname)
    }),
  )
}

/** @throws NovaError `PortUpdateFailed`: nobody knows who provides what it needs; what the claim throws */
async function allocationFor(port: Port, hasGroups: boolean, { providerMappings, claim }: NetworkWish): Promise<unknown> {
  const needs = needsOf(port, hasGroups)
  const claimed = claim !== undefined && needs.groups.length > 0 ? await claim(needs) : providerMappings
  return allocationOf(port, hasGroups, claimed)
}

async function bindPort({ neutron }: PortDeps, ctx: RequestContext, port: Port, body: PortBody): Promise<Port> {
  try {
    const bound = await neutron.updatePort(ctx, port.id, body, asAdmin)
    checkBinding(bound)
    return bound
  } catch (err) {
    if (isNeutronError(err, 'MacAddressInUse')) throw novaError('PortInUse', { port_id: port.mac_address }, { cause: err })
    if (isNeutronError(err, 'HostNotCompatibleWithFixedIps')) throw novaError('FixedIpInvalidOnHost', { port_id: port.id }, { cause: err })
    if (isGone(err)) throw novaError('PortNotFound', { port_id: port.id }, { cause: err })
    throw err
  }
}

/** A network with a domain of its own has its names in a zone of the user's, where only the user may write. */
async function nameInUsersZone({ neutron }: PortDeps, ctx: RequestContext, port: Port, hostname: string): Promise<void> {
  try {
    await neutron.updatePort(ctx, port.id, { dns_name: hostname }, asUser)
  } catch (err) {
    const failure = asNovaError(err, 'user')
    if (!isClientError(err, 'bad_request')) throw failure
    throw novaError('InvalidInput', { reason: `Instance hostname ${hostname} is not a valid DNS name` }, { cause: err })
  }
}

/** A bound port says more of itself a moment later (`bound_drivers`, its status): so the ports are read again, all in one request. */
async function describe(
  deps: PortDeps,
  ctx: RequestContext,
  instance: Instance,
  slots: readonly Slot[],
  early: Addressing,
): Promise<readonly AllocatedVif[]> {
  const given = slots.flatMap(({ isGiven, port }) => (isGiven && port !== null ? port.id : []))
  const [found, floatingIps] = await Promise.all([portsOf(deps, ctx, instance), readFloatingIps(deps.neutron, ctx, given)])
  const ports = new Map(found.map((port) => [port.id, port]))
  const networks = new Map(slots.map(({ network }) => [network.id, network]))
  const addressing = isComplete(early, found) ? early : await readAddressing(deps.neutron, ctx, [...networks.keys()])
  const facts = { networks, ...addressing, floatingIps }
  return slots.flatMap(({ wish: { tag }, isGiven, port }) => {
    const present = ports.get(port?.id ?? '')
    return present === undefined ? [] : [{ vif: vifOf(present, facts, isGiven, deps.vifOptions), tag }]
  })
}

/** Failures here are logged: why it is taken back matters more. */
async function takeBack(deps: PortDeps, ctx: RequestContext, instance: Instance, slots: readonly Slot[]): Promise<void> {
  const ports = slots.flatMap(({ isGiven, port }) => (port === null ? [] : [{ isGiven, port }]))
  const made = ports.filter(({ isGiven }) => !isGiven).map(({ port }) => port.id)
  const bound = ports.filter(({ isGiven, port }) => isGiven && port.device_id === instance.uuid).map(({ port }) => port)
  await Promise.all([deletePorts(deps, ctx, instance, made).catch(() => {}), unbindPorts(deps, ctx, instance, bound)])
}
