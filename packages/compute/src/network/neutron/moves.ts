import { isClientError, type Port, type PortBinding, type PortBody } from '@micronova/clients'
import { type Instance, novaError, type RequestContext, type Vif } from '@micronova/model'
import type { BindPortsOptions, HostPortBinding, MoveNetworkOptions } from '../network-api.js'
import { isGone } from './failures.js'
import { allocationOf } from './port-needs.js'
import { all, asAdmin, deviceOwner, type PortDeps, portsOf } from './ports.js'
import { migratingTo, without } from './profile.js'
import { bindingProfile } from './vif.js'

/** Kinds of network cards that are a device of the host. */
const deviceTypes = ['direct', 'macvtap', 'direct-physical', 'virtio-forwarder', 'vdpa', 'remote-managed']

export async function hasPortBindings({ neutron }: PortDeps, ctx: RequestContext): Promise<boolean> {
  return (await neutron.extensions(ctx, asAdmin)).has('binding-extended')
}

/** The ports that are on the host of the instance say that they are about to move to `host`. */
export async function announceMove(deps: PortDeps, ctx: RequestContext, instance: Instance, host: string): Promise<void> {
  const ports = (await portsOnOwnHost(deps, ctx, instance)).filter(
    (port) => port['binding:host_id'] !== host && bindingProfile(port)[migratingTo] !== host,
  )
  await all(ports.map((port) => updateProfile(deps, ctx, port, { ...bindingProfile(port), [migratingTo]: host })))
}

/** @param host bindings there go as well; null: none do */
export async function withdrawMove(deps: PortDeps, ctx: RequestContext, instance: Instance, host: string | null): Promise<void> {
  const ports = await portsOnOwnHost(deps, ctx, instance)
  const marked = ports.filter((port) => migratingTo in bindingProfile(port))
  await all(marked.map((port) => updateProfile(deps, ctx, port, without(bindingProfile(port), [migratingTo]))))
  if (host !== null && (await hasPortBindings(deps, ctx))) await deleteBindings(deps, ctx, ports, host)
}

function portsOnOwnHost({ neutron }: PortDeps, ctx: RequestContext, instance: Instance): Promise<readonly Port[]> {
  const filters = { device_id: instance.uuid, tenant_id: instance.project_id ?? '', 'binding:host_id': instance.host ?? '' }
  return neutron.listPorts(ctx, filters, asAdmin)
}

async function updateProfile(
  { neutron }: PortDeps,
  ctx: RequestContext,
  port: Port,
  profile: Readonly<Record<string, unknown>>,
): Promise<void> {
  await neutron.updatePort(ctx, port.id, { 'binding:profile': profile }, asAdmin)
}

/** Bind the ports of the instance to `host`, where they are not, or where binding has failed before. @returns false: all were right */
export async function bindPortsTo(
  deps: PortDeps,
  ctx: RequestContext,
  instance: Instance,
  host: string,
  options: MoveNetworkOptions = {},
): Promise<boolean> {
  const ports = await portsOf(deps, ctx, instance)
  const hasGroups = ports.length > 0 && (await deps.neutron.extensions(ctx, asAdmin)).has('port-resource-request-groups')
  // All bodies first: nothing is changed if one of them cannot be made.
  const updates = ports.map((port) => ({ port, body: bindingUpdate(port, instance, host, hasGroups, options) }))
  const needed = updates.filter(({ body }) => Object.keys(body).length > 0)
  for (const { port, body } of needed)
    deps.log.info(`Updating port ${port.id} with ${JSON.stringify(body)}`, { instanceUuid: instance.uuid })
  await all(needed.map(({ port, body }) => deps.neutron.updatePort(ctx, port.id, body, asAdmin)))
  return needed.length > 0
}

/** @throws NovaError `PortUpdateFailed` */
function bindingUpdate(
  port: Port,
  instance: Instance,
  host: string,
  hasGroups: boolean,
  { live = false, providerMappings }: MoveNetworkOptions,
): PortBody {
  const present = bindingProfile(port)
  const moves = needsBinding(port, host)
  const leavesMark = moves && migratingTo in present
  const profile = leavesMark ? without(present, [migratingTo]) : present
  if (!live && deviceTypes.includes(port['binding:vnic_type'] ?? '') && present.pci_slot !== undefined)
    throw novaError('PortUpdateFailed', { port_id: port.id, reason: `Unable to correlate PCI slot ${String(present.pci_slot)}` })
  const allocation = live ? null : allocationOf(port, hasGroups, providerMappings)
  return {
    ...(moves ? { 'binding:host_id': host, device_owner: deviceOwner(instance) } : {}),
    ...(allocation !== null || leavesMark ? { 'binding:profile': { ...profile, ...(allocation === null ? {} : { allocation }) } } : {}),
  }
}

/** It is elsewhere, or an earlier binding has failed. */
export function needsBinding(port: Port, host: string): boolean {
  const vifType = port['binding:vif_type']
  return port['binding:host_id'] !== host || vifType === 'unbound' || vifType === 'binding_failed'
}

/** @throws NovaError `PortBindingDeletionFailed` for those that could not be deleted, when all have been tried */
export async function deleteBindings(deps: PortDeps, ctx: RequestContext, ports: readonly Pick<Port, 'id'>[], host: string): Promise<void> {
  const failed: string[] = []
  const causes: unknown[] = []
  await Promise.all(
    ports.map(async ({ id }) => {
      try {
        await deps.neutron.deletePortBinding(ctx, id, host, asAdmin)
      } catch (err) {
        if (isGone(err)) return
        deps.log.error(`The binding of port ${id} on host ${host} could not be deleted`, { err })
        failed.push(id)
        causes.push(err)
      }
    }),
  )
  if (failed.length > 0) throw novaError('PortBindingDeletionFailed', { port_id: failed.join(), host }, { cause: causes[0] })
}

/** Make the bindings that wait on `host` the active ones; ports without one there are left alone. */
export async function activateBindings(deps: PortDeps, ctx: RequestContext, vifs: readonly Vif[], host: string): Promise<void> {
  await all(vifs.flatMap(({ id }) => (id === null ? [] : [activateBinding(deps, ctx, id, host, true)])))
}

/** @param lenient no binding there is fine. @throws NovaError `PortBindingActivationFailed` */
export async function activateBinding(
  { neutron, log }: PortDeps,
  ctx: RequestContext,
  portId: string,
  host: string,
  lenient = false,
): Promise<void> {
  try {
    await neutron.activatePortBinding(ctx, portId, host, asAdmin)
  } catch (err) {
    if (isClientError(err, 'conflict') || (lenient && isGone(err))) return // active already, or nothing to activate
    log.error(`The binding of port ${portId} on host ${host} could not be activated`, { err })
    throw novaError('PortBindingActivationFailed', { port_id: portId, host }, { cause: err })
  }
}

/** A further, inactive binding for each port. All or none. @throws NovaError `PortBindingFailed` */
export async function createBindings(
  deps: PortDeps,
  ctx: RequestContext,
  instance: Instance,
  vifs: readonly Vif[],
  host: string,
  { vnicTypes = {}, profiles = {} }: BindPortsOptions = {},
): Promise<ReadonlyMap<string, HostPortBinding>> {
  const made = new Map<string, PortBinding>()
  try {
    await all(
      vifs.map(async ({ id, vnic_type, profile }) => {
        if (id === null) return
        const body = { host, vnic_type: vnicTypes[id] ?? vnic_type, profile: profiles[id] ?? profile ?? {} }
        try {
          made.set(id, await deps.neutron.createPortBinding(ctx, id, body, asAdmin))
        } catch (err) {
          deps.log.error(`Port ${id} could not be bound to host ${host}`, { err, instanceUuid: instance.uuid })
          throw novaError('PortBindingFailed', { port_id: id }, { cause: err })
        }
      }),
    )
    return made
  } catch (failure) {
    const ports = [...made.keys()].map((id) => ({ id }))
    await deleteBindings(deps, ctx, ports, host).catch((err) =>
      deps.log.warning('Bindings are left that nobody uses', { err, instanceUuid: instance.uuid }),
    )
    throw failure
  }
}
