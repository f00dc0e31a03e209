import type { Clock } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import type { NotificationPriority } from '@micronova/messaging'
import {
  AuditPeriodPayload,
  type BlockDeviceMapping,
  EventType,
  ExceptionNotification,
  type Flavor,
  type Instance,
  InstanceActionNotification,
  InstanceActionPayload,
  InstanceActionRebuildNotification,
  InstanceActionRebuildPayload,
  InstanceActionRescueNotification,
  InstanceActionRescuePayload,
  InstanceActionResizePrepNotification,
  InstanceActionResizePrepPayload,
  InstanceActionSnapshotNotification,
  InstanceActionSnapshotPayload,
  InstanceActionVolumeNotification,
  InstanceActionVolumePayload,
  InstanceActionVolumeSwapNotification,
  InstanceActionVolumeSwapPayload,
  type InstanceAttribute,
  InstanceCreateNotification,
  InstanceCreatePayload,
  InstanceExistsNotification,
  InstanceExistsPayload,
  instanceName,
  KeypairPayload,
  NotificationPublisher,
  populatePayload,
  type RequestContext,
  usageSoFar,
  type Vif,
  type VolumeUsage,
  VolumeUsageNotification,
  VolumeUsagePayload,
} from '@micronova/model'
import type { JsonObject } from '@micronova/versionedobjects'
import { type AuditPeriod, currentAuditPeriod, lastCompletedAuditPeriod } from './audit-period.js'
import type { NotificationEmitter, VersionedNotification } from './emitter.js'
import { described, exceptionPayload, faultDict } from './failure.js'
import { imageMeta, instanceInfo, printedTime } from './instance-info.js'
import { flavorPayload, instanceFields, populated, type ToldVolumes } from './instance-payload.js'
import { type ImageEndpoint, imageUrl } from './settings.js'

export type NotificationPhaseName = 'start' | 'end' | 'error'

/** An action by its versioned name; the older name is the same where the table does not say otherwise. */
export type InstanceActionName = keyof typeof legacyNames | OtherAction

/** Versioned name to the older one; null: it is not told in the older form. */
const legacyNames = {
  resize_prep: 'resize.prep',
  resize_confirm: 'resize.confirm',
  resize_revert: 'resize.revert',
  resize_finish: 'finish_resize',
  live_migration_pre: 'live_migration.pre',
  live_migration_post: 'live_migration._post',
  live_migration_post_dest: 'live_migration.post.dest',
  live_migration_rollback: 'live_migration._rollback',
  live_migration_rollback_dest: 'live_migration.rollback.dest',
  live_migration_abort: 'live.migration.abort',
  live_migration_force_complete: 'live.migration.force.complete',
  interface_attach: null,
  interface_detach: null,
} as const

type OtherAction =
  | 'delete'
  | 'soft_delete'
  | 'restore'
  | 'shutdown'
  | 'power_off'
  | 'power_on'
  | 'reboot'
  | 'pause'
  | 'unpause'
  | 'suspend'
  | 'resume'
  | 'unrescue'
  | 'resize'
  | 'shelve'
  | 'shelve_offload'
  | 'unshelve'
  | 'trigger_crash_dump'

export interface ActionDetails {
  /** Why it failed; only with phase `error`. */
  readonly failure?: unknown
  /** The volumes, where the caller has them at hand; otherwise they are read if the options ask for it. */
  readonly blockDevices?: readonly BlockDeviceMapping[]
  /** Told in the older form as `fixed_ips`. */
  readonly network?: readonly Vif[] | null
}

export interface ExistsOptions {
  /** The audit period under way, not the one that is over. */
  readonly current: boolean
  /** What the instance was made of, where that is about to change: told in the older form. Default: what it is made of. */
  readonly image?: { readonly ref: string | null; readonly systemMetadata: Readonly<Record<string, string | null>> }
}

export interface InstanceNotificationsDeps {
  readonly emitter: NotificationEmitter
  readonly clock: Pick<Clock, 'now'>
  readonly log: Logger
  /** Loads what the instance lacks. Called only if something is sent. */
  load(ctx: RequestContext, instance: Instance, attributes: readonly InstanceAttribute[]): Promise<void>
  blockDevices(ctx: RequestContext, instance: Instance): Promise<readonly BlockDeviceMapping[]>
}

export interface InstanceNotificationsOptions {
  /** Of the service that tells. */
  readonly host: string
  /** Default: `nova-compute`. */
  readonly source?: 'nova-compute' | 'nova-conductor'
  /** `[notifications] bdms_in_notifications`. */
  readonly readsVolumes: boolean
  /** `[DEFAULT] instance_usage_audit_period`. */
  readonly auditPeriod: string
  /** `[DEFAULT] instance_name_template`. Default: upstream's. */
  readonly nameTemplate?: string
  /** For the older form. */
  readonly imageEndpoint: ImageEndpoint
}

/** The attributes that a payload is made of. */
const told = ['flavor', 'metadata', 'system_metadata', 'info_cache'] as const
const toldOfCreation = [...told, 'keypairs', 'tags', 'trusted_certs'] as const

/**
 * What nova-compute tells of its instances, in the forms that are asked for. Nothing here rejects: whoever works on an instance does
 * not fail because it cannot be told. Where notifications are off nothing is read, made or sent.
 */
export class InstanceNotifications {
  readonly #deps: InstanceNotificationsDeps
  readonly #options: InstanceNotificationsOptions

  constructor(deps: InstanceNotificationsDeps, options: InstanceNotificationsOptions) {
    this.#deps = deps
    this.#options = options
  }

  /** `instance.<action>.<phase>`. */
  action(
    ctx: RequestContext,
    instance: Instance,
    action: InstanceActionName,
    phase: NotificationPhaseName,
    details: ActionDetails = {},
  ): Promise<void> {
    const legacy = action in legacyNames ? legacyNames[action as keyof typeof legacyNames] : action
    return this.#tell(ctx, instance, told, details, {
      legacy: legacy === null ? null : `${legacy}.${phase}`,
      versioned: (volumes) => {
        const payload = new InstanceActionPayload(actionFields(ctx, instance, volumes, details.failure))
        return new InstanceActionNotification({ ...this.#head(action, phase), payload: populated(payload, instance) })
      },
    })
  }

  /** `instance.create.<phase>`. */
  create(
    ctx: RequestContext,
    instance: Instance,
    phase: NotificationPhaseName,
    details: ActionDetails & { image?: string } = {},
  ): Promise<void> {
    return this.#tell(ctx, instance, toldOfCreation, details, {
      legacy: `create.${phase}`,
      info: phase === 'start' ? { image_name: details.image ?? '' } : phase === 'end' ? { message: 'Success' } : {},
      versioned: (volumes) => {
        const payload = new InstanceCreatePayload({
          ...actionFields(ctx, instance, volumes, details.failure),
          keypairs: keypairsOf(instance),
          tags: tagsOf(instance),
          trusted_image_certificates: certificatesOf(instance),
          instance_name: instanceName(instance, this.#options.nameTemplate),
        })
        return new InstanceCreateNotification({ ...this.#head('create', phase), payload: populated(payload, instance) })
      },
    })
  }

  /** `instance.rebuild.<phase>`, or `instance.evacuate.<phase>` on the host that takes an instance over. */
  rebuild(
    ctx: RequestContext,
    instance: Instance,
    phase: NotificationPhaseName,
    details: ActionDetails & { readonly action?: 'rebuild' | 'evacuate'; readonly image?: string } = {},
  ): Promise<void> {
    return this.#tell(ctx, instance, [...told, 'trusted_certs'], details, {
      legacy: `rebuild.${phase}`,
      info: phase === 'error' ? {} : { image_name: details.image ?? '' },
      versioned: (volumes) => {
        const payload = new InstanceActionRebuildPayload({
          ...actionFields(ctx, instance, volumes, details.failure),
          trusted_image_certificates: certificatesOf(instance),
        })
        const head = this.#head(details.action ?? 'rebuild', phase)
        return new InstanceActionRebuildNotification({ ...head, payload: populated(payload, instance) })
      },
    })
  }

  /** `instance.rebuild_scheduled`: a host for the rebuild, or the evacuation, is found. */
  rebuildScheduled(ctx: RequestContext, instance: Instance): Promise<void> {
    return this.#tell(
      ctx,
      instance,
      [...told, 'trusted_certs'],
      {},
      {
        legacy: 'rebuild.scheduled',
        versioned: (volumes) => {
          const fields = { ...actionFields(ctx, instance, volumes, undefined), trusted_image_certificates: certificatesOf(instance) }
          const payload = populated(new InstanceActionRebuildPayload(fields), instance)
          return new InstanceActionRebuildNotification({ ...this.#head('rebuild_scheduled', null), payload })
        },
      },
    )
  }

  /** `compute.instance.create_ip.<phase>` and its like, which have no versioned form. */
  fixedIp(
    ctx: RequestContext,
    instance: Instance,
    action: 'create_ip' | 'delete_ip',
    phase: 'start' | 'end',
    network: readonly Vif[] | null = null,
  ): Promise<void> {
    return this.#tell(ctx, instance, told, { network }, { legacy: `${action}.${phase}`, versioned: null })
  }

  rescue(
    ctx: RequestContext,
    instance: Instance,
    phase: NotificationPhaseName,
    rescueImage: string | null,
    details: ActionDetails = {},
  ): Promise<void> {
    return this.#tell(ctx, instance, told, details, {
      legacy: `rescue.${phase}`,
      info: { rescue_image_name: rescueImage ?? '' },
      versioned: (volumes) => {
        const fields = actionFields(ctx, instance, volumes, details.failure)
        const payload = new InstanceActionRescuePayload({ ...fields, rescue_image_ref: rescueImage })
        return new InstanceActionRescueNotification({ ...this.#head('rescue', phase), payload: populated(payload, instance) })
      },
    })
  }

  snapshot(
    ctx: RequestContext,
    instance: Instance,
    phase: NotificationPhaseName,
    imageId: string,
    details: ActionDetails = {},
  ): Promise<void> {
    return this.#tell(ctx, instance, told, details, {
      legacy: `snapshot.${phase}`,
      versioned: (volumes) => {
        const fields = actionFields(ctx, instance, volumes, details.failure)
        const payload = new InstanceActionSnapshotPayload({ ...fields, snapshot_image_id: imageId })
        return new InstanceActionSnapshotNotification({ ...this.#head('snapshot', phase), payload: populated(payload, instance) })
      },
    })
  }

  resizePrep(ctx: RequestContext, instance: Instance, phase: NotificationPhaseName, newFlavor: Flavor): Promise<void> {
    return this.#tell(
      ctx,
      instance,
      told,
      {},
      {
        legacy: `resize.prep.${phase}`,
        info: phase === 'end' ? { new_instance_type: newFlavor.name, new_instance_type_id: newFlavor.id } : {},
        versioned: (volumes) => {
          const fields = actionFields(ctx, instance, volumes, undefined)
          const payload = new InstanceActionResizePrepPayload({ ...fields, new_flavor: flavorPayload(newFlavor) })
          return new InstanceActionResizePrepNotification({ ...this.#head('resize_prep', phase), payload: populated(payload, instance) })
        },
      },
    )
  }

  /** `instance.volume_attach.<phase>`, `instance.volume_detach.<phase>`; in the older form only that it is done. */
  volume(
    ctx: RequestContext,
    instance: Instance,
    action: 'volume_attach' | 'volume_detach',
    phase: NotificationPhaseName,
    volumeId: string,
    details: ActionDetails = {},
  ): Promise<void> {
    return this.#tell(ctx, instance, told, details, {
      legacy: phase === 'end' ? action.replace('_', '.') : null,
      info: { volume_id: volumeId },
      versioned: (volumes) => {
        const fields = actionFields(ctx, instance, volumes, details.failure)
        const payload = new InstanceActionVolumePayload({ ...fields, volume_id: volumeId })
        return new InstanceActionVolumeNotification({ ...this.#head(action, phase), payload: populated(payload, instance) })
      },
    })
  }

  volumeSwap(
    ctx: RequestContext,
    instance: Instance,
    phase: NotificationPhaseName,
    volumes: { readonly oldId: string; readonly newId: string },
    details: ActionDetails = {},
  ): Promise<void> {
    return this.#tell(ctx, instance, told, details, {
      legacy: null,
      versioned: (told) => {
        const fields = actionFields(ctx, instance, told, details.failure)
        const payload = new InstanceActionVolumeSwapPayload({ ...fields, old_volume_id: volumes.oldId, new_volume_id: volumes.newId })
        return new InstanceActionVolumeSwapNotification({ ...this.#head('volume_swap', phase), payload: populated(payload, instance) })
      },
    })
  }

  /**
   * `instance.exists`: it was there in the audit period that is over, or in the one under way.
   *
   * @returns false if it could not be told
   */
  exists(ctx: RequestContext, instance: Instance, { current, image }: ExistsOptions): Promise<boolean> {
    const span = (current ? currentAuditPeriod : lastCompletedAuditPeriod)(this.#options.auditPeriod, this.#deps.clock.now())
    const former = image && {
      image_ref_url: imageUrl(this.#options.imageEndpoint(ctx), image.ref),
      image_meta: imageMeta(image.systemMetadata),
    }
    return this.#told(
      ctx,
      instance,
      told,
      {},
      {
        legacy: 'exists',
        info: { audit_period_beginning: printedTime(span.begin), audit_period_ending: printedTime(span.end), ...former },
        versioned: (volumes) => {
          const fields = { ...instanceFields(ctx, instance, volumes), audit_period: auditPayload(span) }
          const head = { ...this.#head('exists', null) }
          return new InstanceExistsNotification({ ...head, payload: populated(new InstanceExistsPayload(fields), instance) })
        },
      },
    )
  }

  /** `volume.usage`: what has been read from a volume and written to it, ever. */
  async volumeUsage(ctx: RequestContext, usage: VolumeUsage): Promise<void> {
    const { emitter } = this.#deps
    const { volume_id, instance_uuid, project_id, user_id, availability_zone } = usage
    const { reads, readBytes: read_bytes, writes, writeBytes: write_bytes, lastRefreshed } = usageSoFar(usage)
    const counts = { reads, read_bytes, writes, write_bytes }
    await this.#harmless(null, async () => {
      if (emitter.sendsLegacy) {
        const last = lastRefreshed === null ? '' : `${lastRefreshed.toISOString().slice(0, 19).replace('T', ' ')}+00:00`
        const body = {
          volume_id,
          tenant_id: project_id,
          user_id,
          availability_zone,
          instance_id: instance_uuid,
          last_refreshed: last,
          ...counts,
        }
        await emitter.emitLegacy(ctx, 'info', `compute.${this.#options.host}`, 'volume.usage', body)
      }
      if (!emitter.sendsVersioned) return
      const fields = { volume_id, project_id, user_id, availability_zone, instance_uuid, last_refreshed: lastRefreshed, ...counts }
      const payload = new VolumeUsagePayload(fields)
      payload.objResetChanges()
      await emitter.emit(ctx, new VolumeUsageNotification({ ...this.#head('usage', null, 'volume'), payload }))
    })
  }

  /**
   * A method of this service threw `err`.
   *
   * @param args of the message, by wire name; what is a password by its name is left out
   */
  async exception(ctx: RequestContext, method: string, args: Readonly<Record<string, unknown>>, err: unknown): Promise<void> {
    const { emitter } = this.#deps
    const { host } = this.#options
    await this.#harmless(null, async () => {
      if (emitter.sendsLegacy) {
        const safe = Object.fromEntries(Object.entries(args).filter(([name]) => !name.includes('_pass')))
        await emitter.emitLegacy(ctx, 'error', `compute.${host}`, method, { exception: `${described(err).name}()`, args: plain(safe) })
      }
      if (emitter.sendsVersioned) {
        const head = { ...this.#head('exception', null, 'compute'), priority: 'error' as const }
        await emitter.emit(ctx, new ExceptionNotification({ ...head, payload: exceptionPayload(err) }))
      }
    })
  }

  async #tell(
    ctx: RequestContext,
    instance: Instance,
    attributes: readonly InstanceAttribute[],
    details: ActionDetails,
    forms: Forms,
  ): Promise<void> {
    await this.#told(ctx, instance, attributes, details, forms)
  }

  /** @returns false if it could not be told */
  async #told(
    ctx: RequestContext,
    instance: Instance,
    attributes: readonly InstanceAttribute[],
    details: ActionDetails,
    forms: Forms,
  ): Promise<boolean> {
    const { emitter } = this.#deps
    const { versioned } = forms
    if (!(emitter.sendsVersioned && versioned !== null) && !(emitter.sendsLegacy && forms.legacy !== null)) return true
    return this.#harmless(instance, async () => {
      const missing = attributes.filter((attribute) => !instance.objIsSet(attribute))
      if (missing.length > 0) await this.#deps.load(ctx, instance, missing)
      if (emitter.sendsLegacy && forms.legacy !== null) await this.#tellLegacy(ctx, instance, forms.legacy, forms.info ?? {}, details)
      if (!emitter.sendsVersioned || versioned === null) return
      const notification = versioned(await this.#volumes(ctx, instance, details))
      if (details.failure !== undefined) notification.objSet('priority', 'error')
      await emitter.emit(ctx, notification)
    })
  }

  async #tellLegacy(ctx: RequestContext, instance: Instance, suffix: string, info: JsonObject, { network = null, failure }: ActionDetails) {
    const priority: NotificationPriority = suffix.endsWith('error') ? 'error' : 'info'
    const payload = {
      ...instanceInfo(instance, { network, imageUrl: imageUrl(this.#options.imageEndpoint(ctx), instance.image_ref) }),
      ...info,
      ...(failure === undefined ? {} : faultDict(failure)),
    }
    await this.#deps.emitter.emitLegacy(ctx, priority, `compute.${this.#options.host}`, `compute.instance.${suffix}`, payload)
  }

  async #volumes(ctx: RequestContext, instance: Instance, { blockDevices }: ActionDetails): Promise<ToldVolumes> {
    if (blockDevices !== undefined) return blockDevices
    return this.#options.readsVolumes ? this.#deps.blockDevices(ctx, instance) : null
  }

  #head(action: NonNullable<EventType['action']>, phase: NotificationPhaseName | null, object = 'instance') {
    return {
      priority: 'info' as const,
      event_type: new EventType({ object, action, phase }),
      publisher: new NotificationPublisher({ host: this.#options.host, source: this.#options.source ?? 'nova-compute' }),
    }
  }

  async #harmless(instance: Instance | null, work: () => Promise<void>): Promise<boolean> {
    try {
      await work()
      return true
    } catch (err) {
      this.#deps.log.warning('A notification could not be made', { err, ...(instance === null ? {} : { instanceUuid: instance.uuid }) })
      return false
    }
  }
}

interface Forms {
  /** After `compute.instance.`. */
  readonly legacy: string | null
  /** What the older form adds. */
  readonly info?: JsonObject
  /** null: it is told in the older form alone. */
  readonly versioned: ((volumes: ToldVolumes) => VersionedNotification) | null
}

function actionFields(ctx: RequestContext, instance: Instance, volumes: ToldVolumes, failure: unknown) {
  return { ...instanceFields(ctx, instance, volumes), fault: failure === undefined ? null : exceptionPayload(failure) }
}

export function auditPayload({ begin, end }: AuditPeriod): AuditPeriodPayload {
  return new AuditPeriodPayload({ audit_period_beginning: begin, audit_period_ending: end })
}

export function tagsOf(instance: Instance): string[] {
  return instance.objIsSet('tags') ? instance.tags.objects.map(({ tag }) => tag ?? '') : []
}

function certificatesOf(instance: Instance): string[] | null {
  const certificates = instance.objIsSet('trusted_certs') ? instance.trusted_certs : null
  return certificates === null ? null : [...certificates.ids]
}

function keypairsOf(instance: Instance): KeypairPayload[] {
  if (!instance.objIsSet('keypairs')) return []
  return instance.keypairs.objects.map((keypair) => {
    const payload = new KeypairPayload({})
    populatePayload(payload, { keypair })
    return payload
  })
}

/** Objects as their primitives. */
function plain(args: Readonly<Record<string, unknown>>): JsonObject {
  const text = JSON.stringify(args, (_, value) =>
    value !== null && typeof value?.objToPrimitive === 'function' ? value.objToPrimitive() : value,
  )
  return JSON.parse(text) as JsonObject
}
