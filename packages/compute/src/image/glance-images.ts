import { type GlanceClient, type GlanceImage, isClientError } from '@micronova/clients'
import { novaError, type RequestContext } from '@micronova/model'
import type { ImageDescription } from '@micronova/virt'
import type { ImageApi } from './image-api.js'

/** Fields of Glance that stand beside an image's properties in Nova's description. Of the others those are its properties that are not dropped. */
const baseFields: readonly string[] = [
  'checksum',
  'container_format',
  'created_at',
  'disk_format',
  'id',
  'min_disk',
  'min_ram',
  'name',
  'os_hash_algo',
  'os_hash_value',
  'os_hidden',
  'owner',
  'size',
  'status',
  'updated_at',
]
const droppedFields: readonly string[] = [
  'self',
  'schema',
  'protected',
  'virtual_size',
  'file',
  'tags',
  'direct_url',
  'locations',
  'visibility',
]

/** Properties that Glance keeps as JSON text. */
const jsonProperties: readonly string[] = ['block_device_mapping', 'mappings']

/** Images in Glance. @see nova 26.2.2, `image/glance.py` */
export class GlanceImages implements ImageApi {
  readonly #glance: GlanceClient

  constructor(glance: GlanceClient) {
    this.#glance = glance
  }

  async get(ctx: RequestContext, imageId: string): Promise<ImageDescription> {
    try {
      return imageDescription(await this.#glance.showImage(ctx, imageId))
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

/** An image in Nova's words. @see nova 26.2.2, `image/glance.py`, `_extract_attributes_v2` */
export function imageDescription(image: GlanceImage): ImageDescription {
  const entries = Object.entries(image).filter(([name]) => !droppedFields.includes(name))
  const base = entries.filter(([name]) => baseFields.includes(name))
  const properties = entries.filter(([name]) => !baseFields.includes(name))
  return {
    ...Object.fromEntries(base),
    size: image.size ?? 0,
    is_public: image.visibility === 'public',
    deleted: false,
    deleted_at: null,
    properties: Object.fromEntries(properties.map(([name, value]) => [name, jsonProperties.includes(name) ? parsed(value) : value])),
  }
}

function parsed(value: unknown): unknown {
  return typeof value === 'string' ? JSON.parse(value) : value
}
