import { novaError, type RequestContext } from '@micronova/model'
import type { ImageDescription } from '@micronova/virt'

/** The images of users; the service behind it (Glance, or none) is not our business. Always with the user's own rights. */
export interface ImageApi {
  /** As Nova's services hand it around. @throws NovaError `ImageNotFound`, `ImageNotAuthorized` */
  get(ctx: RequestContext, imageId: string): Promise<ImageDescription>
  /** Those with all of these properties, the newest first. */
  listByProperties(ctx: RequestContext, properties: Readonly<Record<string, string>>): Promise<readonly { readonly id: string }[]>
  /** @throws NovaError `ImageNotFound`, `ImageNotAuthorized`, `ImageDeleteConflict` */
  delete(ctx: RequestContext, imageId: string): Promise<void>
}

/** Where there is no image service: whatever needs one fails and says so. */
export class NoImages implements ImageApi {
  get(): Promise<never> {
    return noImageService()
  }
  listByProperties(): Promise<never> {
    return noImageService()
  }
  delete(): Promise<never> {
    return noImageService()
  }
}

async function noImageService(): Promise<never> {
  throw novaError('NovaException', {}, 'This host has no image service.')
}
