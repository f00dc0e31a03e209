import type { RequestContext } from '@micronova/model'
import type { CallOptions } from '../call.js'
import type { GlanceClient } from '../glance/client.js'
import type { GlanceImage, ImageChange, ImageData, NewGlanceImage } from '../glance/types.js'
import { countingUuids, FakeCalls } from './fake-calls.js'

/** Glance in memory. Like the service it needs a token only if the test says so, with `requiresToken`. */
export class FakeGlance implements GlanceClient {
  readonly calls = new FakeCalls<keyof GlanceClient>('image')
  readonly #uuid = countingUuids('60000000')
  readonly images = new Map<string, GlanceImage>()
  readonly data = new Map<string, Uint8Array>()
  requiresToken = false

  /** An image that is there already, active, with its data. */
  addImage(image: NewGlanceImage = {}, data: Uint8Array = new Uint8Array(16)): GlanceImage {
    const made = { ...this.#newImage({ disk_format: 'raw', container_format: 'bare', ...image }, null), ...uploaded(data) }
    this.images.set(made.id, made)
    this.data.set(made.id, data)
    return made
  }

  #newImage(image: NewGlanceImage, owner: string | null): GlanceImage {
    const id = image.id ?? this.#uuid()
    return {
      name: null,
      visibility: 'shared',
      owner,
      size: null,
      virtual_size: null,
      checksum: null,
      disk_format: null,
      container_format: null,
      min_ram: 0,
      min_disk: 0,
      protected: false,
      os_hidden: false,
      os_hash_algo: null,
      os_hash_value: null,
      created_at: '2026-01-01T00:00:00Z',
      updated_at: '2026-01-01T00:00:00Z',
      tags: [],
      self: `/v2/images/${id}`,
      file: `/v2/images/${id}/file`,
      schema: '/v2/schemas/image',
      ...image,
      id,
      status: 'queued',
    }
  }

  #image(ctx: RequestContext, id: string): GlanceImage {
    if (this.requiresToken && ctx.authToken === null) throw this.calls.refusal('no_credentials', 'the context has no token')
    const image = this.images.get(id)
    if (image === undefined) throw this.calls.refusal(404, `No image found with ID ${id}`)
    return image
  }

  async showImage(ctx: RequestContext, imageId: string, options?: CallOptions): Promise<GlanceImage> {
    await this.calls.begin('showImage', [imageId], options)
    return structuredClone(this.#image(ctx, imageId))
  }

  async listImages(_: RequestContext, query: Readonly<Record<string, string>>, options?: CallOptions): Promise<readonly GlanceImage[]> {
    await this.calls.begin('listImages', [query], options)
    const wanted = Object.entries(query).filter(([name]) => !['limit', 'marker', 'sort_key', 'sort_dir'].includes(name))
    return [...this.images.values()].filter((image) => wanted.every(([name, value]) => String(image[name]) === value))
  }

  async createImage(ctx: RequestContext, image: NewGlanceImage, options?: CallOptions): Promise<GlanceImage> {
    await this.calls.begin('createImage', [image], options)
    if (image.id !== undefined && this.images.has(image.id)) throw this.calls.refusal(409, `Image ID ${image.id} already exists!`)
    const made = this.#newImage(image, ctx.projectId)
    this.images.set(made.id, made)
    return structuredClone(made)
  }

  async updateImage(ctx: RequestContext, imageId: string, changes: readonly ImageChange[], options?: CallOptions): Promise<GlanceImage> {
    await this.calls.begin('updateImage', [imageId, changes], options)
    const next: Record<string, unknown> = { ...this.#image(ctx, imageId) }
    for (const change of changes) {
      const name = change.path.slice(1).replaceAll('~1', '/').replaceAll('~0', '~')
      if (readOnly.has(name)) throw this.calls.refusal(403, `Attribute '${name}' is read-only.`)
      if (change.op !== 'add' && !(name in next)) throw this.calls.refusal(409, `Property ${name} does not exist.`)
      if (change.op === 'remove') delete next[name]
      else next[name] = change.value
    }
    this.images.set(imageId, next as unknown as GlanceImage)
    return structuredClone(this.#image(ctx, imageId))
  }

  async deleteImage(ctx: RequestContext, imageId: string, options?: CallOptions): Promise<void> {
    await this.calls.begin('deleteImage', [imageId], options)
    if (this.#image(ctx, imageId).protected) throw this.calls.refusal(403, `Image ${imageId} is protected and cannot be deleted.`)
    this.images.delete(imageId)
    this.data.delete(imageId)
  }

  async downloadImage(ctx: RequestContext, imageId: string, options?: CallOptions): Promise<ImageData | null> {
    await this.calls.begin('downloadImage', [imageId], options)
    this.#image(ctx, imageId)
    const data = this.data.get(imageId)
    return data === undefined ? null : pieces(data)
  }

  /** Formats must be known before there is data, and there can be data only once. */
  async uploadImage(ctx: RequestContext, imageId: string, data: ImageData, options?: CallOptions): Promise<void> {
    await this.calls.begin('uploadImage', [imageId], options)
    const image = this.#image(ctx, imageId)
    if (image.status !== 'queued') throw this.calls.refusal(409, `Image status transition from ${image.status} to saving is not allowed`)
    if (image.disk_format === null || image.container_format === null)
      throw this.calls.refusal(400, 'Properties disk_format, container_format must be set prior to saving data.')
    const parts: Uint8Array[] = []
    for await (const part of data) parts.push(part)
    const whole = Buffer.concat(parts)
    this.data.set(imageId, whole)
    this.images.set(imageId, { ...this.#image(ctx, imageId), ...uploaded(whole) })
  }
}

const readOnly = new Set(['id', 'status', 'size', 'checksum', 'created_at', 'updated_at', 'self', 'file', 'schema'])

function uploaded(data: Uint8Array) {
  return { status: 'active', size: data.length, virtual_size: data.length, checksum: '0'.repeat(32) }
}

async function* pieces(data: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < data.length; at += 65_536) yield data.subarray(at, at + 65_536)
}
