import { KeyPair, type KeyPairStore, novaError, type RequestContext } from '@micronova/model'
import { isDatabaseError } from '../errors.js'
import type { StoredRow } from '../rows.js'
import { keyPairs } from '../schema/api-tables.js'
import { columnValues, objectOf } from '../stores/object-rows.js'
import type { ApiStoreDeps } from './deps.js'

/** SSH keys of users. */
export class DatabaseKeyPairStore implements KeyPairStore {
  readonly #deps: ApiStoreDeps

  constructor(deps: ApiStoreDeps) {
    this.#deps = deps
  }

  async getByName(_ctx: RequestContext, userId: string, name: string): Promise<KeyPair> {
    const row = await this.#deps.database.read((rows) => rows.first(keyPairs, { user_id: userId, name }))
    if (row === undefined) throw novaError('KeypairNotFound', { user_id: userId, name })
    return keyPairOf(row)
  }

  listByUser(
    _ctx: RequestContext,
    userId: string,
    { limit = null, marker = null }: { readonly limit?: number | null; readonly marker?: string | null } = {},
  ): Promise<KeyPair[]> {
    return this.#deps.database.read(async (rows) => {
      let query = rows.select(keyPairs, { user_id: userId }).orderBy('name').orderBy('id')
      if (marker !== null) {
        if ((await rows.first(keyPairs, { user_id: userId, name: marker })) === undefined) throw novaError('MarkerNotFound', { marker })
        query = query.where('name', '>', marker)
      }
      if (limit !== null) query = query.limit(limit)
      return (await query.execute()).map(keyPairOf)
    })
  }

  countByUser(_ctx: RequestContext, userId: string): Promise<number> {
    return this.#deps.database.read((rows) => rows.count(keyPairs, { user_id: userId }))
  }

  async create(_ctx: RequestContext, keyPair: KeyPair): Promise<void> {
    if (keyPair.objIsSet('id')) throw novaError('ObjectActionError', { action: 'create', reason: 'already created' })
    const values = columnValues(keyPairs, keyPair.objGetChanges())
    const row = await this.#deps.database
      .write(async (rows) => {
        const id = await rows.insert(keyPairs, values)
        return rows.select(keyPairs, { id }).executeTakeFirstOrThrow()
      })
      .catch((err) => {
        throw isDatabaseError(err, 'unique_violation') ? novaError('KeyPairExists', { key_name: values.name }, { cause: err }) : err
      })
    keyPair.objSetStored(keyPairOf(row).objGetSet())
    keyPair.objResetChanges()
  }

  async destroy(_ctx: RequestContext, userId: string, name: string): Promise<void> {
    const count = await this.#deps.database.write((rows) => rows.delete(keyPairs, { user_id: userId, name }))
    if (count === 0) throw novaError('KeypairNotFound', { user_id: userId, name })
  }
}

function keyPairOf(row: StoredRow<typeof keyPairs>): KeyPair {
  return objectOf(KeyPair, row, { deleted: false, deleted_at: null })
}
