import type { NotifierOptions } from '@micronova/messaging'
import { contextFromDict, type RequestContext } from '@micronova/model'
import { type EmitterOptions, NotificationEmitter } from '../../src/index.js'

export interface Told {
  readonly key: string
  readonly publisher: string
  readonly event: string
  readonly payload: Record<string, unknown>
}

const serializer = {
  serializeEntity: (_: unknown, value: unknown) => value,
  deserializeEntity: (_: unknown, value: unknown) => value,
  serializeContext: () => ({}),
  deserializeContext: () => contextFromDict({}),
} as unknown as NotifierOptions<RequestContext>['serializer']

/** Both forms, unless the options say otherwise; what is sent is in `told`, once for each topic. */
export function recordingEmitter(options: Partial<EmitterOptions> = {}) {
  const told: Told[] = []
  const notifier = ({ publisherId, topics }: { publisherId: string; topics: readonly string[] }) => ({
    notify: async (_: unknown, priority: string, event: string, payload: unknown) => {
      for (const topic of topics)
        told.push({ key: `${topic}.${priority}`, publisher: publisherId, event, payload: payload as Told['payload'] })
    },
  })
  const transport = { notifier } as unknown as ConstructorParameters<typeof NotificationEmitter>[0]['transport']
  const emitter = new NotificationEmitter(
    { transport, serializer },
    { drivers: ['messagingv2'], topics: ['notifications'], versionedTopics: ['versioned_notifications'], format: 'both', ...options },
  )
  return { emitter, told }
}
