import { type GlanceClient, isClientError, translateFromGlance } from '@micronova/clients'
import { novaError, type RequestContext } from '@micronova/model'
import type { ImageDescription } from '@micronova/virt'
import type { ImageApi } from './image-api.js'

/** Images in Glance. @see nova 26.2.2, `image/glance.py` */
export class GlanceImages implements ImageApi {
  readonly #glance: GlanceClient

  constructor(glance: GlanceClient) {
    this.#glance = glance
  }

  async get(ctx: RequestContext, imageId: string): Promise<ImageDescription> {
    try {
      return translateFromGlance(await this.#glance.showImage(ctx, imageId))
    } catch (err) {
      throw novaErrorOf(err, imageId)
    }
  }

  listByProperties(ctx: RequestContext, properties: Readonly<Record<string, string>>): Promise<readonly { readonly id: string }[]> {
    return this.#glance.listImages(ctx, { ...properties, sort_key: 'created_at', sort_dir: 'desc' })
  }

  async delete(ctx: RequestContext, imageId: string): Promise<void> {
    try {
      await this.#glance.deleteImage(ctx, imageId)
    } catch (err) {
      if (isClientError(err, 'conflict')) throw novaError('ImageDeleteConflict', { reason: err.message }, { cause: err })
      throw novaErrorOf(err, imageId)
    }
  }
}

function novaErrorOf(cause: unknown, imageId: string): unknown {
  if (isClientError(cause, 'not_found')) return novaError('ImageNotFound', { image_id: imageId }, { cause })
  if (isClientError(cause, 'forbidden', 'unauthorized', 'no_credentials'))
    return novaError('ImageNotAuthorized', { image_id: imageId }, { cause })
  if (isClientError(cause, 'bad_request')) return novaError('ImageBadRequest', { image_id: imageId, response: cause.message }, { cause })
  return cause
}
