import type { NotificationPriority, Notifier, NotifierOptions, Serializer, Transport } from '@micronova/messaging'
import type { EventType, NotificationPublisher, RequestContext } from '@micronova/model'
import type { JsonObject, VersionedObject } from '@micronova/versionedobjects'

export interface EmitterDeps {
  readonly transport: Pick<Transport, 'notifier'>
  /** Of contexts; payloads are plain. */
  readonly serializer: Serializer<RequestContext>
}

/** `[oslo_messaging_notifications]` and the form of `[notifications]`. */
export interface EmitterOptions extends Pick<NotifierOptions<RequestContext>, 'drivers' | 'topics' | 'retry'> {
  readonly format: 'both' | 'versioned' | 'unversioned'
  readonly versionedTopics: readonly string[]
}

/** What every versioned notification has. */
export interface VersionedNotification extends VersionedObject {
  readonly priority: string | null
  readonly event_type: EventType
  readonly publisher: NotificationPublisher
  readonly payload: VersionedObject
}

/**
 * Sends notifications in the forms that are asked for. Nothing is made or sent, and so nothing need be looked up, where no driver is
 * set or where a form is not wanted: ask `sendsLegacy` and `sendsVersioned` before making a payload.
 */
export class NotificationEmitter {
  readonly sendsLegacy: boolean
  readonly sendsVersioned: boolean
  readonly #deps: EmitterDeps
  readonly #options: EmitterOptions
  readonly #notifiers = new Map<string, Notifier<RequestContext>>()

  constructor(deps: EmitterDeps, options: EmitterOptions) {
    this.#deps = deps
    this.#options = options
    const isSent = options.drivers.some((driver) => driver !== 'noop')
    this.sendsLegacy = isSent && options.format !== 'versioned'
    this.sendsVersioned = isSent && options.format !== 'unversioned'
  }

  /** A dict in the older form: `compute.instance.power_off.start` from `compute.compute1`. Never rejects. */
  async emitLegacy(
    ctx: RequestContext,
    priority: NotificationPriority,
    publisherId: string,
    eventType: string,
    payload: JsonObject,
  ): Promise<void> {
    if (this.sendsLegacy) await this.#notifier(publisherId, this.#options.topics).notify(ctx, priority, eventType, payload)
  }

  /** A versioned object: `instance.power_off.start` from `nova-compute:compute1`. Never rejects. */
  async emit(ctx: RequestContext, { priority, event_type, publisher, payload }: VersionedNotification): Promise<void> {
    if (!this.sendsVersioned) return
    payload.objResetChanges(undefined, { recursive: true })
    const notifier = this.#notifier(`${publisher.source}:${publisher.host}`, this.#options.versionedTopics)
    await notifier.notify(ctx, priority as NotificationPriority, eventTypeText(event_type), payload.objToPrimitive())
  }

  #notifier(publisherId: string, topics: readonly string[]): Notifier<RequestContext> {
    const known = this.#notifiers.get(publisherId)
    if (known !== undefined) return known
    const { drivers, retry } = this.#options
    const options = { serializer: this.#deps.serializer, publisherId, topics, drivers, ...(retry === undefined ? {} : { retry }) }
    const made = this.#deps.transport.notifier<RequestContext>(options)
    this.#notifiers.set(publisherId, made)
    return made
  }
}

/** `instance.create.start`; without a phase `instance.update`. */
export function eventTypeText({ object, action, phase }: EventType): string {
  return [object, action, ...(phase === null ? [] : [phase])].join('.')
}
