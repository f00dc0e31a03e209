import { isClientError, type Network, type NeutronClient, type Port, type PortBody } from '@micronova/clients'
import type { Logger } from '@micronova/log'
import type { Instance, RequestContext } from '@micronova/model'
import { readNetworks, unique } from './facts.js'
import { isGone } from './failures.js'
import { unboundProfile } from './profile.js'
import type { VifOptions } from './vif.js'

export const asAdmin = { auth: 'admin' } as const
export const asUser = { auth: 'user' } as const

export interface PortDeps {
  readonly neutron: NeutronClient
  readonly log: Logger
  readonly vifOptions: VifOptions
}

/** The ports that Neutron has for an instance. */
export function portsOf(
  { neutron }: PortDeps,
  ctx: RequestContext,
  instance: Instance,
  fields?: readonly string[],
): Promise<readonly Port[]> {
  const filters = { device_id: instance.uuid, tenant_id: instance.project_id ?? '' }
  return neutron.listPorts(ctx, filters, { ...asAdmin, ...(fields === undefined ? {} : { fields }) })
}

/** Availability zone and all, as Neutron's other users read it. */
export function deviceOwner(instance: Instance): string {
  return `compute:${instance.availability_zone ?? 'None'}`
}

/** Whether the names of ports go into the DNS, and from which networks: those with a domain have it in the user's zone. */
export async function hasDns({ neutron }: PortDeps, ctx: RequestContext): Promise<boolean> {
  return (await neutron.extensions(ctx, asAdmin)).has('dns-integration')
}

/** Nothing is under way any more when this ends. @throws the first failure in the order of the list, when all have been tried */
export async function all(work: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find(({ status }) => status === 'rejected')
  if (failed?.status === 'rejected') throw failed.reason
}

/** Delete ports that Nova has made. Ports that are gone are fine. @throws ClientError the first, when all have been tried */
export async function deletePorts(
  { neutron, log }: PortDeps,
  ctx: RequestContext,
  instance: Instance,
  ids: readonly string[],
): Promise<void> {
  await all(
    ids.map(async (id) => {
      try {
        await neutron.deletePort(ctx, id, asAdmin)
      } catch (err) {
        log.warning(isGone(err) ? `The port ${id} does not exist any more` : `The port ${id} could not be deleted`, {
          instanceUuid: instance.uuid,
          ...(isGone(err) ? {} : { err }),
        })
        if (!isGone(err)) throw err
      }
    }),
  )
}

/**
 * Free ports that the user had made. What goes wrong is logged: the instance goes in any case.
 *
 * @param ports as they are now, with their profiles
 * @returns whether all of them are free
 */
export async function unbindPorts(deps: PortDeps, ctx: RequestContext, instance: Instance, ports: readonly Port[]): Promise<boolean> {
  if (ports.length === 0) return true
  const domains = await domainsOf(deps, ctx, ports)
  const freed = await Promise.all(ports.map((port) => unbindPort(deps, ctx, instance, port, domains)))
  return freed.every(Boolean)
}

/** The DNS domains of networks by id; null where names do not go into the DNS. */
type Domains = ReadonlyMap<string, Network> | null

async function domainsOf(deps: PortDeps, ctx: RequestContext, ports: readonly Port[]): Promise<Domains> {
  try {
    if (!(await hasDns(deps, ctx))) return null
    return await readNetworks(deps.neutron, ctx, unique(ports.map(({ network_id }) => network_id)))
  } catch (err) {
    deps.log.warning('The DNS domains of networks could not be read; names stay as they are', { err })
    return null
  }
}

async function unbindPort(deps: PortDeps, ctx: RequestContext, instance: Instance, port: Port, domains: Domains): Promise<boolean> {
  const { neutron, log } = deps
  const hasDomain = Boolean(domains?.get(port.network_id)?.dns_domain)
  const body: PortBody = {
    device_id: '',
    device_owner: '',
    'binding:host_id': null,
    'binding:profile': unboundProfile(port),
    ...(domains === null || hasDomain ? {} : { dns_name: '' }),
  }
  try {
    await neutron.updatePort(ctx, port.id, body, asAdmin)
    // The name is in a zone of the user, where only the user may change it.
    if (hasDomain) await neutron.updatePort(ctx, port.id, { dns_name: '' }, asUser)
    return true
  } catch (err) {
    if (isGone(err)) log.debug(`The port ${port.id} does not exist any more`, { instanceUuid: instance.uuid })
    else log.error(`The port ${port.id} could not be freed`, { err, instanceUuid: instance.uuid })
    return isGone(err)
  }
}

/** Nobody knows whether the request was carried out. */
export function isUncertain(err: unknown): boolean {
  return isClientError(err, 'unreachable', 'timeout', 'server_error', 'bad_response', 'too_large')
}
