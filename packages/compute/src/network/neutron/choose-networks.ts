import { isClientError, type Network, type Port } from '@micronova/clients'
import { type Instance, novaError, type RequestContext } from '@micronova/model'
import { isForbiddenNetwork } from './checks.js'
import { readNetworks, unique } from './facts.js'
import { asNovaError } from './failures.js'
import { asUser, type PortDeps } from './ports.js'

/** One interface, as the user wants it. */
export interface PortWish {
  readonly networkId: string | null
  readonly portId: string | null
  readonly address: string | null
  readonly tag: string | null
  readonly pciRequestId: string | null
}

export interface ChosenNetwork {
  readonly wish: PortWish
  readonly network: Network
}

const anyNetwork: PortWish = { networkId: null, portId: null, address: null, tag: null, pciRequestId: null }

/**
 * The network of each interface. Who names none gets the only one that the project can use, or, with `auto`, one that is made.
 *
 * @param given ports that the user has named, by id
 * @returns none if none was asked for and there is none
 * @throws NovaError `NetworkNotFound`, `NetworkAmbiguous`, `InterfaceAttachFailedNoNetwork`, `UnableToAutoAllocateNetwork`,
 *   `ExternalNetworkAttachForbidden`
 */
export async function chooseNetworks(
  deps: PortDeps,
  ctx: RequestContext,
  instance: Instance,
  { ports: wishes, auto }: { readonly ports: readonly PortWish[]; readonly auto: boolean },
  given: ReadonlyMap<string, Port>,
): Promise<readonly ChosenNetwork[]> {
  const named = auto ? [] : wishes.flatMap((wish) => namedTarget(wish, given))
  const targets = named.length > 0 ? named : await onlyNetwork(deps, ctx, instance, wishes, auto)
  const networks = await readNetworks(
    deps.neutron,
    ctx,
    targets.map(({ networkId }) => networkId),
  )
  const chosen = targets.map(({ wish, networkId }) => {
    const network = networks.get(networkId)
    if (network === undefined) throw novaError('NetworkNotFound', { network_id: networkId })
    return { wish, network }
  })
  await checkForbidden(deps, ctx, chosen)
  return chosen
}

interface Target {
  readonly wish: PortWish
  readonly networkId: string
}

function namedTarget(wish: PortWish, given: ReadonlyMap<string, Port>): Target[] {
  const networkId = wish.portId === null ? wish.networkId : (given.get(wish.portId)?.network_id ?? null)
  return networkId === null ? [] : [{ wish, networkId }]
}

async function onlyNetwork(
  deps: PortDeps,
  ctx: RequestContext,
  instance: Instance,
  wishes: readonly PortWish[],
  auto: boolean,
): Promise<readonly Target[]> {
  const projectId = instance.project_id ?? ''
  const [wish = anyNetwork] = auto ? [] : wishes
  const ids = await usableNetworks(deps, ctx, projectId, auto)
  const [id, ...more] = ids
  if (more.length > 0) throw novaError('NetworkAmbiguous', {}, 'Multiple possible networks found, use a Network ID to be more specific.')
  if (id !== undefined) return [{ wish, networkId: id }]
  if (auto) return [{ wish, networkId: await madeNetwork(deps, ctx, projectId) }]
  if (wishes.length > 0) throw novaError('InterfaceAttachFailedNoNetwork', { project_id: projectId })
  return []
}

/** Those of the project and those that are shared with it, as the user sees them. */
async function usableNetworks({ neutron }: PortDeps, ctx: RequestContext, projectId: string, auto: boolean): Promise<readonly string[]> {
  const own = { tenant_id: projectId, shared: false, ...(auto ? { admin_state_up: true } : {}) }
  const options = { ...asUser, fields: ['id'] }
  try {
    const lists = await Promise.all([neutron.listNetworks(ctx, own, options), neutron.listNetworks(ctx, { shared: true }, options)])
    return unique(lists.flat().map(({ id }) => id))
  } catch (err) {
    throw asNovaError(err, 'user')
  }
}

async function madeNetwork({ neutron }: PortDeps, ctx: RequestContext, projectId: string): Promise<string> {
  try {
    return await neutron.autoAllocatedNetwork(ctx, projectId, asUser)
  } catch (err) {
    if (isClientError(err, 'conflict')) throw novaError('UnableToAutoAllocateNetwork', { project_id: projectId }, { cause: err })
    throw asNovaError(err, 'user')
  }
}

/** A network that is shared with one project alone does not look shared to an administrator: before a no the user's view is taken. */
async function checkForbidden({ neutron }: PortDeps, ctx: RequestContext, chosen: readonly ChosenNetwork[]): Promise<void> {
  const doubtful = unique(chosen.filter(({ network }) => isForbiddenNetwork(ctx, network)).map(({ network }) => network.id))
  if (doubtful.length === 0) return
  const seen = await neutron.listNetworks(ctx, { id: doubtful }, asUser)
  for (const id of doubtful) {
    const network = seen.find((one) => one.id === id)
    if (network === undefined || isForbiddenNetwork(ctx, network)) throw novaError('ExternalNetworkAttachForbidden', { network_uuid: id })
  }
}
