import type { Instance } from '@micronova/model'
import type { ImageDescription } from '@micronova/virt'

const prefix = 'image_'
/** What an image made of the instance inherits outside its properties. */
const inheritable: readonly string[] = ['min_ram', 'min_disk', 'disk_format', 'container_format']
const tooLarge: readonly string[] = ['mappings', 'block_device_mapping', 'img_mappings', 'img_block_device_mapping']

/**
 * The image as the instance remembers it since it was made of it: no image service is asked, and the image may be gone.
 * @see nova 26.2.2, `utils.py`, `get_image_from_system_metadata`
 */
export function imageOfInstance({ system_metadata: metadata, image_ref: id }: Instance): ImageDescription {
  const remembered = Object.entries(metadata).flatMap(([key, value]): [string, string][] => {
    const name = key.startsWith(prefix) ? key.slice(prefix.length) : key
    return value === null || tooLarge.includes(name) ? [] : [[name, value]]
  })
  const own = remembered.filter(([name]) => inheritable.includes(name))
  const properties = Object.fromEntries(remembered.filter(([name]) => !inheritable.includes(name)))
  return { ...(id ? { id } : {}), ...Object.fromEntries(own), properties }
}
