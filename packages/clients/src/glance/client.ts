import type { RequestContext } from '@micronova/model'
import type { CallOptions } from '../call.js'
import type { GlanceImage, ImageChange, ImageData, NewGlanceImage } from './types.js'

/**
 * Glance's API v2, always with the user's token: Nova has no credentials of its own for images. A context without a token rejects
 * with `no_credentials`.
 */
export interface GlanceClient {
  showImage(ctx: RequestContext, imageId: string, options?: CallOptions): Promise<GlanceImage>
  /** All pages. */
  listImages(ctx: RequestContext, query: Readonly<Record<string, string>>, options?: CallOptions): Promise<readonly GlanceImage[]>
  /** @throws ClientError `over_quota` */
  createImage(ctx: RequestContext, image: NewGlanceImage, options?: CallOptions): Promise<GlanceImage>
  updateImage(ctx: RequestContext, imageId: string, changes: readonly ImageChange[], options?: CallOptions): Promise<GlanceImage>
  deleteImage(ctx: RequestContext, imageId: string, options?: CallOptions): Promise<void>
  /**
   * The data as it comes; null for an image without. Nothing is read ahead of the reader, and leaving the loop ends the request.
   * Rejects, in the loop, if it ends early or does not match the image's checksum.
   */
  downloadImage(ctx: RequestContext, imageId: string, options?: CallOptions): Promise<ImageData | null>
  /** Sends the data as it comes. Not tried again once a piece has been sent. */
  uploadImage(ctx: RequestContext, imageId: string, data: ImageData, options?: CallOptions): Promise<void>
}
