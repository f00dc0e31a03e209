import { novaError, type RequestContext, Tag, TagList, type TagStore } from '@micronova/model'
import type { Rows } from '../rows.js'
import { instances, tags } from '../schema/cell-tables.js'
import type { StoreDeps } from './deps.js'
import { owned } from './visibility.js'

/** Words that users gave to instances. */
export class DatabaseTagStore implements TagStore {
  readonly #deps: StoreDeps

  constructor(deps: StoreDeps) {
    this.#deps = deps
  }

  listByResource(ctx: RequestContext, resourceId: string): Promise<TagList> {
    return this.#deps.database.read(async (rows) => {
      await ensureInstance(rows, ctx, resourceId)
      return tagsOf(rows, resourceId)
    })
  }

  replace(ctx: RequestContext, resourceId: string, wanted: readonly string[]): Promise<TagList> {
    return this.#deps.database.write(async (rows) => {
      await ensureInstance(rows, ctx, resourceId)
      const present = (await rows.select(tags, { resource_id: resourceId }).execute()).map(({ tag }) => tag)
      const gone = present.filter((tag) => !wanted.includes(tag))
      if (gone.length > 0) await rows.delete(tags, { resource_id: resourceId, tag: gone })
      const added = [...new Set(wanted)].filter((tag) => !present.includes(tag))
      await rows.insertAll(
        tags,
        added.map((tag) => ({ resource_id: resourceId, tag })),
      )
      return tagsOf(rows, resourceId)
    })
  }

  async destroyAll(ctx: RequestContext, resourceId: string): Promise<void> {
    await this.#deps.database.write(async (rows) => {
      await ensureInstance(rows, ctx, resourceId)
      await rows.delete(tags, { resource_id: resourceId })
    })
  }
}

async function tagsOf(rows: Rows, resourceId: string): Promise<TagList> {
  const found = await rows.select(tags, { resource_id: resourceId }).execute()
  return TagList.objStored({ objects: found.map(({ resource_id, tag }) => Tag.objStored({ resource_id, tag })) })
}

/** Of the project of the request, for a user. */
async function ensureInstance(rows: Rows, ctx: RequestContext, uuid: string): Promise<void> {
  const found = await rows.selectColumns(instances, ['uuid'], { uuid, deleted: 0, ...owned(ctx) }).executeTakeFirst()
  if (found === undefined) throw novaError('InstanceNotFound', { instance_id: uuid })
}
