import type { Port } from '@micronova/clients'
import type { Instance, RequestContext, Vif, VirtualInterface } from '@micronova/model'
import { pythonJson } from '@micronova/model'
import type { NetworkInfo } from '@micronova/virt'
import type { NetworkInfoOptions } from '../network-api.js'
import { readFacts } from './facts.js'
import type { PortDeps } from './ports.js'
import { vifOf } from './vif.js'

/**
 * What the info cache should say, from what it says and what Neutron has.
 *
 * At most four requests, for any number of ports; none if there is no port.
 *
 * @param found the ports of the instance
 * @param rows the virtual interfaces of the database, whose order counts where the cache's does not
 * @see nova 26.2.2, `network/neutron.py`, `_build_network_info_model`
 */
export async function refreshedInfo(
  deps: PortDeps,
  ctx: RequestContext,
  instance: Instance,
  present: NetworkInfo,
  found: readonly Port[],
  rows: () => Promise<readonly VirtualInterface[]>,
  { changedPort, force = false }: NetworkInfoOptions = {},
): Promise<NetworkInfo> {
  const ports = new Map(found.map((port) => [port.id, port]))
  if (changedPort !== undefined && present.length > 0 && !force)
    return withChanged(deps, ctx, instance, present, changedPort, ports.get(changedPort))
  // A cache that knows nothing is no reason to forget interfaces.
  const ordered = force || present.length === 0 ? await inRowOrder(ports, rows) : inCacheOrder(deps, instance, ports, present)
  return describe(deps, ctx, instance, present, ordered)
}

async function withChanged(
  deps: PortDeps,
  ctx: RequestContext,
  instance: Instance,
  present: NetworkInfo,
  portId: string,
  port: Port | undefined,
): Promise<NetworkInfo> {
  if (port === undefined) return present.filter(({ id }) => id !== portId)
  const [vif] = await describe(deps, ctx, instance, present, [port])
  if (vif === undefined) return present
  return present.some(({ id }) => id === portId) ? present.map((old) => (old.id === portId ? vif : old)) : [...present, vif]
}

async function inRowOrder(ports: ReadonlyMap<string, Port>, rows: () => Promise<readonly VirtualInterface[]>): Promise<readonly Port[]> {
  if (ports.size < 2) return [...ports.values()]
  const places = new Map([...(await rows())].sort((a, b) => a.id - b.id).map(({ uuid }, place) => [uuid, place]))
  const placeOf = ({ id }: Port) => places.get(id) ?? Number.MAX_SAFE_INTEGER
  return [...ports.values()].sort((a, b) => placeOf(a) - placeOf(b))
}

function inCacheOrder({ log }: PortDeps, instance: Instance, ports: ReadonlyMap<string, Port>, present: NetworkInfo): readonly Port[] {
  return present.flatMap(({ id }) => {
    const port = ports.get(id ?? '')
    if (port !== undefined) return [port]
    log.info(`The port ${id} is not the instance's any more; the info cache forgets it`, { instanceUuid: instance.uuid })
    return []
  })
}

async function describe(
  deps: PortDeps,
  ctx: RequestContext,
  instance: Instance,
  present: NetworkInfo,
  ports: readonly Port[],
): Promise<readonly Vif[]> {
  if (ports.length === 0) return []
  const facts = await readFacts(deps.neutron, ctx, ports)
  const before = new Map(present.map((vif) => [vif.id, vif]))
  return ports.map((port) => {
    const old = before.get(port.id)
    const vif = vifOf(port, facts, old?.preserve_on_delete === true, deps.vifOptions)
    if (old?.vnic_type && old.vnic_type !== vif.vnic_type)
      deps.log.error(
        `The vnic type of port ${port.id} was changed from ${old.vnic_type} to ${vif.vnic_type} while the port is in use; it should be set back`,
        {
          instanceUuid: instance.uuid,
        },
      )
    return vif
  })
}

/** Storing the one in place of the other would change nothing. */
export function isSameInfo(a: NetworkInfo, b: NetworkInfo): boolean {
  return pythonJson(a) === pythonJson(b)
}
