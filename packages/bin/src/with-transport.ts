import { stopAll } from '@micronova/lifecycle'
import type { Transport } from '@micronova/messaging'
import type { Servable } from '@micronova/service'

/** `service`, closing also what it was given: the transport, and then whatever else was opened for it, whatever of them fails. */
export function withTransport(service: Servable, transport: Transport, ...closers: readonly (() => Promise<void>)[]): Servable {
  return {
    get state() {
      return service.state
    },
    start: (signal) => service.start(signal),
    reset: (signal) => service.reset(signal),
    stop: (deadline) => stopAll([...closers.map((close) => ({ stop: close })), transport, service], deadline),
  }
}
