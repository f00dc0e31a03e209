/** An image as Glance's API v2 shows it; fields that are not named here are the image's properties. */
export interface GlanceImage {
  readonly id: string
  readonly name: string | null
  /** `queued`, `saving`, `active`, `deleted`, `deactivated`, `importing` ... */
  readonly status: string
  readonly visibility: string
  readonly owner: string | null
  readonly size: number | null
  readonly virtual_size?: number | null
  readonly checksum: string | null
  readonly disk_format: string | null
  readonly container_format: string | null
  readonly min_ram: number
  readonly min_disk: number
  readonly protected: boolean
  readonly created_at: string
  readonly updated_at: string
  readonly tags: readonly string[]
  readonly [property: string]: unknown
}

/** What may be said of an image when it is made; other fields become its properties. */
export interface NewGlanceImage {
  readonly id?: string
  readonly name?: string
  readonly visibility?: string
  readonly owner?: string
  readonly disk_format?: string
  readonly container_format?: string
  readonly min_ram?: number
  readonly min_disk?: number
  readonly protected?: boolean
  readonly tags?: readonly string[]
  readonly [property: string]: unknown
}

/** One change of an image, JSON patch in Glance's dialect. */
export type ImageChange =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }

/** Image data, piece by piece. */
export type ImageData = AsyncIterable<Uint8Array>

/** An image as Nova hands it around, in the image_meta argument of its RPC too. @see nova 26.2.2, `image/glance.py`, `_translate_from_glance` */
export interface ImageMeta {
  id: string
  name: string | null
  status: string
  owner: string | null
  size: number
  checksum: string | null
  disk_format: string | null
  container_format: string | null
  min_ram: number
  min_disk: number
  is_public: boolean
  deleted: boolean
  /** As it goes over RPC: `2026-11-22T11:54:54.000000`. */
  created_at: string | null
  updated_at: string | null
  deleted_at: string | null
  properties: Record<string, unknown>
  /** `os_hidden`, `os_hash_algo`, `os_hash_value`. */
  [field: string]: unknown
}
