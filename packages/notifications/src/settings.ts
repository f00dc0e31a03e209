import type { Section } from '@micronova/config'
import { type notificationOptions, notifierOptions } from '@micronova/messaging'
import type { RequestContext } from '@micronova/model'
import type { EmitterOptions } from './emitter.js'
import type { auditOptions, notificationFormatOptions } from './options.js'

/** What a service tells, and how. */
export interface NotificationSettings extends EmitterOptions {
  /** `[notifications] notify_on_state_change`; null: changes of states are not told. */
  readonly states: 'vm_state' | 'vm_and_task_state' | null
  /** `[notifications] bdms_in_notifications`. */
  readonly readsVolumes: boolean
  /** `[DEFAULT] instance_usage_audit_period`. */
  readonly auditPeriod: string
  /** `[DEFAULT] instance_usage_audit`. */
  readonly auditsUsage: boolean
  /** For the older form. */
  readonly imageEndpoint: ImageEndpoint
}

/** Base URL of the image service, `http://glance:9292`, as the request knows it; null: the image is named by its id. */
export type ImageEndpoint = (ctx: RequestContext) => string | null

/** `image_ref_url` of the older form. */
export function imageUrl(endpoint: string | null, image: string | null): string {
  return endpoint === null ? (image ?? '') : `${endpoint}/images/${image ?? ''}`
}

/** Nothing is told: what a service does that was given no settings. */
export const silence: NotificationSettings = {
  drivers: [],
  topics: [],
  versionedTopics: [],
  format: 'unversioned',
  states: null,
  readsVolumes: false,
  auditPeriod: 'month',
  auditsUsage: false,
  imageEndpoint: () => null,
}

export interface NotificationSections {
  readonly messaging: Section<typeof notificationOptions>
  readonly format: Section<typeof notificationFormatOptions>
  readonly audit: Section<typeof auditOptions>
  readonly imageEndpoint: ImageEndpoint
}

/** @throws ConfigurationError at a driver that there is not */
export function notificationSettings({ messaging, format, audit, imageEndpoint }: NotificationSections): NotificationSettings {
  return {
    ...notifierOptions(messaging),
    // The choices of both options are judged when the file is read.
    format: format.notification_format as NotificationSettings['format'],
    states: format.notify_on_state_change as NotificationSettings['states'],
    versionedTopics: format.versioned_notifications_topics,
    readsVolumes: format.bdms_in_notifications,
    auditPeriod: audit.instance_usage_audit_period,
    auditsUsage: audit.instance_usage_audit,
    imageEndpoint,
  }
}
