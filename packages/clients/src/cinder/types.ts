/** Names are Cinder's on the wire. An answer keeps the fields that are not named here. */
export interface Volume {
  readonly id: string
  /** `available`, `reserved`, `attaching`, `in-use`, `detaching`, `error` ... */
  readonly status: string
  /** GiB */
  readonly size: number
  readonly name: string | null
  readonly description: string | null
  readonly availability_zone: string
  readonly created_at: string
  readonly multiattach?: boolean
  readonly attachments: readonly { readonly server_id: string; readonly attachment_id?: string; readonly device?: string | null }[]
  readonly volume_type: string | null
  readonly snapshot_id: string | null
  /** `true` or `false`, as text. */
  readonly bootable: string
  readonly metadata: Readonly<Record<string, string>>
  readonly volume_image_metadata?: Readonly<Record<string, string>>
  /** From microversion 3.48. */
  readonly shared_targets?: boolean | null
  readonly service_uuid?: string | null
  readonly migration_status?: string | null
  readonly encrypted?: boolean
  readonly [field: string]: unknown
}

export interface NewVolume {
  /** GiB */
  readonly size: number
  readonly name?: string
  readonly description?: string
  readonly snapshot_id?: string
  readonly imageRef?: string
  readonly volume_type?: string
  readonly availability_zone?: string
  readonly metadata?: Readonly<Record<string, string>>
}

/** What a host says of itself so that a volume can be connected to it: `host`, `ip`, `initiator`, `mountpoint` ... */
export type Connector = Readonly<Record<string, unknown>>

/** How a volume is reached: `driver_volume_type` and the rest, flat, as Cinder has it from 3.27. */
export type ConnectionInfo = Readonly<Record<string, unknown>>

export interface Attachment {
  readonly id: string
  readonly status: string
  readonly volume_id?: string
  readonly instance: string | null
  readonly attached_at?: string | null
  readonly detached_at?: string | null
  readonly attach_mode?: string | null
  /** Empty until the attachment has a connector. */
  readonly connection_info?: ConnectionInfo | null
  readonly [field: string]: unknown
}

export interface Snapshot {
  readonly id: string
  readonly status: string
  /** `90%` */
  readonly progress?: string
  /** GiB */
  readonly size: number
  readonly created_at: string
  readonly name: string | null
  readonly description: string | null
  readonly volume_id: string
  readonly [field: string]: unknown
}
