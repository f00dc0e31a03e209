import {
  type Attachment,
  type CinderClient,
  type Connector,
  isClientError,
  type NewVolume,
  type Snapshot,
  type Volume,
} from '@micronova/clients'
import { type NovaErrorKind, novaError, type RequestContext } from '@micronova/model'
import type { ConnectionInfo } from '@micronova/virt'
import type { NewAttachment, VolumeApi } from './volume-api.js'

/** From this one on a volume shows whether its targets are shared. */
const sharedTargets = '3.48'

/** Volumes in Cinder. @see nova 26.2.2, `volume/cinder.py` */
export class CinderVolumes implements VolumeApi {
  readonly #cinder: CinderClient

  constructor(cinder: CinderClient) {
    this.#cinder = cinder
  }

  get(ctx: RequestContext, volumeId: string): Promise<Volume> {
    return this.#ofVolume(volumeId, async () => {
      try {
        return await this.#cinder.getVolume(ctx, volumeId, { microversion: sharedTargets })
      } catch (err) {
        if (!isClientError(err, 'unsupported_version')) throw err
        return this.#cinder.getVolume(ctx, volumeId)
      }
    })
  }

  create(ctx: RequestContext, volume: NewVolume): Promise<Volume> {
    return translated(() => this.#cinder.createVolume(ctx, volume), 'NotFound', {})
  }

  delete(ctx: RequestContext, volumeId: string): Promise<void> {
    return this.#ofVolume(volumeId, () => this.#cinder.deleteVolume(ctx, volumeId))
  }

  getSnapshot(ctx: RequestContext, snapshotId: string): Promise<Snapshot> {
    return translated(() => this.#cinder.getSnapshot(ctx, snapshotId), 'SnapshotNotFound', { snapshot_id: snapshotId })
  }

  async reserve(ctx: RequestContext, volumeId: string, instanceUuid: string): Promise<string> {
    const { id } = await this.#ofVolume(volumeId, () => this.#cinder.createAttachment(ctx, { volumeId, instanceUuid }))
    return id
  }

  async attach(
    ctx: RequestContext,
    volumeId: string,
    instanceUuid: string,
    connector: Connector,
    device: string | null,
  ): Promise<NewAttachment> {
    const wanted = { volumeId, instanceUuid, ...connecting(connector, device) }
    const made = await this.#ofVolume(volumeId, () => this.#cinder.createAttachment(ctx, wanted))
    return { id: made.id, connection: connectionInfo(made) }
  }

  async connect(ctx: RequestContext, attachmentId: string, connector: Connector, device: string | null): Promise<ConnectionInfo> {
    const changes = connecting(connector, device)
    return connectionInfo(await this.#ofAttachment(attachmentId, () => this.#cinder.updateAttachment(ctx, attachmentId, changes)))
  }

  complete(ctx: RequestContext, attachmentId: string): Promise<void> {
    return this.#ofAttachment(attachmentId, () => this.#cinder.completeAttachment(ctx, attachmentId))
  }

  async connection(ctx: RequestContext, attachmentId: string): Promise<ConnectionInfo> {
    return connectionInfo(await this.#ofAttachment(attachmentId, () => this.#cinder.showAttachment(ctx, attachmentId)))
  }

  release(ctx: RequestContext, attachmentId: string): Promise<void> {
    return this.#ofAttachment(attachmentId, () => this.#cinder.deleteAttachment(ctx, attachmentId))
  }

  rollDetaching(ctx: RequestContext, volumeId: string): Promise<void> {
    return this.#ofVolume(volumeId, () => this.#cinder.rollDetaching(ctx, volumeId))
  }

  completeMigration(ctx: RequestContext, oldVolumeId: string, newVolumeId: string, failed: boolean): Promise<string> {
    return this.#ofVolume(oldVolumeId, () => this.#cinder.migrateVolumeCompletion(ctx, oldVolumeId, newVolumeId, failed))
  }

  reimage(ctx: RequestContext, volumeId: string, imageId: string): Promise<void> {
    return this.#ofVolume(volumeId, () => this.#cinder.reimageVolume(ctx, volumeId, imageId, true))
  }

  #ofVolume<T>(volumeId: string, work: () => Promise<T>): Promise<T> {
    return translated(work, 'VolumeNotFound', { volume_id: volumeId })
  }

  #ofAttachment<T>(attachmentId: string, work: () => Promise<T>): Promise<T> {
    return translated(work, 'VolumeAttachmentNotFound', { attachment_id: attachmentId })
  }
}

function connecting(connector: Connector, device: string | null) {
  return { connector, ...(device === null ? {} : { mountpoint: device }) }
}

/** With Nova's errors in the place of Cinder's; those that Nova has no kind for stay. */
async function translated<T>(work: () => Promise<T>, missing: NovaErrorKind, named: Readonly<Record<string, unknown>>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (isClientError(cause, 'not_found')) throw novaError(missing, named, { cause })
    if (isClientError(cause, 'over_quota')) throw novaError('OverQuota', { overs: 'volumes' }, { cause, message: cause.message })
    if (isClientError(cause, 'unreachable', 'timeout')) throw novaError('CinderConnectionFailed', { reason: cause.message }, { cause })
    if (isClientError(cause, 'bad_request')) throw novaError('InvalidInput', { reason: cause.message }, { cause })
    if (isClientError(cause, 'forbidden')) throw novaError('Forbidden', {}, { cause, message: cause.message })
    throw cause
  }
}

/**
 * A connection as hypervisors have always had it: what Cinder gives flat is under `data` again, and beside it what it says
 * of the attachment.
 *
 * @see nova 26.2.2, `volume/cinder.py`, `_translate_attachment_ref`
 */
export function connectionInfo({ connection_info: flat, id: _, attach_mode: __, ...attachment }: Attachment): ConnectionInfo {
  if (!flat || Object.keys(flat).length === 0) return {}
  const { attachment_id: ___, driver_volume_type: type = null, ...data } = flat
  return { driver_volume_type: type, data, attached_at: null, detached_at: null, ...attachment }
}
