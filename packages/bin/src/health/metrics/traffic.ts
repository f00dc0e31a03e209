import type { EndedRequest, RestObserver } from '@micronova/clients'
import type { EndedCall, HandledRequest, RpcObserver } from '@micronova/messaging'
import { Counter, Histogram, type Registry } from 'prom-client'

/** Few, as there is one row of them for each method: from a read of a row to the end of `rpc_response_timeout`. */
const rpcBuckets = [0.005, 0.025, 0.1, 0.5, 2.5, 10, 60]
const restBuckets = [0.01, 0.05, 0.25, 1, 5, 30]

/** Counts what goes over the wire as it happens. Labels are names of ours: what a peer may make up is `unknown`. */
export class Traffic implements RpcObserver, RestObserver {
  readonly #requests
  readonly #requestSeconds
  readonly #calls
  readonly #callSeconds
  readonly #rest
  readonly #restSeconds

  constructor(registry: Registry) {
    const registers = [registry]
    this.#requests = new Counter({
      name: 'micronova_rpc_requests_total',
      help: 'RPC requests that were worked on',
      labelNames: ['topic', 'method', 'outcome'],
      registers,
    })
    this.#requestSeconds = new Histogram({
      name: 'micronova_rpc_request_duration_seconds',
      help: 'How long RPC requests were worked on',
      labelNames: ['topic', 'method'],
      buckets: rpcBuckets,
      registers,
    })
    this.#calls = new Counter({
      name: 'micronova_rpc_calls_total',
      help: 'RPC calls of this service that have ended',
      labelNames: ['topic', 'method', 'outcome'],
      registers,
    })
    this.#callSeconds = new Histogram({
      name: 'micronova_rpc_call_duration_seconds',
      help: 'How long this service waited for the replies to its RPC calls',
      labelNames: ['topic', 'method'],
      buckets: rpcBuckets,
      registers,
    })
    this.#rest = new Counter({
      name: 'micronova_rest_requests_total',
      help: 'Requests to other services over HTTP, each attempt by itself',
      labelNames: ['service', 'method', 'status'],
      registers,
    })
    this.#restSeconds = new Histogram({
      name: 'micronova_rest_request_duration_seconds',
      help: 'How long other services took to begin their answers',
      labelNames: ['service', 'method'],
      buckets: restBuckets,
      registers,
    })
  }

  handled({ topic, method, outcome, durationMs }: HandledRequest): void {
    const known = method ?? 'unknown'
    this.#requests.inc({ topic, method: known, outcome })
    this.#requestSeconds.observe({ topic, method: known }, durationMs / 1000)
  }

  called({ topic, method, outcome, durationMs }: EndedCall): void {
    this.#calls.inc({ topic, method, outcome })
    this.#callSeconds.observe({ topic, method }, durationMs / 1000)
  }

  requested({ service, method, status, durationMs }: EndedRequest): void {
    this.#rest.inc({ service, method, status: status === null ? 'none' : String(status) })
    this.#restSeconds.observe({ service, method }, durationMs / 1000)
  }
}
