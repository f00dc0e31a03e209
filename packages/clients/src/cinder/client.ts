import type { RequestContext } from '@micronova/model'
import type { AuthCallOptions } from '../call.js'
import type { Attachment, Connector, NewVolume, Snapshot, Volume } from './types.js'

/** Cinder's API v3. Attachments need microversion 3.44: a service that is older rejects with `unsupported_version`. */
export interface CinderClient {
  /** Asks the service for its newest version, once. */
  isMicroversionSupported(ctx: RequestContext, microversion: string, options?: AuthCallOptions): Promise<boolean>

  /** Of microversion 3.0, unless another is given; 3.48 shows `shared_targets` and `service_uuid`. */
  getVolume(ctx: RequestContext, volumeId: string, options?: AuthCallOptions & { readonly microversion?: string }): Promise<Volume>
  /** @throws ClientError `over_quota` */
  createVolume(ctx: RequestContext, volume: NewVolume, options?: AuthCallOptions): Promise<Volume>
  deleteVolume(ctx: RequestContext, volumeId: string, options?: AuthCallOptions): Promise<void>
  getEncryptionMetadata(ctx: RequestContext, volumeId: string, options?: AuthCallOptions): Promise<Readonly<Record<string, unknown>>>

  reserveVolume(ctx: RequestContext, volumeId: string, options?: AuthCallOptions): Promise<void>
  unreserveVolume(ctx: RequestContext, volumeId: string, options?: AuthCallOptions): Promise<void>
  beginDetaching(ctx: RequestContext, volumeId: string, options?: AuthCallOptions): Promise<void>
  rollDetaching(ctx: RequestContext, volumeId: string, options?: AuthCallOptions): Promise<void>
  /** Answers with the volume that is left. */
  migrateVolumeCompletion(
    ctx: RequestContext,
    oldVolumeId: string,
    newVolumeId: string,
    error: boolean,
    options?: AuthCallOptions,
  ): Promise<string>
  /** Microversion 3.68. */
  reimageVolume(ctx: RequestContext, volumeId: string, imageId: string, reimageReserved: boolean, options?: AuthCallOptions): Promise<void>

  /** Without a connector the volume is reserved. `mountpoint` goes into the connector, where it has none. */
  createAttachment(
    ctx: RequestContext,
    attachment: {
      readonly volumeId: string
      readonly instanceUuid: string
      readonly connector?: Connector
      readonly mountpoint?: string
    },
    options?: AuthCallOptions,
  ): Promise<Attachment>
  showAttachment(ctx: RequestContext, attachmentId: string, options?: AuthCallOptions): Promise<Attachment>
  updateAttachment(
    ctx: RequestContext,
    attachmentId: string,
    changes: { readonly connector: Connector; readonly mountpoint?: string },
    options?: AuthCallOptions,
  ): Promise<Attachment>
  /** The guest has it: the volume becomes `in-use`. */
  completeAttachment(ctx: RequestContext, attachmentId: string, options?: AuthCallOptions): Promise<void>
  /** @throws ClientError `not_found` if it is gone */
  deleteAttachment(ctx: RequestContext, attachmentId: string, options?: AuthCallOptions): Promise<void>

  getSnapshot(ctx: RequestContext, snapshotId: string, options?: AuthCallOptions): Promise<Snapshot>
  /** Tells Cinder how far an assisted snapshot is; Nova's part ends at `90%`. */
  updateSnapshotStatus(ctx: RequestContext, snapshotId: string, status: string, options?: AuthCallOptions): Promise<void>
}
