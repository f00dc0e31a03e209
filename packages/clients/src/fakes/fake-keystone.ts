import type { CallOptions } from '../call.js'
import type { KeystoneClient, LimitQuery, ProjectLimit, RegisteredLimit, ServiceEndpoint } from '../keystone/client.js'
import { FakeCalls } from './fake-calls.js'

/** Keystone's limits in memory, of one service in one region. */
export class FakeKeystone implements KeystoneClient {
  readonly calls = new FakeCalls<keyof KeystoneClient>('identity')
  readonly endpoint: ServiceEndpoint = { service_id: 'service-1', region_id: 'RegionOne' }
  model = 'flat'
  /** Resource to what every project may have of it. */
  readonly registered = new Map<string, number>()
  /** Project to resource to what this project may have of it. */
  readonly ofProjects = new Map<string, ReadonlyMap<string, number>>()

  async enforcementModel(options?: CallOptions): Promise<string> {
    await this.calls.begin('enforcementModel', [], options)
    return this.model
  }

  async limitedEndpoint(options?: CallOptions): Promise<ServiceEndpoint> {
    await this.calls.begin('limitedEndpoint', [], options)
    return this.endpoint
  }

  async listRegisteredLimits(query: LimitQuery, options?: CallOptions): Promise<readonly RegisteredLimit[]> {
    await this.calls.begin('listRegisteredLimits', [query], options)
    const limit = this.#isAsked(query) ? this.registered.get(query.resource_name) : undefined
    return limit === undefined ? [] : [{ resource_name: query.resource_name, default_limit: limit }]
  }

  async listLimits(query: LimitQuery & { readonly project_id: string }, options?: CallOptions): Promise<readonly ProjectLimit[]> {
    await this.calls.begin('listLimits', [query], options)
    const limit = this.#isAsked(query) ? this.ofProjects.get(query.project_id)?.get(query.resource_name) : undefined
    return limit === undefined ? [] : [{ resource_name: query.resource_name, resource_limit: limit }]
  }

  #isAsked({ service_id, region_id }: LimitQuery): boolean {
    return service_id === this.endpoint.service_id && (region_id === null || region_id === this.endpoint.region_id)
  }
}
