import { stopAll } from '@micronova/lifecycle'
import type { Transport } from '@micronova/messaging'
import type { Servable } from '@micronova/service'

/**
 * How long a connection may be neither there nor tried, apart from the waits between tries. A handshake may take 10 s; a broker that is
 * busy may take its time to declare queues.
 */
const stalledLimitMs = 120_000

/** `service`, closing also what it was given: the transport, and then whatever else was opened for it, whatever of them fails. */
export function withTransport(service: Servable, transport: Transport, ...closers: readonly (() => Promise<void>)[]): Servable {
  return {
    get state() {
      return service.state
    },
    start: (signal) => service.start(signal),
    reset: (signal) => service.reset(signal),
    examine() {
      const stalledMs = transport.stalledMs()
      if (stalledMs > stalledLimitMs) return `no connection to the broker has been tried for ${Math.round(stalledMs / 1000)} s`
      return service.examine?.() ?? null
    },
    stop: (deadline) => stopAll([...closers.map((close) => ({ stop: close })), transport, service], deadline),
  }
}
