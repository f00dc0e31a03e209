import { pythonJson } from '@micronova/model'
import type { GlanceImage, ImageMeta, NewGlanceImage } from './types.js'

/** Fields of every image; what else there is are properties. @see glance 25.1.0, `api/v2/images.py`, `get_base_properties` */
const baseFields = new Set([
  'id',
  'name',
  'status',
  'visibility',
  'protected',
  'os_hidden',
  'checksum',
  'os_hash_algo',
  'os_hash_value',
  'owner',
  'size',
  'virtual_size',
  'container_format',
  'disk_format',
  'created_at',
  'updated_at',
  'tags',
  'direct_url',
  'min_ram',
  'min_disk',
  'self',
  'file',
  'stores',
  'schema',
  'locations',
])

/** Not handed around in Nova. */
const omitted = new Set(['self', 'schema', 'protected', 'virtual_size', 'file', 'tags', 'direct_url', 'locations', 'visibility'])

/** Properties that hold JSON as text. */
const jsonProperties = ['block_device_mapping', 'mappings']

/**
 * An image as Nova hands it around.
 *
 * @throws SyntaxError if `block_device_mapping` or `mappings` is no JSON
 * @see nova 26.2.2, `image/glance.py`, `_translate_from_glance`
 */
export function translateFromGlance(image: GlanceImage): ImageMeta {
  const entries = Object.entries(image)
  const properties = Object.fromEntries(entries.filter(([name]) => !baseFields.has(name)))
  for (const name of jsonProperties) {
    const value = properties[name]
    if (typeof value === 'string') properties[name] = JSON.parse(value)
  }
  return {
    deleted: false,
    deleted_at: null,
    ...Object.fromEntries(entries.filter(([name]) => baseFields.has(name) && !omitted.has(name))),
    id: image.id,
    name: image.name ?? null,
    status: image.status,
    owner: image.owner ?? null,
    size: image.size ?? 0,
    checksum: image.checksum ?? null,
    disk_format: image.disk_format ?? null,
    container_format: image.container_format ?? null,
    min_ram: image.min_ram ?? 0,
    min_disk: image.min_disk ?? 0,
    is_public: image.visibility === 'public',
    created_at: timeOverRpc(image.created_at),
    updated_at: timeOverRpc(image.updated_at),
    properties,
  }
}

/** `2026-11-22T11:54:54Z` to `2026-11-22T11:54:54.000000`. */
function timeOverRpc(time: unknown): string | null {
  return typeof time === 'string' ? time.replace(/(\.\d+)?Z$/, (_, fraction: string | undefined) => (fraction ?? '.').padEnd(7, '0')) : null
}

/** What of Nova's dict is written: without what only Glance sets. */
const readOnly = new Set(['id', 'status', 'updated_at', 'created_at', 'deleted_at', 'deleted', 'size', 'properties', 'is_public'])

/**
 * The fields of a new image, or of a change of one, from Nova's dict. `id` is kept where it is given.
 *
 * @see nova 26.2.2, `image/glance.py`, `_translate_to_glance`
 */
export function translateToGlance(meta: Partial<ImageMeta>): NewGlanceImage {
  const { id, is_public: isPublic, properties = {} } = meta
  const plain = Object.entries(meta).filter(([name, value]) => !readOnly.has(name) && value !== undefined)
  const custom = Object.entries(properties).filter(([name, value]) => !isUnset(name, value))
  return {
    ...(id !== undefined && { id }),
    ...Object.fromEntries(plain.map(([name, value]) => [name, /^min_(ram|disk)$/.test(name) ? Number(value) : value])),
    ...(isPublic !== undefined && { visibility: isPublic ? 'public' : 'private' }),
    ...Object.fromEntries(custom.map(([name, value]) => [name, propertyText(name, value)])),
  }
}

/** A Glance that allows no additional properties must not be sent these without need. */
function isUnset(name: string, value: unknown): boolean {
  return ['kernel_id', 'ramdisk_id'].includes(name) && typeof value === 'string' && ['none', ''].includes(value.trim().toLowerCase())
}

/** Glance takes texts and null alone; the others become what Python would write. */
function propertyText(name: string, value: unknown): string | null {
  if (value === null || typeof value === 'string') return value
  if (jsonProperties.includes(name) || typeof value === 'object') return pythonJson(value)
  return typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value)
}
