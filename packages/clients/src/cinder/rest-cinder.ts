import type { RequestContext } from '@micronova/model'
import type { AuthCallOptions } from '../call.js'
import { ClientError } from '../errors.js'
import { listIn, objectIn, objectWith } from '../rest/decode.js'
import type { RestCall, RestService } from '../rest/rest-service.js'
import type { Identities } from '../session/identity.js'
import type { CinderClient } from './client.js'
import type { Attachment, Connector, NewVolume, Snapshot, Volume } from './types.js'

const id = { id: 'string' } as const

/** Of this microversion on an attachment can be completed. */
const attachmentVersion = '3.44'

/** A backend that is busy makes Cinder answer 500 or 504; what is not deleted stays attached for ever. As Nova does, at once. */
const mostDeletions = 5

/** Cinder over REST. @see python-cinderclient 9.1.0, `v3/`; nova 26.2.2, `volume/cinder.py` */
export class RestCinder implements CinderClient {
  readonly #rest: RestService
  /** Requests to the address without version and project: which versions there are. */
  readonly #versions: RestService
  readonly #identities: Identities
  #newest: string | null = null

  constructor(rest: RestService, versions: RestService, identities: Identities) {
    this.#rest = rest
    this.#versions = versions
    this.#identities = identities
  }

  #call(
    ctx: RequestContext,
    method: RestCall['method'],
    path: string,
    options: AuthCallOptions | undefined,
    more: { readonly version?: string; readonly body?: unknown } = {},
  ): RestCall {
    const { version, body } = more
    const headers: Record<string, string> = version === undefined ? {} : { 'OpenStack-API-Version': `volume ${version}` }
    const identity = this.#identities.of(ctx, options?.auth ?? 'user')
    return { method, path, ctx, identity, headers, signal: options?.signal, ...(body !== undefined && { body }) }
  }

  #action(ctx: RequestContext, path: string, name: string, details: unknown, options: AuthCallOptions | undefined, version?: string) {
    return this.#call(ctx, 'POST', `${path}/action`, options, { body: { [name]: details }, ...(version !== undefined && { version }) })
  }

  async isMicroversionSupported(ctx: RequestContext, microversion: string, options?: AuthCallOptions): Promise<boolean> {
    const call: RestCall = { ...this.#call(ctx, 'GET', '/', options), choices: true } // cinder 21.3.1, `api/versions.py`: 300
    this.#newest ??= await this.#versions.decoded(call, (body) => {
      const found = listIn<{ readonly id: string; readonly version?: unknown }>(body, 'versions', id).find((one) => one.id.startsWith('v3'))
      return typeof found?.version === 'string' ? found.version : '3.0'
    })
    const [major, minor] = this.#newest.split('.').map(Number)
    const [wantedMajor, wantedMinor] = microversion.split('.').map(Number)
    return major === wantedMajor && (minor ?? 0) >= (wantedMinor ?? 0)
  }

  async #need(ctx: RequestContext, microversion: string, options: AuthCallOptions | undefined): Promise<void> {
    if (await this.isMicroversionSupported(ctx, microversion, options)) return
    throw new ClientError('unsupported_version', `Cinder does not know microversion ${microversion}; its newest is ${this.#newest}`)
  }

  async getVolume(ctx: RequestContext, volumeId: string, options?: AuthCallOptions & { readonly microversion?: string }): Promise<Volume> {
    const version = options?.microversion
    if (version !== undefined) await this.#need(ctx, version, options)
    const call = this.#call(ctx, 'GET', volumePath(volumeId), options, version === undefined ? {} : { version })
    return this.#rest.decoded(call, (body) => objectIn<Volume>(body, 'volume', { ...id, status: 'string', attachments: 'array' }))
  }

  async createVolume(ctx: RequestContext, volume: NewVolume, options?: AuthCallOptions): Promise<Volume> {
    const call = this.#call(ctx, 'POST', '/volumes', options, { body: { volume: { ...volume, metadata: volume.metadata ?? {} } } })
    return this.#rest.decoded(call, (body) => objectIn<Volume>(body, 'volume', id))
  }

  async deleteVolume(ctx: RequestContext, volumeId: string, options?: AuthCallOptions): Promise<void> {
    await this.#rest.none(this.#call(ctx, 'DELETE', volumePath(volumeId), options))
  }

  async getEncryptionMetadata(
    ctx: RequestContext,
    volumeId: string,
    options?: AuthCallOptions,
  ): Promise<Readonly<Record<string, unknown>>> {
    const call = this.#call(ctx, 'GET', `${volumePath(volumeId)}/encryption`, options)
    return this.#rest.decoded(call, (body) => objectWith(body, 'encryption metadata', {}))
  }

  async reserveVolume(ctx: RequestContext, volumeId: string, options?: AuthCallOptions): Promise<void> {
    await this.#rest.none(this.#action(ctx, volumePath(volumeId), 'os-reserve', null, options))
  }

  async unreserveVolume(ctx: RequestContext, volumeId: string, options?: AuthCallOptions): Promise<void> {
    await this.#rest.none(this.#action(ctx, volumePath(volumeId), 'os-unreserve', null, options))
  }

  async beginDetaching(ctx: RequestContext, volumeId: string, options?: AuthCallOptions): Promise<void> {
    await this.#rest.none(this.#action(ctx, volumePath(volumeId), 'os-begin_detaching', null, options))
  }

  async rollDetaching(ctx: RequestContext, volumeId: string, options?: AuthCallOptions): Promise<void> {
    await this.#rest.none(this.#action(ctx, volumePath(volumeId), 'os-roll_detaching', null, options))
  }

  async migrateVolumeCompletion(
    ctx: RequestContext,
    oldVolumeId: string,
    newVolumeId: string,
    error: boolean,
    options?: AuthCallOptions,
  ): Promise<string> {
    const details = { new_volume: newVolumeId, error }
    const call = this.#action(ctx, volumePath(oldVolumeId), 'os-migrate_volume_completion', details, options)
    return this.#rest.decoded(
      call,
      (body) => objectWith<{ readonly save_volume_id: string }>(body, 'an answer', { save_volume_id: 'string' }).save_volume_id,
    )
  }

  async reimageVolume(
    ctx: RequestContext,
    volumeId: string,
    imageId: string,
    reimageReserved: boolean,
    options?: AuthCallOptions,
  ): Promise<void> {
    const version = '3.68'
    await this.#need(ctx, version, options)
    const details = { image_id: imageId, reimage_reserved: reimageReserved }
    await this.#rest.none(this.#action(ctx, volumePath(volumeId), 'os-reimage', details, options, version))
  }

  async createAttachment(
    ctx: RequestContext,
    attachment: {
      readonly volumeId: string
      readonly instanceUuid: string
      readonly connector?: Connector
      readonly mountpoint?: string
    },
    options?: AuthCallOptions,
  ): Promise<Attachment> {
    await this.#need(ctx, attachmentVersion, options)
    const { volumeId, instanceUuid, connector = null, mountpoint } = attachment
    const body = { attachment: { volume_uuid: volumeId, connector: mountedAt(connector, mountpoint), instance_uuid: instanceUuid } }
    const call = this.#call(ctx, 'POST', '/attachments', options, { version: attachmentVersion, body })
    return this.#rest.decoded(call, (made) => objectIn<Attachment>(made, 'attachment', id))
  }

  async showAttachment(ctx: RequestContext, attachmentId: string, options?: AuthCallOptions): Promise<Attachment> {
    const call = this.#call(ctx, 'GET', attachmentPath(attachmentId), options, { version: attachmentVersion })
    return this.#rest.decoded(call, (body) => objectIn<Attachment>(body, 'attachment', id))
  }

  async updateAttachment(
    ctx: RequestContext,
    attachmentId: string,
    changes: { readonly connector: Connector; readonly mountpoint?: string },
    options?: AuthCallOptions,
  ): Promise<Attachment> {
    const body = { attachment: { connector: mountedAt(changes.connector, changes.mountpoint) } }
    const call = this.#call(ctx, 'PUT', attachmentPath(attachmentId), options, { version: attachmentVersion, body })
    return this.#rest.decoded(call, (made) => objectIn<Attachment>(made, 'attachment', id))
  }

  async completeAttachment(ctx: RequestContext, attachmentId: string, options?: AuthCallOptions): Promise<void> {
    await this.#rest.none(this.#action(ctx, attachmentPath(attachmentId), 'os-complete', null, options, attachmentVersion))
  }

  async deleteAttachment(ctx: RequestContext, attachmentId: string, options?: AuthCallOptions): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#rest.none(this.#call(ctx, 'DELETE', attachmentPath(attachmentId), options, { version: attachmentVersion }))
      } catch (err) {
        const isBusy = err instanceof ClientError && (err.status === 500 || err.status === 504)
        if (!isBusy || attempt === mostDeletions) throw err
      }
    }
  }

  async getSnapshot(ctx: RequestContext, snapshotId: string, options?: AuthCallOptions): Promise<Snapshot> {
    const call = this.#call(ctx, 'GET', snapshotPath(snapshotId), options)
    return this.#rest.decoded(call, (body) => objectIn<Snapshot>(body, 'snapshot', id))
  }

  async updateSnapshotStatus(ctx: RequestContext, snapshotId: string, status: string, options?: AuthCallOptions): Promise<void> {
    const details = { status, progress: '90%' }
    await this.#rest.none(this.#action(ctx, snapshotPath(snapshotId), 'os-update_snapshot_status', details, options))
  }
}

const volumePath = (volumeId: string) => `/volumes/${encodeURIComponent(volumeId)}`
const attachmentPath = (attachmentId: string) => `/attachments/${encodeURIComponent(attachmentId)}`
const snapshotPath = (snapshotId: string) => `/snapshots/${encodeURIComponent(snapshotId)}`

/** Cinder takes the mount point from the connector alone. */
function mountedAt(connector: Connector | null, mountpoint: string | undefined): Connector | null {
  if (connector === null || mountpoint === undefined || 'mountpoint' in connector) return connector
  return { ...connector, mountpoint }
}
