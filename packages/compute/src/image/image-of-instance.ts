import { type Instance, rememberedImage } from '@micronova/model'
import type { ImageDescription } from '@micronova/virt'

/** The image as the instance remembers it since it was made of it. */
export function imageOfInstance({ system_metadata: metadata, image_ref: id }: Instance): ImageDescription {
  return { ...(id ? { id } : {}), ...rememberedImage(metadata) }
}
