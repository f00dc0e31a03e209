import { clientsSettings, imageEndpoint } from '@micronova/clients'
import type { ParsedConfig } from '@micronova/config'
import { createTransport, notificationOptions, parseTransportUrl, type Transport, type TransportDeps } from '@micronova/messaging'
import { auditOptions, type NotificationSettings, notificationFormatOptions, notificationSettings } from '@micronova/notifications'
import type { OpenedProgram } from './open-program.js'

/** The last notifications are sent within this time, or not at all. */
const closeMs = 2000

/** What the programs that notify read; that of messaging every program reads. */
export const notificationGroups = [notificationFormatOptions, auditOptions]

/** How a program notifies. */
export interface Notifications {
  readonly settings: NotificationSettings
  /** A bus of its own (`[oslo_messaging_notifications] transport_url`); null: that of RPC. */
  readonly transport: Transport | null
  /** `transport`, by what it is for. */
  readonly transports: { readonly notifications?: Transport }
  /** To be called when the service has stopped. */
  readonly closers: readonly (() => Promise<void>)[]
}

/** @throws ConfigurationError, InvalidTransportUrl */
export function openNotifications(
  config: ParsedConfig,
  deps: TransportDeps,
  { options }: OpenedProgram<unknown>['transport'],
  clientName: string,
): Notifications {
  const messaging = config.section(notificationOptions)
  const settings = notificationSettings({
    messaging,
    format: config.section(notificationFormatOptions),
    audit: config.section(auditOptions),
    imageEndpoint: imageEndpoint(clientsSettings(config).glance, deps.random),
  })
  if (messaging.transport_url === null) return { settings, transport: null, transports: {}, closers: [] }
  parseTransportUrl(messaging.transport_url)
  const transport = createTransport(messaging.transport_url, deps, { ...options, clientName })
  return { settings, transport, transports: { notifications: transport }, closers: [() => transport.stop(AbortSignal.timeout(closeMs))] }
}
