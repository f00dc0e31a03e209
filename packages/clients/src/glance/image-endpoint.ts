import type { Random } from '@micronova/lifecycle'
import type { RequestContext } from '@micronova/model'
import type { ClientsSettings } from '../options.js'
import { endpointFilter } from '../session/adapter-endpoint.js'
import { findEndpoint, parseCatalogue } from '../session/catalogue.js'

/** Where the images of a request are: `http://controller:9292`; null if neither the options nor the user's catalogue say so. */
export type ImageEndpoint = (ctx: RequestContext) => string | null

/**
 * The address of Glance as Nova names it to others. Nothing is asked of anybody for it.
 *
 * An address of the catalogue that ends in a version keeps the slash before it, so that `http://controller:9292/v2` becomes
 * `http://controller:9292/`.
 *
 * @see nova 26.2.2, `image/glance.py`, `get_api_servers`
 */
export function imageEndpoint({ options, adapter }: Pick<ClientsSettings['glance'], 'options' | 'adapter'>, random: Random): ImageEndpoint {
  const { api_servers: servers } = options
  if (servers.length > 0) return () => servers[Math.floor(random.next() * servers.length)] ?? null
  return ({ serviceCatalog }) => {
    const found = adapter.endpoint_override ?? findEndpoint(parseCatalogue(serviceCatalog), endpointFilter(adapter))
    return found === null ? null : found.replace(/\/v\d+(\.\d+)?\/?$/, '/')
  }
}
