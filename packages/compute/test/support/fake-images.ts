import { novaError, type RequestContext } from '@micronova/model'
import type { ImageDescription } from '@micronova/virt'
import type { ImageApi } from '../../src/image/image-api.js'

/** Images in memory, the newest last. */
export class FakeImages implements ImageApi {
  readonly images = new Map<string, ImageDescription>()
  /** What was asked, in order: `get ID`, `delete ID`. */
  readonly asked: string[] = []
  /** Makes a call reject with what it returns. */
  fail: (asked: string) => Error | undefined = () => undefined

  put(id: string, properties: Readonly<Record<string, unknown>> = {}): void {
    this.images.set(id, { id, name: id, status: 'queued', properties })
  }

  async get(_ctx: RequestContext, imageId: string): Promise<ImageDescription> {
    return this.#image('get', imageId)
  }

  async listByProperties(_ctx: RequestContext, wanted: Readonly<Record<string, string>>): Promise<readonly { readonly id: string }[]> {
    const matches = ({ properties }: ImageDescription) =>
      Object.entries(wanted).every(([name, value]) => (properties as Readonly<Record<string, unknown>>)[name] === value)
    return [...this.images]
      .filter(([, image]) => matches(image))
      .map(([id]) => ({ id }))
      .reverse()
  }

  async delete(_ctx: RequestContext, imageId: string): Promise<void> {
    this.#image('delete', imageId)
    this.images.delete(imageId)
  }

  #image(verb: string, imageId: string): ImageDescription {
    this.asked.push(`${verb} ${imageId}`)
    const failure = this.fail(`${verb} ${imageId}`)
    if (failure !== undefined) throw failure
    const image = this.images.get(imageId)
    if (image === undefined) throw novaError('ImageNotFound', { image_id: imageId })
    return image
  }
}
