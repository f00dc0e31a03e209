import type { RequestContext } from '@micronova/model'
import type { AuthCallOptions } from '../call.js'
import type { CinderClient } from '../cinder/client.js'
import type { Attachment, Connector, NewVolume, Snapshot, Volume } from '../cinder/types.js'
import { countingUuids, FakeCalls } from './fake-calls.js'

/** Cinder in memory: volumes, their states, and attachments. Connection information is of the kind `fake`. */
export class FakeCinder implements CinderClient {
  readonly calls = new FakeCalls<keyof CinderClient>('volumev3')
  readonly #uuid = countingUuids('70000000')
  readonly volumes = new Map<string, Volume>()
  readonly attachments = new Map<string, Attachment>()
  readonly snapshots = new Map<string, Snapshot>()
  /** Newest microversion that the service knows. */
  maxMicroversion = '3.70'
  /** Most volumes there may be; -1: any number. */
  volumeQuota = -1

  addVolume(volume: Partial<Volume> = {}): Volume {
    const made: Volume = {
      id: volume.id ?? this.#uuid(),
      status: 'available',
      size: 1,
      name: null,
      description: null,
      availability_zone: 'nova',
      created_at: '2026-01-01T00:00:00.000000',
      multiattach: false,
      attachments: [],
      volume_type: null,
      snapshot_id: null,
      bootable: 'false',
      metadata: {},
      ...volume,
    }
    this.volumes.set(made.id, made)
    return made
  }

  addSnapshot(snapshot: Partial<Snapshot> & { readonly volume_id: string }): Snapshot {
    const id = snapshot.id ?? this.#uuid()
    const made: Snapshot = {
      id,
      status: 'available',
      size: 1,
      created_at: '2026-01-01T00:00:00.000000',
      name: null,
      description: null,
      ...snapshot,
    }
    this.snapshots.set(id, made)
    return made
  }

  #volume(id: string): Volume {
    const volume = this.volumes.get(id)
    if (volume === undefined) throw this.calls.refusal(404, `Volume ${id} could not be found.`)
    return volume
  }

  #attachment(id: string): Attachment {
    const attachment = this.attachments.get(id)
    if (attachment === undefined) throw this.calls.refusal(404, `Volume attachment could not be found with filter: attachment_id = ${id}.`)
    return attachment
  }

  /** A change of state that Cinder allows from some states alone. */
  #move(volumeId: string, from: readonly string[], to: string): void {
    const volume = this.#volume(volumeId)
    if (!from.includes(volume.status))
      throw this.calls.refusal(
        400,
        `Invalid volume: Volume ${volumeId} status must be ${from.join(' or ')}, but current status is: ${volume.status}.`,
      )
    this.volumes.set(volumeId, { ...volume, status: to })
  }

  async isMicroversionSupported(_: RequestContext, microversion: string, options?: AuthCallOptions): Promise<boolean> {
    await this.calls.begin('isMicroversionSupported', [microversion, options], options)
    return this.#knows(microversion)
  }

  #knows(microversion: string): boolean {
    return Number(microversion.split('.')[1]) <= Number(this.maxMicroversion.split('.')[1])
  }

  #need(microversion: string): void {
    if (!this.#knows(microversion)) throw this.calls.refusal('unsupported_version', `microversion ${microversion} is not supported`)
  }

  async getVolume(_: RequestContext, volumeId: string, options?: AuthCallOptions & { readonly microversion?: string }): Promise<Volume> {
    await this.calls.begin('getVolume', [volumeId, options], options)
    this.#need(options?.microversion ?? '3.0')
    return structuredClone(this.#volume(volumeId))
  }

  async createVolume(_: RequestContext, volume: NewVolume, options?: AuthCallOptions): Promise<Volume> {
    await this.calls.begin('createVolume', [volume, options], options)
    if (this.volumeQuota >= 0 && this.volumes.size >= this.volumeQuota)
      throw this.calls.refusal(413, 'VolumeLimitExceeded: Maximum number of volumes allowed exceeded.')
    const { imageRef, ...rest } = volume
    return structuredClone(this.addVolume({ ...rest, bootable: String(imageRef !== undefined) }))
  }

  async deleteVolume(_: RequestContext, volumeId: string, options?: AuthCallOptions): Promise<void> {
    await this.calls.begin('deleteVolume', [volumeId, options], options)
    this.#move(volumeId, ['available', 'error', 'error_restoring', 'error_extending', 'error_managing'], 'deleting')
    this.volumes.delete(volumeId)
  }

  async getEncryptionMetadata(_: RequestContext, volumeId: string, options?: AuthCallOptions): Promise<Readonly<Record<string, unknown>>> {
    await this.calls.begin('getEncryptionMetadata', [volumeId, options], options)
    this.#volume(volumeId)
    return {}
  }

  async reserveVolume(_: RequestContext, volumeId: string, options?: AuthCallOptions): Promise<void> {
    await this.calls.begin('reserveVolume', [volumeId, options], options)
    this.#move(volumeId, ['available'], 'attaching')
  }

  async unreserveVolume(_: RequestContext, volumeId: string, options?: AuthCallOptions): Promise<void> {
    await this.calls.begin('unreserveVolume', [volumeId, options], options)
    if (this.#volume(volumeId).status === 'attaching') this.#move(volumeId, ['attaching'], 'available')
  }

  async beginDetaching(_: RequestContext, volumeId: string, options?: AuthCallOptions): Promise<void> {
    await this.calls.begin('beginDetaching', [volumeId, options], options)
    this.#move(volumeId, ['in-use'], 'detaching')
  }

  async rollDetaching(_: RequestContext, volumeId: string, options?: AuthCallOptions): Promise<void> {
    await this.calls.begin('rollDetaching', [volumeId, options], options)
    if (this.#volume(volumeId).status === 'detaching') this.#move(volumeId, ['detaching'], 'in-use')
  }

  async migrateVolumeCompletion(
    _: RequestContext,
    oldVolumeId: string,
    newVolumeId: string,
    error: boolean,
    options?: AuthCallOptions,
  ): Promise<string> {
    await this.calls.begin('migrateVolumeCompletion', [oldVolumeId, newVolumeId, error, options], options)
    this.#volume(oldVolumeId)
    this.#volume(newVolumeId)
    return error ? oldVolumeId : newVolumeId
  }

  async reimageVolume(
    _: RequestContext,
    volumeId: string,
    imageId: string,
    reimageReserved: boolean,
    options?: AuthCallOptions,
  ): Promise<void> {
    await this.calls.begin('reimageVolume', [volumeId, imageId, reimageReserved, options], options)
    this.#need('3.68')
    this.#move(volumeId, reimageReserved ? ['available', 'error', 'reserved'] : ['available', 'error'], 'downloading')
  }

  async createAttachment(
    _: RequestContext,
    attachment: {
      readonly volumeId: string
      readonly instanceUuid: string
      readonly connector?: Connector
      readonly mountpoint?: string
    },
    options?: AuthCallOptions,
  ): Promise<Attachment> {
    await this.calls.begin('createAttachment', [attachment, options], options)
    this.#need('3.44')
    const { volumeId, instanceUuid, connector, mountpoint } = attachment
    const volume = this.#volume(volumeId)
    const shared = volume.multiattach === true ? ['in-use', 'reserved'] : []
    // Of an instance that has it already Cinder does not look at the state: so a guest can leave a host and keep its volume.
    if (!volume.attachments.some(({ server_id }) => server_id === instanceUuid))
      this.#move(volumeId, ['available', 'downloading', ...shared], connector === undefined ? 'reserved' : 'attaching')
    const made: Attachment = {
      id: this.#uuid(),
      status: connector === undefined ? 'reserved' : 'attaching',
      instance: instanceUuid,
      volume_id: volumeId,
      attached_at: '',
      detached_at: '',
      attach_mode: null,
      connection_info: connector === undefined ? {} : connectionTo(volumeId, connector, mountpoint),
    }
    this.attachments.set(made.id, made)
    this.#attach(made, mountpoint ?? null)
    return structuredClone(made)
  }

  /** The volume names its attachments. */
  #attach({ id, volume_id, instance }: Attachment, device: string | null): void {
    const volume = this.#volume(volume_id ?? '')
    const others = volume.attachments.filter((one) => one.attachment_id !== id)
    this.volumes.set(volume.id, { ...volume, attachments: [...others, { attachment_id: id, server_id: instance ?? '', device }] })
  }

  async showAttachment(_: RequestContext, attachmentId: string, options?: AuthCallOptions): Promise<Attachment> {
    await this.calls.begin('showAttachment', [attachmentId, options], options)
    return structuredClone(this.#attachment(attachmentId))
  }

  async updateAttachment(
    _: RequestContext,
    attachmentId: string,
    changes: { readonly connector: Connector; readonly mountpoint?: string },
    options?: AuthCallOptions,
  ): Promise<Attachment> {
    await this.calls.begin('updateAttachment', [attachmentId, changes, options], options)
    const attachment = this.#attachment(attachmentId)
    const volumeId = attachment.volume_id ?? ''
    this.#checkAlone(volumeId)
    const info = connectionTo(volumeId, changes.connector, changes.mountpoint)
    const next: Attachment = { ...attachment, status: 'attaching', attach_mode: 'rw', connection_info: info }
    this.attachments.set(attachmentId, next)
    this.volumes.set(volumeId, { ...this.#volume(volumeId), status: 'attaching' })
    this.#attach(next, changes.mountpoint ?? null)
    return structuredClone(next)
  }

  /** Cinder connects no attachment anew while there is another and one of them is connected. @see cinder 21.3.1, `attachment_update` */
  #checkAlone(volumeId: string): void {
    const { attachments, multiattach } = this.#volume(volumeId)
    const isConnected = ({ attachment_id: id = '' }) => Object.keys(this.attachments.get(id)?.connection_info ?? {}).length > 0
    if (attachments.length < 2 || multiattach === true || !attachments.some(isConnected)) return
    throw this.calls.refusal(500, `Unable to update attachment.(Invalid volume: duplicate connectors detected on volume ${volumeId}).`)
  }

  async completeAttachment(_: RequestContext, attachmentId: string, options?: AuthCallOptions): Promise<void> {
    await this.calls.begin('completeAttachment', [attachmentId, options], options)
    const attachment = this.#attachment(attachmentId)
    const volumeId = attachment.volume_id ?? ''
    this.attachments.set(attachmentId, { ...attachment, status: 'attached' })
    this.volumes.set(volumeId, { ...this.#volume(volumeId), status: 'in-use' })
  }

  async deleteAttachment(_: RequestContext, attachmentId: string, options?: AuthCallOptions): Promise<void> {
    await this.calls.begin('deleteAttachment', [attachmentId, options], options)
    const { volume_id: volumeId = '' } = this.#attachment(attachmentId)
    this.attachments.delete(attachmentId)
    const volume = this.volumes.get(volumeId)
    if (volume === undefined) return
    const left = volume.attachments.filter((one) => one.attachment_id !== attachmentId)
    const states = left.map(({ attachment_id: id = '' }) => this.attachments.get(id)?.status)
    const status = states.includes('attached') ? 'in-use' : states.includes('attaching') ? 'attaching' : 'reserved'
    this.volumes.set(volumeId, { ...volume, attachments: left, status: left.length === 0 ? 'available' : status })
  }

  async getSnapshot(_: RequestContext, snapshotId: string, options?: AuthCallOptions): Promise<Snapshot> {
    await this.calls.begin('getSnapshot', [snapshotId, options], options)
    return structuredClone(this.#snapshot(snapshotId))
  }

  #snapshot(id: string): Snapshot {
    const snapshot = this.snapshots.get(id)
    if (snapshot === undefined) throw this.calls.refusal(404, `Snapshot ${id} could not be found.`)
    return snapshot
  }

  async updateSnapshotStatus(_: RequestContext, snapshotId: string, status: string, options?: AuthCallOptions): Promise<void> {
    await this.calls.begin('updateSnapshotStatus', [snapshotId, status, options], options)
    this.snapshots.set(snapshotId, { ...this.#snapshot(snapshotId), status, progress: '90%' })
  }
}

function connectionTo(volumeId: string, connector: Connector, mountpoint: string | undefined) {
  return { driver_volume_type: 'fake', volume_id: volumeId, host: connector['host'], mountpoint: connector['mountpoint'] ?? mountpoint }
}
