import type { Connector, NewVolume, Snapshot, Volume } from '@micronova/clients'
import { novaError, type RequestContext } from '@micronova/model'
import type { ConnectionInfo } from '@micronova/virt'

export interface NewAttachment {
  readonly id: string
  readonly connection: ConnectionInfo
}

/** The volumes of users; the service behind it (Cinder, or none) is not our business. With the rights of the context. */
export interface VolumeApi {
  /** @throws NovaError `VolumeNotFound` */
  get(ctx: RequestContext, volumeId: string): Promise<Volume>
  /** Asks for a volume, which is not there at once. @throws NovaError `OverQuota`, `NotFound` */
  create(ctx: RequestContext, volume: NewVolume): Promise<Volume>
  /** @throws NovaError `VolumeNotFound`, `InvalidInput` if its state does not allow it */
  delete(ctx: RequestContext, volumeId: string): Promise<void>
  /** @throws NovaError `SnapshotNotFound` */
  getSnapshot(ctx: RequestContext, snapshotId: string): Promise<Snapshot>

  /** Keep a volume for an instance that is not connected to it yet. @returns id of the attachment @throws NovaError `VolumeNotFound` */
  reserve(ctx: RequestContext, volumeId: string, instanceUuid: string): Promise<string>
  /**
   * Keep a volume for an instance and connect this host to it. Where another host is connected to it, only this will do:
   * Cinder connects an attachment that it made before only while it is the volume's only one.
   *
   * @param device of the guest: `/dev/vdb`
   * @throws NovaError `VolumeNotFound`
   */
  attach(ctx: RequestContext, volumeId: string, instanceUuid: string, connector: Connector, device: string | null): Promise<NewAttachment>
  /**
   * Connect this host to the volume of an attachment. May be repeated.
   *
   * @param device of the guest: `/dev/vdb`
   * @throws NovaError `VolumeAttachmentNotFound`
   */
  connect(ctx: RequestContext, attachmentId: string, connector: Connector, device: string | null): Promise<ConnectionInfo>
  /** The guest has it: the volume is in use. @throws NovaError `VolumeAttachmentNotFound` */
  complete(ctx: RequestContext, attachmentId: string): Promise<void>
  /** As `connect` gave it. @throws NovaError `VolumeAttachmentNotFound` */
  connection(ctx: RequestContext, attachmentId: string): Promise<ConnectionInfo>
  /** The volume is free of this instance. @throws NovaError `VolumeAttachmentNotFound` if it was already */
  release(ctx: RequestContext, attachmentId: string): Promise<void>

  /** A detach that the API has begun does not happen: the volume is in use as before. @throws NovaError `VolumeNotFound` */
  rollDetaching(ctx: RequestContext, volumeId: string): Promise<void>
  /** Of a migration that Cinder has begun. @returns id of the volume that is left */
  completeMigration(ctx: RequestContext, oldVolumeId: string, newVolumeId: string, failed: boolean): Promise<string>
  /** Write an image over a volume, which must be reserved. @throws NovaError `VolumeNotFound` */
  reimage(ctx: RequestContext, volumeId: string, imageId: string): Promise<void>
}

/** Where there is no volume service: whatever needs one fails and says so. */
export class NoVolumes implements VolumeApi {
  get(): Promise<never> {
    return noVolumeService()
  }
  create(): Promise<never> {
    return noVolumeService()
  }
  delete(): Promise<never> {
    return noVolumeService()
  }
  getSnapshot(): Promise<never> {
    return noVolumeService()
  }
  reserve(): Promise<never> {
    return noVolumeService()
  }
  attach(): Promise<never> {
    return noVolumeService()
  }
  connect(): Promise<never> {
    return noVolumeService()
  }
  complete(): Promise<never> {
    return noVolumeService()
  }
  connection(): Promise<never> {
    return noVolumeService()
  }
  release(): Promise<never> {
    return noVolumeService()
  }
  rollDetaching(): Promise<never> {
    return noVolumeService()
  }
  completeMigration(): Promise<never> {
    return noVolumeService()
  }
  reimage(): Promise<never> {
    return noVolumeService()
  }
}

async function noVolumeService(): Promise<never> {
  throw novaError('NovaException', {}, 'This host has no volume service.')
}
