import type { Clock, Random } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import type { Driver } from '../driver.js'
import { wrapText } from '../envelope.js'
import { newId } from '../ids.js'
import type { JsonObject } from '../json.js'
import { formatJson } from '../json-codec.js'
import { encodeNotification } from '../message.js'
import type { NotificationPriority, Notifier, NotifierOptions } from '../transport.js'
import { withoutSecrets } from './safe-context.js'

export interface NotifierParts {
  readonly driver: Driver
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly controlExchange: string
}

/** Sends notifications by each of its drivers. @see oslo.messaging 14.0.3, `notify/notifier.py`, `notify/messaging.py` */
export class DriverNotifier<C> implements Notifier<C> {
  readonly #parts: NotifierParts
  readonly #options: NotifierOptions<C>

  constructor(parts: NotifierParts, options: NotifierOptions<C>) {
    this.#parts = parts
    this.#options = options
  }

  async notify(ctx: C, priority: NotificationPriority, eventType: string, payload: unknown): Promise<void> {
    const { drivers, topics } = this.#options
    if (drivers.every((driver) => driver === 'noop')) return
    try {
      const message = this.#message(ctx, priority, eventType, payload)
      for (const driver of drivers) {
        if (driver === 'log') this.#logIt(priority, eventType, message)
        if (driver !== 'messaging' && driver !== 'messagingv2') continue
        const text = formatJson(message)
        const body = driver === 'messagingv2' ? wrapText(text) : text
        await Promise.all(topics.map((topic) => this.#send(`${topic}.${priority}`, body)))
      }
    } catch (err) {
      this.#parts.log.error(`notification ${eventType} could not be made`, { err })
    }
  }

  #message(ctx: C, priority: NotificationPriority, eventType: string, payload: unknown): JsonObject {
    const { serializer, publisherId } = this.#options
    const { random, clock } = this.#parts
    return encodeNotification({
      kind: 'notification',
      messageId: random.uuid(),
      publisherId,
      eventType,
      priority: priority.toUpperCase(),
      payload: serializer.serializeEntity(ctx, payload),
      timestamp: formatTimestamp(clock.now()),
      uniqueId: newId(random),
      context: withoutSecrets(serializer.serializeContext(ctx)),
    })
  }

  async #send(routingKey: string, body: string): Promise<void> {
    const { driver, controlExchange: exchange, log } = this.#parts
    try {
      await driver.publish({
        destination: { kind: 'notification', exchange, routingKey },
        body,
        mandatory: false,
        retry: this.#options.retry ?? -1,
      })
    } catch (err) {
      log.error(`a notification could not be sent to ${routingKey}`, { err })
    }
  }

  /** The whole message as JSON; the logger masks secrets. @see `notify/_impl_log.py` */
  #logIt(priority: NotificationPriority, eventType: string, message: JsonObject): void {
    const log = this.#parts.log.child(`notification.${eventType}`)
    const withoutContext = Object.fromEntries(Object.entries(message).filter(([key]) => !key.startsWith('_')))
    log[logMethods[priority]](formatJson(withoutContext))
  }
}

const logMethods = {
  audit: 'info',
  debug: 'debug',
  info: 'info',
  warn: 'warning',
  error: 'error',
  critical: 'critical',
  sample: 'info',
} as const satisfies Record<NotificationPriority, keyof Logger>

/** Python's `str(datetime.utcnow())`: microseconds, of which our clock knows the thousands. */
function formatTimestamp(nowMs: number): string {
  return `${new Date(nowMs).toISOString().slice(0, -1).replace('T', ' ')}000`
}
