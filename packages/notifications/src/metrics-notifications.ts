import type { Logger } from '@micronova/log'
import {
  EventType,
  MetricPayload,
  MetricsNotification,
  MetricsPayload,
  MonitorMetric,
  NotificationPublisher,
  populatePayload,
  type RequestContext,
} from '@micronova/model'
import type { NotificationEmitter } from './emitter.js'

/** A measurement as the record of a compute node holds it: shares are between 0 and 1 in hundredths. */
export interface ToldMetric {
  /** `cpu.percent`, `cpu.user.time` ... */
  readonly name: string
  /** UTC, `2026-11-22T12:06:05.693000`. */
  readonly timestamp: string
  readonly source: string
  readonly value: number
}

export interface MetricsNotificationsDeps {
  readonly emitter: NotificationEmitter
  readonly log: Logger
}

/** `compute.metrics.update` and `metrics.update`: what a compute has measured of its host. Never rejects. */
export class MetricsNotifications {
  readonly #deps: MetricsNotificationsDeps
  readonly #host: string
  readonly #hostIp: string

  /** @param hostIp `[DEFAULT] my_ip` */
  constructor(deps: MetricsNotificationsDeps, { host, hostIp }: { readonly host: string; readonly hostIp: string }) {
    this.#deps = deps
    this.#host = host
    this.#hostIp = hostIp
  }

  /** Nothing is told of a node of which nothing was measured. */
  async measured(ctx: RequestContext, nodename: string, metrics: readonly ToldMetric[]): Promise<void> {
    const { emitter, log } = this.#deps
    if (metrics.length === 0) return
    const place = { nodename, host: this.#host, host_ip: this.#hostIp }
    try {
      const plain = metrics.map((metric) => ({ ...metric }))
      await emitter.emitLegacy(ctx, 'info', `compute.${nodename}`, 'compute.metrics.update', { ...place, metrics: plain })
      if (!emitter.sendsVersioned) return
      const notification = new MetricsNotification({
        priority: 'info',
        event_type: new EventType({ object: 'metrics', action: 'update', phase: null }),
        publisher: new NotificationPublisher({ host: this.#host, source: 'nova-compute' }),
        payload: new MetricsPayload({ ...place, metrics: metrics.map(metricPayload) }),
      })
      await emitter.emit(ctx, notification)
    } catch (err) {
      log.warning(`The metrics of the node ${nodename} could not be told`, { err })
    }
  }
}

/** Objects hold a share as whole hundredths. */
function metricPayload({ name, timestamp, source, value }: ToldMetric): MetricPayload {
  const payload = new MetricPayload({})
  const metric = new MonitorMetric({
    name: name as NonNullable<MonitorMetric['name']>,
    timestamp: new Date(`${timestamp}Z`),
    source,
    value: name.endsWith('percent') ? Math.round(value * 100) : value,
  })
  populatePayload(payload, { monitor_metric: metric })
  return payload
}
