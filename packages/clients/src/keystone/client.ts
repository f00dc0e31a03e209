import type { CallOptions } from '../call.js'

/** Of a service: whose limits are asked for. Names are Keystone's on the wire. */
export interface ServiceEndpoint {
  readonly service_id: string
  readonly region_id: string | null
}

/** What every project may have of a resource unless it has a limit of its own. */
export interface RegisteredLimit {
  readonly resource_name: string
  readonly default_limit: number
}

export interface ProjectLimit {
  readonly resource_name: string
  readonly resource_limit: number
}

/** Of a service in a region, for one resource. Without a region: of whichever region. */
export interface LimitQuery extends ServiceEndpoint {
  readonly resource_name: string
}

/**
 * Keystone's unified limits, with the rights of `[oslo_limit]`.
 *
 * @see oslo.limit 2.0.1, `limit.py`
 */
export interface KeystoneClient {
  /** How limits of parents and children relate: `flat`, `strict_two_level`. */
  enforcementModel(options?: CallOptions): Promise<string>
  /** That of `[oslo_limit] endpoint_id`. @throws ClientError `not_found` */
  limitedEndpoint(options?: CallOptions): Promise<ServiceEndpoint>
  listRegisteredLimits(query: LimitQuery, options?: CallOptions): Promise<readonly RegisteredLimit[]>
  listLimits(query: LimitQuery & { readonly project_id: string }, options?: CallOptions): Promise<readonly ProjectLimit[]>
}
