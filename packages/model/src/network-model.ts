import { type FieldType, pythonTypeName, valueError } from '@micronova/versionedobjects'
import { pythonJson } from './python-json.js'

/**
 * What Nova knows of the network of an instance, kept as JSON text in its info cache.
 * The keys are Neutron's and Nova's words for the wire. @see nova 26.2.2, `network/model.py`
 */
export interface NetworkIp {
  address: string | null
  type: string | null
  version: number | null
  meta: Record<string, unknown>
}

export interface NetworkFixedIp extends NetworkIp {
  floating_ips: NetworkIp[]
}

export interface NetworkRoute {
  cidr: string | null
  gateway: NetworkIp | null
  interface: string | null
  meta: Record<string, unknown>
}

export interface NetworkSubnet {
  cidr: string | null
  dns: NetworkIp[]
  gateway: NetworkIp | null
  ips: NetworkFixedIp[]
  routes: NetworkRoute[]
  version: number | null
  meta: Record<string, unknown>
}

export interface VifNetwork {
  id: string | null
  bridge: string | null
  label: string | null
  subnets: NetworkSubnet[]
  meta: Record<string, unknown>
}

/** One network interface of an instance: a Neutron port. */
export interface Vif {
  id: string | null
  /** MAC address. */
  address: string | null
  network: VifNetwork | null
  /** `ovs`, `bridge`, `binding_failed` ... */
  type: string | null
  details: Record<string, unknown>
  /** Name of the device on the host, `tap...`. */
  devname: string | null
  ovs_interfaceid: string | null
  qbh_params: unknown
  qbg_params: unknown
  active: boolean
  vnic_type: string
  profile: Record<string, unknown> | null
  preserve_on_delete: boolean
  delegate_create: boolean
  meta: Record<string, unknown>
}

type Stored = Readonly<Record<string, unknown>>

/**
 * A complete interface from what was stored: what is missing gets its default. What is unknown stays where it is, for peers
 * keep notes of their own in these dicts.
 *
 * @throws VersionedObjectError `ValueError` for something else than dicts and lists where they belong
 */
export function hydrateVif(stored: unknown): Vif {
  const vif = complete(stored, {
    id: null,
    address: null,
    network: null,
    type: null,
    details: {},
    devname: null,
    ovs_interfaceid: null,
    qbh_params: null,
    qbg_params: null,
    active: false,
    vnic_type: 'normal',
    profile: null,
    preserve_on_delete: false,
    delegate_create: false,
    meta: {},
  } satisfies Vif)
  return { ...vif, network: orNull(vif.network, hydrateNetwork) }
}

function hydrateNetwork(stored: unknown): VifNetwork {
  const network = complete<VifNetwork>(stored, { id: null, bridge: null, label: null, subnets: [], meta: {} })
  return { ...network, subnets: each(network.subnets, hydrateSubnet) }
}

function hydrateSubnet(stored: unknown): NetworkSubnet {
  const subnet = complete<NetworkSubnet>(stored, { cidr: null, dns: [], gateway: null, ips: [], routes: [], version: null, meta: {} })
  return {
    ...subnet,
    dns: each(subnet.dns, hydrateIp),
    gateway: orNull(subnet.gateway, hydrateIp),
    ips: each(subnet.ips, hydrateFixedIp),
    routes: each(subnet.routes, hydrateRoute),
    version: subnet.version ?? versionOf(subnet.cidr),
  }
}

function hydrateRoute(stored: unknown): NetworkRoute {
  const route = complete<NetworkRoute>(stored, { cidr: null, gateway: null, interface: null, meta: {} })
  return { ...route, gateway: orNull(route.gateway, hydrateIp) }
}

function hydrateIp(stored: unknown): NetworkIp {
  const ip = complete<NetworkIp>(stored, { address: null, type: null, version: null, meta: {} })
  return { ...ip, version: ip.version ?? versionOf(ip.address) }
}

function hydrateFixedIp(stored: unknown): NetworkFixedIp {
  const ip = complete<NetworkFixedIp>(stored, { address: null, type: 'fixed', version: null, meta: {}, floating_ips: [] })
  return { ...ip, version: ip.version ?? versionOf(ip.address), floating_ips: each(ip.floating_ips, hydrateIp) }
}

/** The version of an address or of a network in CIDR notation. */
function versionOf(address: string | null): number | null {
  if (address === null) return null
  return String(address).includes(':') ? 6 : 4
}

/** The stored dict with the defaults of those keys that it lacks. Its keys keep their order, and so does the JSON text. */
function complete<T extends object>(stored: unknown, defaults: T): T {
  if (typeof stored !== 'object' || stored === null || Array.isArray(stored))
    throw valueError(`A dict is required in the network model, not a ${pythonTypeName(stored)}`)
  const missing = Object.entries(defaults).filter(([key]) => (stored as Stored)[key] === undefined)
  return { ...stored, ...Object.fromEntries(missing) } as T
}

function each<T>(items: unknown, hydrate: (item: unknown) => T): T[] {
  if (items === null) return []
  if (!Array.isArray(items)) throw valueError(`A list is required in the network model, not a ${pythonTypeName(items)}`)
  return items.map(hydrate)
}

/** Python takes an empty dict for none. */
function orNull<T>(value: unknown, hydrate: (item: unknown) => T): T | null {
  return !value || Object.keys(value).length === 0 ? null : hydrate(value)
}

function parsed(text: string, attr: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (err) {
    throw valueError(`Field ${attr} holds no JSON: ${(err as Error).message}`)
  }
  if (isDeeper(value, maxDepth)) throw valueError(`The JSON in field ${attr} is nested more than ${maxDepth} deep`)
  return value
}

/** Real network models nest 8 deep. Deeper text is refused, before it can exhaust the stack when it is written again. */
const maxDepth = 64

function isDeeper(value: unknown, limit: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return limit === 0 || Object.values(value).some((item) => isDeeper(item, limit - 1))
}

/** All interfaces of an instance; on the wire the JSON text of a list. */
export const networkInfoType: FieldType<Vif[]> = {
  name: 'NetworkModel',
  coerce(value, attr) {
    const stored = typeof value === 'string' ? parsed(value, attr) : value
    if (!Array.isArray(stored)) throw valueError(`A NetworkModel is required in field ${attr}`)
    return stored.map(hydrateVif)
  },
  toPrimitive: pythonJson,
  clone: (value) => structuredClone(value),
  equals: (a, b) => pythonJson(a) === pythonJson(b),
  stringify: (value) => `NetworkModel(${value.map((vif) => String(vif.id)).join(',')})`,
}

/** One interface; on the wire its JSON text. */
export const vifType: FieldType<Vif> = {
  name: 'NetworkVIFModel',
  coerce: (value, attr) => hydrateVif(typeof value === 'string' ? parsed(value, attr) : value),
  toPrimitive: pythonJson,
  clone: (value) => structuredClone(value),
  equals: (a, b) => pythonJson(a) === pythonJson(b),
  stringify: (value) => String(value.id),
}
