const prefix = 'image_'
/** What an image made of the instance inherits outside its properties. */
const inheritable: readonly string[] = ['min_ram', 'min_disk', 'disk_format', 'container_format']
const tooLarge: readonly string[] = ['mappings', 'block_device_mapping', 'img_mappings', 'img_block_device_mapping']

/** An image as an instance remembers it. */
export interface RememberedImage {
  readonly min_ram?: string
  readonly min_disk?: string
  readonly disk_format?: string
  readonly container_format?: string
  readonly properties: Readonly<Record<string, string>>
}

/**
 * The image that an instance was made of, by its system metadata: no image service is asked, and the image may be gone.
 *
 * @see nova 26.2.2, `utils.py`, `get_image_from_system_metadata`
 */
export function rememberedImage(metadata: Readonly<Record<string, string | null>>): RememberedImage {
  const remembered = Object.entries(metadata).flatMap(([key, value]): [string, string][] => {
    const name = key.startsWith(prefix) ? key.slice(prefix.length) : key
    return value === null || tooLarge.includes(name) ? [] : [[name, value]]
  })
  const own = remembered.filter(([name]) => inheritable.includes(name))
  const properties = Object.fromEntries(remembered.filter(([name]) => !inheritable.includes(name)))
  return { ...Object.fromEntries(own), properties }
}
