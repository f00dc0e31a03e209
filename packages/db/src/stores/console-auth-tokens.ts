import { createHash } from 'node:crypto'
import { ConsoleAuthToken, type ConsoleAuthTokenStore, novaError, type RequestContext } from '@micronova/model'
import { consoleAuthTokens, instances } from '../schema/cell-tables.js'
import type { StoreDeps } from './deps.js'
import { columnValues, fieldValues } from './object-rows.js'
import { owned } from './visibility.js'

/** Permits to look at consoles, kept by a hash until they expire. */
export class DatabaseConsoleAuthTokenStore implements ConsoleAuthTokenStore {
  readonly #deps: StoreDeps

  constructor(deps: StoreDeps) {
    this.#deps = deps
  }

  /**
   * Give `token` its secret and record it for `ttlSeconds`. The console proxy finds the row by the secret's hash.
   *
   * @returns the secret, which is nowhere else
   * @throws NovaError `InstanceNotFound`, also if the instance belongs to another project
   */
  async authorize(ctx: RequestContext, token: ConsoleAuthToken, ttlSeconds: number): Promise<string> {
    if (token.objIsSet('id')) throw novaError('ObjectActionError', { action: 'authorize', reason: 'must be a new object to authorize' })
    const secret = this.#deps.random.uuid()
    const { instance_uuid } = token
    const values = {
      ...columnValues(consoleAuthTokens, token.objGetChanges()),
      token_hash: createHash('sha256').update(secret).digest('hex'),
      expires: this.#nowSeconds() + ttlSeconds,
    }
    const row = await this.#deps.database.write(async (rows) => {
      const instance = await rows.first(instances, { uuid: instance_uuid, deleted: 0, ...owned(ctx) })
      if (instance === undefined) throw novaError('InstanceNotFound', { instance_id: instance_uuid })
      const id = await rows.insert(consoleAuthTokens, values)
      return rows.select(consoleAuthTokens, { id }).executeTakeFirstOrThrow()
    })
    token.objSetStored(fieldValues(ConsoleAuthToken.fields, row, { token: secret }))
    token.objResetChanges()
    return secret
  }

  async cleanForInstance(_ctx: RequestContext, instanceUuid: string): Promise<void> {
    await this.#deps.database.write((rows) => rows.delete(consoleAuthTokens, { instance_uuid: instanceUuid }))
  }

  async cleanExpiredForHost(_ctx: RequestContext, host: string): Promise<void> {
    await this.#deps.database.write((rows) =>
      rows.db.deleteFrom('console_auth_tokens').where('host', '=', host).where('expires', '<=', this.#nowSeconds()).execute(),
    )
  }

  /** Of all hosts: every Python nova-compute does this for the others too. */
  async cleanExpired(_ctx: RequestContext): Promise<void> {
    await this.#deps.database.write((rows) =>
      rows.db.deleteFrom('console_auth_tokens').where('expires', '<=', this.#nowSeconds()).execute(),
    )
  }

  #nowSeconds(): number {
    return Math.floor(this.#deps.clock.now() / 1000)
  }
}
