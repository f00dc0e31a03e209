import type { ClientsDeps, ClientsOptions } from './create-clients.js'
import { adapterEndpoint, cinderEndpoint, Parts, versionsRoot } from './create-clients.js'
import type { RetryPolicy } from './http/retry-policy.js'
import type { RestService } from './rest/rest-service.js'
import type { Credentials } from './session/credentials.js'
import { Identities } from './session/identity.js'
import type { SessionSection } from './session/options.js'
import type { TokenSource } from './session/token-source.js'

/** A look at one service, as cheap as there is. Rejects with a ClientError. */
export interface ServiceProbe {
  /** `keystone` stands for a token with the credentials of a section. */
  readonly service: 'keystone' | 'placement' | 'neutron' | 'glance' | 'cinder'
  /** The section of nova.conf that says how it is reached. */
  readonly section: string
  /** @returns its newest version, as its version document has it; null for a token, or if that names none */
  ask(signal: AbortSignal): Promise<string | null>
}

export interface ServiceProbes {
  /** Of what is configured. */
  readonly probes: readonly ServiceProbe[]
  close(): Promise<void>
}

/** Whoever looks wants to know how it is now. */
const noRetries: RetryPolicy = { connectRetries: 0, connectDelayMs: null, statusRetries: 0, statusDelayMs: null }

/** Looks at the services beside Nova that `settings` has. Nothing is connected before a probe is asked. */
export function createServiceProbes(deps: ClientsDeps, { settings, program }: ClientsOptions): ServiceProbes {
  const parts = new Parts(deps, `${program} micronova node/${process.versions.node}`)
  const { placement, neutron, glance, cinder, serviceUser } = settings
  const sources = new Map<string, TokenSource>()
  const sections: readonly (readonly [string, Credentials | null, SessionSection])[] = [
    ['placement', placement.credentials, placement.session],
    ['neutron', neutron.credentials, neutron.session],
    ['cinder', cinder.credentials, cinder.session],
    ['service_user', serviceUser.credentials, serviceUser.session],
  ]
  for (const [section, credentials, session] of sections) {
    const source = parts.tokens(credentials, session)
    if (source !== null) sources.set(section, source)
  }
  const token = [...sources].map(
    ([section, source]): ServiceProbe => ({
      service: 'keystone',
      section,
      ask: async (signal) => {
        await source.get(signal)
        return null
      },
    }),
  )
  const service = (name: ServiceProbe['service'], section: string, rest: RestService, source: TokenSource | undefined): ServiceProbe[] => {
    const identities = new Identities({ own: source ?? null, serviceUser: null }, name)
    return [{ service: name, section, ask: (signal) => newestVersion(rest, source === undefined ? null : identities, signal) }]
  }
  const common = { retries: noRetries, accept: 'application/json' }
  const plain = (url: string) => url.replace(/\/v\d+(\.\d+)?(\/.*)?$/, '')
  const placementSource = sources.get('placement')
  const neutronSource = sources.get('neutron')
  const cinderSource = sources.get('cinder')
  // Glance is asked with the user's token; for its address any catalogue will do.
  const anySource = [...sources.values()][0]
  const glanceAddresses = glance.options.api_servers
  const { filter: glanceFilter, overrides: glanceOverrides } = adapterEndpoint(glance.adapter)
  const hasGlance = anySource !== undefined || glanceAddresses.length > 0 || glanceOverrides.length > 0
  const services: readonly ServiceProbe[] = [
    ...(placementSource === undefined
      ? []
      : service(
          'placement',
          'placement',
          parts.rest(placement.session, { ...common, ...adapterEndpoint(placement.adapter), root: (url) => url }),
          placementSource,
        )),
    ...(neutronSource === undefined
      ? []
      : service(
          'neutron',
          'neutron',
          parts.rest(neutron.session, { ...common, ...adapterEndpoint(neutron.adapter), root: plain }),
          neutronSource,
        )),
    ...(hasGlance
      ? service(
          'glance',
          'glance',
          parts.rest(glance.session, {
            ...common,
            filter: glanceFilter,
            overrides: glanceAddresses.length > 0 ? glanceAddresses : glanceOverrides,
            root: plain,
          }),
          anySource,
        )
      : []),
    ...(cinderSource === undefined
      ? []
      : service(
          'cinder',
          'cinder',
          parts.rest(cinder.session, {
            ...common,
            filter: cinderEndpoint(cinder.options),
            overrides: cinder.options.endpoint_template === null ? [] : [cinder.options.endpoint_template],
            root: versionsRoot,
          }),
          cinderSource,
        )),
  ]
  return { probes: [...token, ...services], close: () => parts.close() }
}

async function newestVersion(rest: RestService, identities: Identities | null, signal: AbortSignal): Promise<string | null> {
  const identity = identities?.service() ?? null
  const body = await rest.json({ method: 'GET', path: '/', ctx: null, identity, choices: true, signal })
  return newestIn(body)
}

/** Of `{"versions": [{"id": "v3.0", "max_version": "1.39"} ...]}`; microversions where there are some, else the id. */
export function newestIn(body: unknown): string | null {
  const versions = typeof body === 'object' && body !== null && 'versions' in body && Array.isArray(body.versions) ? body.versions : []
  const named = versions.flatMap((version: unknown) => {
    const { max_version, version: micro, id } = (typeof version === 'object' && version !== null ? version : {}) as Record<string, unknown>
    const found = [max_version, micro, id].find((text) => typeof text === 'string' && text !== '')
    return typeof found === 'string' ? [found.replace(/^v/, '')] : []
  })
  const [newest] = named.sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
  return newest ?? null
}
