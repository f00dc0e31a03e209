import { novaError, type QuotaLimitStore, type RequestContext } from '@micronova/model'
import { isDatabaseError } from '../errors.js'
import type { Rows } from '../rows.js'
import { projectUserQuotas, quotaClasses, quotas } from '../schema/api-tables.js'
import type { ApiStoreDeps } from './deps.js'

type Limits = Readonly<Record<string, number | null>>

/** Nova's resources of which no limit of a single user is kept. @see nova 26.2.2, `db/main/api.py`, `quota_get_per_project_resources` */
const perProjectResources: ReadonlySet<string> = new Set(['fixed_ips', 'floating_ips', 'networks'])

/** Limits that were set for projects, users and the class `default`. */
export class DatabaseQuotaLimitStore implements QuotaLimitStore {
  readonly #deps: ApiStoreDeps

  constructor(deps: ApiStoreDeps) {
    this.#deps = deps
  }

  limitsOfProject(_ctx: RequestContext, projectId: string): Promise<Limits> {
    return this.#limits((rows) => rows.select(quotas, { project_id: projectId }).execute())
  }

  limitsOfUser(_ctx: RequestContext, projectId: string, userId: string): Promise<Limits> {
    return this.#limits((rows) => rows.select(projectUserQuotas, { project_id: projectId, user_id: userId }).execute())
  }

  limitsOfClass(_ctx: RequestContext, className: string): Promise<Limits> {
    return this.#limits((rows) => rows.select(quotaClasses, { class_name: className }).execute())
  }

  async createLimit(_ctx: RequestContext, projectId: string, resource: string, limit: number, userId: string | null = null): Promise<void> {
    const values = { project_id: projectId, resource, hard_limit: limit }
    const user = ownUser(resource, userId)
    await this.#deps.database
      .write((rows) => (user === null ? rows.insert(quotas, values) : rows.insert(projectUserQuotas, { ...values, user_id: user })))
      .catch((err) => {
        throw isDatabaseError(err, 'unique_violation') ? novaError('QuotaExists', { project_id: projectId, resource }, { cause: err }) : err
      })
  }

  async updateLimit(_ctx: RequestContext, projectId: string, resource: string, limit: number, userId: string | null = null): Promise<void> {
    const where = { project_id: projectId, resource }
    const user = ownUser(resource, userId)
    const count = await this.#deps.database.write((rows) =>
      user === null
        ? rows.update(quotas, where, { hard_limit: limit })
        : rows.update(projectUserQuotas, { ...where, user_id: user }, { hard_limit: limit }),
    )
    if (count > 0) return
    throw user === null
      ? novaError('ProjectQuotaNotFound', { project_id: projectId })
      : novaError('ProjectUserQuotaNotFound', { project_id: projectId, user_id: user })
  }

  async #limits(
    query: (rows: Rows) => Promise<readonly { readonly resource: string | null; readonly hard_limit: number | null }[]>,
  ): Promise<Limits> {
    const rows = await this.#deps.database.read(query)
    return Object.fromEntries(rows.map(({ resource, hard_limit }) => [resource ?? '', hard_limit]))
  }
}

function ownUser(resource: string, userId: string | null): string | null {
  return userId === null || userId === '' || perProjectResources.has(resource) ? null : userId
}
