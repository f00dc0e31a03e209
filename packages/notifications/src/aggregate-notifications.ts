import type { Logger } from '@micronova/log'
import {
  type Aggregate,
  AggregateCacheNotification,
  AggregateCachePayload,
  AggregateNotification,
  AggregatePayload,
  EventType,
  NotificationPublisher,
  populatePayload,
  type RequestContext,
} from '@micronova/model'
import type { NotificationEmitter, VersionedNotification } from './emitter.js'

export interface AggregateNotificationsDeps {
  readonly emitter: NotificationEmitter
  readonly log: Logger
}

/** How far a host, and with it the caching of images in an aggregate, is. */
export interface CachingProgress {
  readonly host: string
  /** `cached`, `existing`, `error`, `unsupported` or `skipped`, by image. */
  readonly results: Readonly<Record<string, string>>
  /** Hosts that are done, this one included. */
  readonly index: number
  readonly total: number
}

/** `aggregate.cache_images.<start, progress, end>`, told by the conductor that has images cached. Only in the versioned form. Never rejects. */
export class AggregateNotifications {
  readonly #deps: AggregateNotificationsDeps
  readonly #host: string

  constructor(deps: AggregateNotificationsDeps, { host }: { readonly host: string }) {
    this.#deps = deps
    this.#host = host
  }

  /** In the name of nova-api, as upstream has it. */
  caching(ctx: RequestContext, aggregate: Aggregate, phase: 'start' | 'end'): Promise<void> {
    return this.#tell(ctx, () => {
      const payload = new AggregatePayload({})
      populatePayload(payload, { aggregate })
      return new AggregateNotification({ ...this.#head('nova-api', phase), payload })
    })
  }

  progress(ctx: RequestContext, aggregate: Aggregate, { host, results, index, total }: CachingProgress): Promise<void> {
    return this.#tell(ctx, () => {
      const isThere = (image: string) => ['cached', 'existing'].includes(results[image] ?? '')
      const images = Object.keys(results)
      const payload = new AggregateCachePayload({
        host,
        index,
        total,
        images_cached: images.filter(isThere),
        images_failed: images.filter((image) => !isThere(image)),
      })
      populatePayload(payload, { aggregate })
      return new AggregateCacheNotification({ ...this.#head('nova-conductor', 'progress'), payload })
    })
  }

  #head(source: 'nova-api' | 'nova-conductor', phase: 'start' | 'progress' | 'end') {
    return {
      priority: 'info' as const,
      event_type: new EventType({ object: 'aggregate', action: 'cache_images', phase }),
      publisher: new NotificationPublisher({ host: this.#host, source }),
    }
  }

  async #tell(ctx: RequestContext, make: () => VersionedNotification): Promise<void> {
    const { emitter, log } = this.#deps
    if (!emitter.sendsVersioned) return
    try {
      await emitter.emit(ctx, make())
    } catch (err) {
      log.warning('A notification could not be made', { err })
    }
  }
}
