/** An address of a service. */
interface Endpoint {
  /** `public`, `internal` or `admin`. */
  readonly interface: string
  readonly region: string | null
  readonly url: string
}

interface Service {
  readonly type: string
  readonly name: string | null
  readonly endpoints: readonly Endpoint[]
}

/** Which services there are, and where. */
export type Catalogue = readonly Service[]

/** Which address is wanted; null: any. */
export interface EndpointFilter {
  readonly serviceType: string
  readonly serviceName: string | null
  /** In order of preference; `publicURL` is the same as `public`. */
  readonly interfaces: readonly string[]
  readonly region: string | null
}

/**
 * A catalogue as Keystone's v3 tokens have it, or as a request context carries it: v2, with `publicURL` and its like in each endpoint.
 * Whatever is not of that shape is left out.
 */
export function parseCatalogue(value: unknown): Catalogue {
  return listOf(value).flatMap((service) => {
    const { type, name, endpoints } = fieldsOf(service)
    if (typeof type !== 'string') return []
    return [{ type, name: typeof name === 'string' ? name : null, endpoints: listOf(endpoints).flatMap(parseEndpoint) }]
  })
}

function parseEndpoint(value: unknown): Endpoint[] {
  const endpoint = fieldsOf(value)
  const region = [endpoint['region_id'], endpoint['region']].find((name): name is string => typeof name === 'string') ?? null
  const one = (name: unknown, url: unknown): Endpoint[] =>
    typeof name === 'string' && typeof url === 'string' && url !== '' ? [{ interface: name, region, url }] : []
  if (endpoint['interface'] !== undefined) return one(endpoint['interface'], endpoint['url'])
  return ['public', 'internal', 'admin'].flatMap((name) => one(name, endpoint[`${name}URL`]))
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/**
 * The address of a service, null if the catalogue has none that fits.
 *
 * @see keystoneauth1 5.0.0, `access/service_catalog.py`, `get_endpoints_data`
 */
export function findEndpoint(catalogue: Catalogue, filter: EndpointFilter): string | null {
  for (const type of [filter.serviceType, ...(aliases[filter.serviceType] ?? [])]) {
    const fitting = catalogue
      .filter((service) => service.type === type && fits(service.name, filter.serviceName))
      .flatMap(({ endpoints }) => endpoints.filter(({ region }) => filter.region === null || region === filter.region))
    for (const wanted of filter.interfaces.map((name) => name.replace(/URL$/, ''))) {
      const found = fitting.find((endpoint) => endpoint.interface === wanted)
      if (found !== undefined) return found.url
    }
  }
  return null
}

/** A catalogue without names does not say that the name is wrong. */
function fits(name: string | null, wanted: string | null): boolean {
  return wanted === null || name === null || name === wanted
}

/** Other names under which a catalogue may have a service. @see os-service-types 1.7.0 */
const aliases: Readonly<Record<string, readonly string[]>> = {
  'block-storage': ['volumev3', 'volumev2', 'volume', 'block-store'],
  volumev3: ['block-storage', 'block-store'],
}
