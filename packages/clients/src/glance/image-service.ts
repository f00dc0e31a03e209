import type { RequestContext } from '@micronova/model'
import type { CallOptions } from '../call.js'
import type { GlanceClient } from './client.js'
import { translateFromGlance, translateToGlance } from './translate.js'
import type { ImageChange, ImageData, ImageMeta } from './types.js'

/**
 * Images as Nova's drivers and managers use them, over a GlanceClient. Errors are the client's.
 *
 * @see nova 26.2.2, `image/glance.py`, `GlanceImageServiceV2`
 */
export class ImageService {
  readonly #glance: GlanceClient

  constructor(glance: GlanceClient) {
    this.#glance = glance
  }

  async show(ctx: RequestContext, imageId: string, options?: CallOptions): Promise<ImageMeta> {
    return translateFromGlance(await this.#glance.showImage(ctx, imageId, options))
  }

  /** With `data` the image is active afterwards; without it stays queued. */
  async create(ctx: RequestContext, meta: Partial<ImageMeta>, data: ImageData | null, options?: CallOptions): Promise<ImageMeta> {
    const image = await this.#glance.createImage(ctx, translateToGlance(meta), options)
    if (data === null) return translateFromGlance(image)
    await this.#glance.uploadImage(ctx, image.id, data, options)
    return this.show(ctx, image.id, options)
  }

  /**
   * Changes what `meta` names. `purgeProperties` removes the properties that it does not name; an upload of a snapshot does not.
   */
  async update(
    ctx: RequestContext,
    imageId: string,
    meta: Partial<ImageMeta>,
    data: ImageData | null,
    options: CallOptions & { readonly purgeProperties?: boolean } = {},
  ): Promise<ImageMeta> {
    const { id: _, ...wanted } = translateToGlance(meta)
    const current = await this.#glance.showImage(ctx, imageId, options)
    const changes = changesTo(current, wanted)
    const purged = options.purgeProperties === true ? removals(Object.keys(translateFromGlance(current).properties), wanted) : []
    const all = [...changes, ...purged]
    const image = all.length === 0 ? current : await this.#glance.updateImage(ctx, imageId, all, options)
    if (data === null) return translateFromGlance(image)
    await this.#glance.uploadImage(ctx, imageId, data, options)
    return this.show(ctx, imageId, options)
  }

  async delete(ctx: RequestContext, imageId: string, options?: CallOptions): Promise<void> {
    await this.#glance.deleteImage(ctx, imageId, options)
  }

  /** null for an image without data. */
  async download(ctx: RequestContext, imageId: string, options?: CallOptions): Promise<ImageData | null> {
    return this.#glance.downloadImage(ctx, imageId, options)
  }
}

/** What is as it should be is not sent. */
function changesTo(current: Readonly<Record<string, unknown>>, wanted: Readonly<Record<string, unknown>>): ImageChange[] {
  return Object.entries(wanted)
    .filter(([name, value]) => !(name in current) || current[name] !== value)
    .map(([name, value]) => ({ op: name in current ? 'replace' : 'add', path: pointer(name), value }))
}

function removals(names: readonly string[], wanted: Readonly<Record<string, unknown>>): ImageChange[] {
  return names.filter((name) => !(name in wanted)).map((name) => ({ op: 'remove', path: pointer(name) }))
}

/** A name in a JSON pointer. */
function pointer(name: string): string {
  return `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
}
