import type { CallOptions } from '../call.js'
import { badResponse, listIn, objectIn } from '../rest/decode.js'
import type { RestCall, RestService } from '../rest/rest-service.js'
import type { Identities } from '../session/identity.js'
import type { KeystoneClient, LimitQuery, ProjectLimit, RegisteredLimit, ServiceEndpoint } from './client.js'

/** Keystone's limits over REST. @see oslo.limit 2.0.1, `limit.py`; openstacksdk 0.101.0, `identity/v3/` */
export class RestKeystone implements KeystoneClient {
  readonly #rest: RestService
  readonly #identities: Identities
  readonly #endpointId: string

  /** @param endpointId `[oslo_limit] endpoint_id` */
  constructor(rest: RestService, identities: Identities, endpointId: string) {
    this.#rest = rest
    this.#identities = identities
    this.#endpointId = endpointId
  }

  /** The SDK does not pass on the request id of a context. */
  #get(path: string, options: CallOptions | undefined): RestCall {
    return { method: 'GET', path, ctx: null, identity: this.#identities.service(), signal: options?.signal }
  }

  async enforcementModel(options?: CallOptions): Promise<string> {
    return this.#rest.decoded(this.#get('/limits/model', options), (body) => {
      return objectIn<{ readonly name: string }>(body, 'model', { name: 'string' }).name
    })
  }

  async limitedEndpoint(options?: CallOptions): Promise<ServiceEndpoint> {
    const call = this.#get(`/endpoints/${encodeURIComponent(this.#endpointId)}`, options)
    return this.#rest.decoded(call, (body) => {
      const found = objectIn<{ readonly service_id: string; readonly region_id?: unknown }>(body, 'endpoint', { service_id: 'string' })
      const region = found.region_id ?? null
      if (region !== null && typeof region !== 'string') throw badResponse('an endpoint whose region_id is no text')
      return { service_id: found.service_id, region_id: region }
    })
  }

  async listRegisteredLimits(query: LimitQuery, options?: CallOptions): Promise<readonly RegisteredLimit[]> {
    const call = this.#get(`/registered_limits?${queryText(query)}`, options)
    return this.#rest.decoded(call, (body) =>
      listIn<RegisteredLimit>(body, 'registered_limits', { resource_name: 'string', default_limit: 'number' }),
    )
  }

  async listLimits(query: LimitQuery & { readonly project_id: string }, options?: CallOptions): Promise<readonly ProjectLimit[]> {
    const call = this.#get(`/limits?${queryText(query)}`, options)
    return this.#rest.decoded(call, (body) => listIn<ProjectLimit>(body, 'limits', { resource_name: 'string', resource_limit: 'number' }))
  }
}

/** In the SDK's order; what is null is no condition. */
function queryText({ service_id, region_id, resource_name, project_id }: LimitQuery & { readonly project_id?: string }): string {
  const conditions = Object.entries({ service_id, region_id, resource_name, project_id })
  const given = conditions.flatMap(([name, value]): [string, string][] => (value === null || value === undefined ? [] : [[name, value]]))
  return new URLSearchParams(given).toString()
}
